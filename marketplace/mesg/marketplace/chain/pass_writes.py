"""What we change about passes: bought, settled, cancelled, their seats."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.chain.funding import fund
from mesg.marketplace.chain.writing import LedgerWrites
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import (
    TransactionReceipt,
)

TIME_UNIX_S_MAX = 2**40 - 1
"""The latest time that the contract can tell."""


@dataclass(slots=True)
class PassWrites(LedgerWrites):
    """Writes about passes."""

    async def buy_pass(
        self,
        offer: Offer,
        *,
        beneficiary: AccountAddress,
        max_price: TokenAmount,
        referrer: AccountAddress = NOBODY,
        starts_by_unix_s: int | None = None,
    ) -> Sequence[TransactionReceipt]:
        """Buy or extend a pass; from the vault if it holds the price, else approved and pulled."""
        vault, approvals = await fund(self.contracts, self.transactions, offer.terms.price)
        bought = await self._send(
            "buy_pass",
            PAY,
            "buyPassFromVault" if vault else "buyPass",
            (
                offer.service.number,
                offer.index,
                offer.digest,
                beneficiary.raw,
                TIME_UNIX_S_MAX if starts_by_unix_s is None else starts_by_unix_s,
                referrer.raw,
                max_price.units,
            ),
        )
        return (*approvals, bought)

    async def settle_passes(
        self, service: ServiceId, accounts: Sequence[AccountAddress]
    ) -> TransactionReceipt:
        """Credit what these accounts' passes have earned by now."""
        raw = [account.raw for account in accounts]
        return await self._send("settle_passes", PAY, "settlePasses", service.number, raw)

    async def cancel_pass(self, service: ServiceId) -> TransactionReceipt:
        """End our pass; what it has not earned goes to our vault."""
        return await self._send("cancel_pass", PAY, "cancelPass", service.number)

    async def give_seat(
        self, service: ServiceId, number: int, account: AccountAddress
    ) -> TransactionReceipt:
        """Give a seat of our pass (from 1) to an account; NOBODY empties it."""
        return await self._send("seat", PAY, "giveSeat", service.number, number, account.raw)

    async def take_seat(
        self, service: ServiceId, holder: AccountAddress, number: int
    ) -> TransactionReceipt:
        """Sit on a seat that the holder gave us, and on no other."""
        return await self._send("take_seat", PAY, "takeSeat", service.number, holder.raw, number)

    async def leave_seat(self, service: ServiceId) -> TransactionReceipt:
        """Leave the seat that somebody gave us."""
        return await self._send("leave_seat", PAY, "leaveSeat", service.number)
