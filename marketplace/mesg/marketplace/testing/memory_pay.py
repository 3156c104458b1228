"""What `MesgPay` does, in memory, all of it: passes here; claims, channels and accounts below.

The stateful test holds this model and the contract to each other, call by call.
"""

from dataclasses import dataclass, field

from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.domain.offer import Offer, OfferKind
from mesg.marketplace.domain.shares import split
from mesg.marketplace.testing.memory_claims import MemoryClaims
from mesg.marketplace.testing.memory_token import reverted


@dataclass(slots=True)
class MemoryPay(MemoryClaims):
    """The money of the market."""

    passes: dict[tuple[int, AccountAddress], int] = field(default_factory=dict)

    def buy_pass(
        self,
        sender: AccountAddress,
        offer: Offer,
        *,
        beneficiary: AccountAddress,
        max_price: int,
        now_unix_s: int,
        from_vault: bool = False,
    ) -> int:
        """Buy or extend a pass; return when it ends."""
        number = offer.service.number
        live = self.registry.live_offer(number, offer.index, now_unix_s=now_unix_s)
        if live.terms.kind is not OfferKind.PASS:
            raise reverted("KindMismatch", kind=int(live.terms.kind), needed=0)
        if live.digest != offer.digest:
            raise reverted("OfferHashMismatch", given=offer.digest, registered=live.digest)
        price = live.terms.price.units
        if price > max_price:
            raise reverted("PriceTooHigh", price=price, maxPrice=max_price)
        if beneficiary == NOBODY:
            raise reverted("AddressZero")
        take = self.spend_vault if from_vault else self.pull
        take(sender, price)
        self._share_price(live)
        ends = max(self.passes.get((number, beneficiary), 0), now_unix_s) + live.terms.duration_s
        self.passes[number, beneficiary] = ends
        return ends

    def owed(self) -> int:
        """Return all that the contract owes to anybody: exactly the tokens it holds."""
        in_channels = sum(each.reserved - each.claimed for each in self.channels.values())
        accounts = (self.vaults, self.earned)
        in_accounts = sum(sum(account.values()) for account in accounts)
        return in_channels + in_accounts + sum(self.service_earned.values())

    def _share_price(self, offer: Offer) -> None:
        """Divide a pass's price: nobody operates it, so the author gets the rest."""
        terms = offer.terms
        shares = split(
            ZERO, terms.price, author_bps=0, treasury_bps=terms.treasury_bps, referrer_bps=0
        )
        self.credit(self.treasury, shares.treasury.units)
        self.credit_service(offer.service.number, shares.operator.units)
