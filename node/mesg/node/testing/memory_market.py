"""The market half of the counter's twin: listings, names and passes that change hands at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    NotFound,
    PriceAboveMax,
    TransactionReverted,
)
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import PlannedTransaction, TransactionReceipt
from mesg.node.doors import (
    DoneView,
    EarningsView,
    ListingView,
    PassView,
    ProviderView,
    ServiceEarnings,
)

ACCOUNT = AccountAddress(b"\x11" * 20)
OPERATOR = PeerId("12D3KooW" + "P" * 44)
NOW_UNIX_S = 1_790_000_000
NAME_FEE = TokenAmount.parse("1 MESG")
GAS, GAS_WEI = 50_000, 10**9


class MemoryMarket:
    """Everything on the market is ours, and every command works at once."""

    def __init__(self) -> None:
        """Begin with an empty market and 100 MESG."""
        self.tokens = TokenAmount.parse("100 MESG")
        self.vault = ZERO
        self.listings: dict[str, ListingView] = {}
        self.passes: dict[str, PassView] = {}
        self.seats: dict[tuple[str, int], AccountAddress | None] = {}
        self.planned: list[PlannedTransaction] | None = None
        """Of a rehearsal: what it would have sent."""
        self._block = 0

    async def search(self, text: str) -> Sequence[ListingView]:
        """Return the listings whose sid or description has the text."""
        return [view for view in self.listings.values() if text in view.sid + view.description]

    async def show(self, service: str) -> ListingView:
        """Return one listing."""
        if service not in self.listings:
            raise NotFound(f"{service} is not on the market", hint="mesg market search")
        return self.listings[service]

    async def publish_fee(self, service: str) -> TokenAmount:
        """Return the fee of a new name."""
        return ZERO if service in self.listings else NAME_FEE

    async def publish(self, service: str, *, max_fee: TokenAmount | None = None) -> DoneView:
        """Put a Service on the market."""
        fee = await self.publish_fee(service)
        if max_fee is not None and fee > max_fee:
            raise PriceAboveMax(f"the name {service} costs {fee} now, more than the {max_fee}")
        self._spend(fee)
        known = self.listings.get(service)
        versions = 1 if known is None else known.versions + 1
        self.listings[service] = ListingView(
            sid=service,
            owner=str(ACCOUNT),
            versions=versions,
            version=digest_of(f"{service} {versions}"),
            package=digest_of(f"{service} package"),
            offers=() if known is None else known.offers,
            providers=(
                ProviderView(OPERATOR, str(ACCOUNT), ZERO, ("/ip4/127.0.0.1/tcp/1",), True, 0),
            ),
        )
        return self._done("publish", sid=service, **({"fee": str(fee)} if fee else {}))

    async def create_offer(self, service: str, terms: OfferTerms) -> DoneView:
        """Add an offer."""
        view = await self.show(service)
        offer = Offer(ServiceId(service), len(view.offers), terms)
        self.listings[service] = replace(view, offers=(*view.offers, offer))
        return self._done("create_offer", offer=str(offer.index))

    async def disable_offer(self, service: str, offer_index: int) -> DoneView:
        """Close an offer."""
        view = await self.show(service)
        if offer_index >= len(view.offers):
            raise NotFound(f"{service} has no offer {offer_index}")
        offers = list(view.offers)
        offers[offer_index] = replace(offers[offer_index], disabled=True)
        self.listings[service] = replace(view, offers=tuple(offers))
        return self._done("disable", offer=str(offer_index))

    async def transfer_service(self, service: str, to: AccountAddress) -> DoneView:
        """Give a Service away."""
        self.listings[service] = replace(await self.show(service), owner=str(to))
        return self._done("transfer", sid=service, to=str(to), uncollected=str(ZERO))

    async def buy(
        self,
        service: str,
        *,
        offer_index: int | None,
        max_price: TokenAmount,
        beneficiary: AccountAddress | None = None,
        referrer: AccountAddress = NOBODY,
    ) -> DoneView:
        """Buy a pass with our tokens."""
        view = await self.show(service)
        passes = [offer for offer in view.offers if offer.terms.kind is OfferKind.PASS]
        chosen = [one for one in passes if offer_index is None or one.index == offer_index]
        if not chosen:
            raise NotFound(f"{service} has no such pass")
        offer = min(chosen, key=lambda one: one.terms.price)
        offer.check_price(max_price)
        self._spend(offer.terms.price)
        expiry = NOW_UNIX_S + offer.terms.duration_s
        facts = {"price": str(offer.terms.price), "expires_at": str(expiry)}
        facts |= {"referrer": str(referrer)} if referrer != NOBODY else {}
        if beneficiary is not None:
            return self._done("buy", **facts, **{"for": str(beneficiary)})
        self.listings[service] = replace(view, pass_expires_at_unix_s=expiry)
        self.passes[service] = PassView(
            service, str(ACCOUNT), offer.index, expiry, True, ZERO, offer.terms.price
        )
        return self._done("buy", **facts, offer=str(offer.index))

    async def pass_of(self, service: str, account: AccountAddress | None) -> PassView:
        """Return our pass; nobody else has one."""
        none = PassView(service, str(account or ACCOUNT), 0, 0, False, ZERO, ZERO)
        return none if account not in (None, ACCOUNT) else self.passes.get(service, none)

    async def cancel_pass(self, service: str) -> DoneView:
        """End our pass."""
        if service not in self.passes:
            number = ServiceId(service).number
            raise TransactionReverted(
                f"cancel_pass: PassUnknown(serviceId={number}, account={ACCOUNT})"
            )
        refund = self.passes.pop(service).refundable
        self.vault += refund
        return self._done("cancel_pass", sid=service, refunded=str(refund))

    async def give_seat(
        self, service: str, *, number: int, account: AccountAddress | None
    ) -> DoneView:
        """Give a seat."""
        self.seats[service, number] = account
        return self._done("seat", sid=service, seat=str(number))

    async def take_seat(self, service: str, *, holder: AccountAddress, number: int) -> DoneView:
        """Sit on a seat."""
        return self._done("take_seat", sid=service, seat=str(number), holder=str(holder))

    async def leave_seat(self, service: str) -> DoneView:
        """Leave a seat."""
        return self._done("leave_seat", sid=service)

    async def earnings(self, service: str | None) -> EarningsView:
        """Return what our Services earned: nothing yet."""
        names = self.listings if service is None else [(await self.show(service)).sid]
        return EarningsView(
            tuple(ServiceEarnings(sid, ZERO, ZERO, ZERO, 0) for sid in names), ZERO, ZERO
        )

    async def settle(self, service: str | None = None) -> DoneView:
        """Settle what passes earned."""
        return self._done("settle_passes", settled=str(ZERO), passes=service or "0")

    def _spend(self, amount: TokenAmount) -> None:
        if amount > self.tokens:
            raise InsufficientFunds(f"{amount} needed, {self.tokens} there")
        self.tokens -= amount

    def _done(self, action: str, **facts: str) -> DoneView:
        if self.planned is not None:
            arguments = tuple(facts.items())
            plan = PlannedTransaction(
                action, "MesgPay", ACCOUNT, action, arguments, GAS, GAS * GAS_WEI
            )
            self.planned.append(plan)
            return DoneView((), facts, planned=tuple(self.planned))
        self._block += 1
        transaction = digest_of(f"{action} {self._block}")
        return DoneView((TransactionReceipt(transaction, self._block, GAS, action),), facts)


def digest_of(text: str) -> Digest:
    """Return a hash that stands for something."""
    return Digest(hashlib.sha256(text.encode()).digest())
