"""Passes: bought, extended, followed by others, settled, cancelled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from tests.contracts.model.accounts import Accounts
from tests.contracts.model.chain import Part, refuse
from tests.contracts.model.offers import CENTURY_S, PASS, Offers, Published
from tests.contracts.model.shares import divided
from tests.contracts.model.terms import Purchases, Term

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.domain.identity import NOBODY, AccountAddress


@dataclass
class Passes(Part):
    """Who may use which Service until when, and what that earned."""

    state: ClassVar = ("running", "finished")
    accounts: Accounts
    offers: Offers
    running: dict[tuple[int, AccountAddress], Purchases] = field(default_factory=dict)
    finished: Counter[AccountAddress | int] = field(default_factory=Counter)
    """Income of passes that are over, and all that was earned on the day of a purchase."""

    @property
    def now(self) -> int:
        return self.accounts.chain.now_unix_s

    def buy(
        self,
        sender: AccountAddress,
        service: int,
        index: int,
        digest: bytes,
        beneficiary: AccountAddress,
        max_price: int,
        referrer: AccountAddress,
        *,
        starts_by: int,
        from_vault: bool,
    ) -> tuple[int]:
        if beneficiary == NOBODY:
            refuse("AddressZero")
        offer = self._offer(service, index, digest, max_price)
        self._settle_what_is_over(service, beneficiary)
        self._extend(sender, service, beneficiary, index, offer, starts_by=starts_by)
        price = offer.terms.price
        self.finished[service if referrer == NOBODY else referrer] += _upfront(offer)
        (self.accounts.spend_vault if from_vault else self.accounts.pull)(sender, price)
        expiry = self.running[service, beneficiary].end
        self.accounts.chain.emit(
            PAY,
            "PassBought",
            serviceId=service,
            beneficiary=beneficiary,
            buyer=sender,
            offerIndex=index,
            price=price,
            expiry=expiry,
            referrer=referrer,
        )
        return (expiry,)

    def settle(self, service: int, holders: Sequence[AccountAddress]) -> tuple[int]:
        return (sum(self._settle(service, holder) for holder in holders),)

    def cancel(self, sender: AccountAddress, service: int) -> tuple[int]:
        if self.expiry(service, sender) <= self.now:
            refuse("PassUnknown", serviceId=service, account=sender)
        self._settle(service, sender)
        refunded = sum(self.running[service, sender].held(self.now))
        self._finish(service, sender)
        self.accounts.credit_vault(sender, refunded)
        self.accounts.chain.emit(
            PAY, "PassCancelled", serviceId=service, account=sender, refunded=refunded
        )
        return (refunded,)

    def expiry(self, service: int, holder: AccountAddress) -> int:
        purchases = self.running.get((service, holder))
        return purchases.end if purchases else 0

    def value(self, service: int, holder: AccountAddress) -> tuple[int, int]:
        """Return what settling would credit, and what cancelling would pay back."""
        purchases = self.running.get((service, holder))
        if purchases is None:
            return 0, 0
        rest = sum(purchases.held(self.now))
        return sum(purchases.held(purchases.settled_to)) - rest, rest

    def stored(self, service: int, holder: AccountAddress) -> tuple[int, int, int, int, int]:
        """Return what `passOf` answers: the terms that are not settled to their end, and the next."""
        purchases = self.running.get((service, holder))
        if purchases is None:
            return 0, 0, 0, 0, 0
        open_terms = purchases.left(purchases.settled_to) or purchases.terms()[-1:]
        first, *others = open_terms
        second = (others[0].end, others[0].offer) if others else (0, 0)
        return purchases.settled_to, first.end, first.offer, *second

    def terms_left(self, service: int, holder: AccountAddress) -> list[Term]:
        purchases = self.running.get((service, holder))
        return purchases.left(self.now) if purchases else []

    def held(self) -> int:
        """Return all that is paid and not credited yet."""
        return sum(sum(each.held(each.settled_to)) for each in self.running.values())

    def income(self) -> Counter[AccountAddress | int]:
        total = Counter(self.finished)
        for (service, _), purchases in self.running.items():
            earned = purchases.earned()
            total[service] += earned.author
            total[self.accounts.treasury] += earned.treasury
        return total

    def _offer(self, service: int, index: int, digest: bytes, max_price: int) -> Published:
        offer = self.offers.live(service, index, kind=PASS)
        if digest != offer.digest:
            refuse("OfferHashMismatch", given=digest, registered=offer.digest)
        if offer.terms.price > max_price:
            refuse("PriceTooHigh", price=offer.terms.price, maxPrice=max_price)
        return offer

    def _settle_what_is_over(self, service: int, holder: AccountAddress) -> None:
        until = self.stored(service, holder)[1]
        if 0 < until <= self.now:
            self._settle(service, holder)
        if 0 < self.expiry(service, holder) <= self.now:
            self._finish(service, holder)

    def _extend(
        self,
        sender: AccountAddress,
        service: int,
        holder: AccountAddress,
        index: int,
        offer: Published,
        *,
        starts_by: int,
    ) -> None:
        left = self.terms_left(service, holder)
        if len(left) == 2 and left[1].offer != index:
            refuse(
                "PassTermsQueued", serviceId=service, account=holder, nextOfferIndex=left[1].offer
            )
        if len(left) == 1 and left[0].offer != index and sender != holder:
            refuse("GiftOfOtherTerms", serviceId=service, account=holder, offerIndex=index)
        begin = max(self.now, self.expiry(service, holder))
        if begin > starts_by:
            refuse("StartsTooLate", start=begin, startsBy=starts_by)
        new = _purchase(index, offer, begin)
        if new.end > self.now + CENTURY_S:
            refuse("PassTooLong", expiry=new.end, maximum=self.now + CENTURY_S)
        old = self.running.get((service, holder), Purchases((), self.now))
        self.running[service, holder] = replace(old, bought=(*old.bought, new))

    def _settle(self, service: int, holder: AccountAddress) -> int:
        purchases = self.running.get((service, holder))
        if purchases is None:
            return 0
        earned = self.value(service, holder)[0]
        settled = replace(purchases, settled_to=min(self.now, purchases.end))
        self.running[service, holder] = settled
        self.accounts.chain.emit(
            PAY,
            "PassSettled",
            serviceId=service,
            account=holder,
            settledTo=settled.settled_to,
            earned=earned,
        )
        return earned

    def _finish(self, service: int, holder: AccountAddress) -> None:
        """Keep what a pass has earned, and forget it."""
        earned = self.running.pop((service, holder)).earned()
        self.finished[service] += earned.author
        self.finished[self.accounts.treasury] += earned.treasury


def _purchase(index: int, offer: Published, begin: int) -> Term:
    parts = divided(
        offer.terms.price,
        author=0,
        treasury=offer.terms.treasury_bps,
        referrer=offer.terms.referrer_bps,
    )
    # Nobody operates a pass: the operator's part is the author's.
    return Term(index, begin, begin + offer.terms.duration, parts.operator, parts.treasury)


def _upfront(offer: Published) -> int:
    whole = _purchase(0, offer, 0)
    return offer.terms.price - whole.author - whole.treasury
