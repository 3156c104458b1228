"""What `MesgPay` does with passes, in memory: bought, extended, earned with time, cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.domain.offer import PASS_S_MAX, Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.shares import split
from mesg.marketplace.testing.memory_claims import MemoryClaims
from mesg.marketplace.testing.memory_token import reverted


@dataclass(frozen=True, slots=True)
class PassSlot:
    """What the contract stores of a pass: the running terms, and those that follow."""

    settled_to: int = 0
    until: int = 0
    offer_index: int = 0
    next_until: int = 0
    next_offer_index: int = 0

    @property
    def expiry(self) -> int:
        """When it all ends."""
        return self.next_until or self.until


@dataclass(frozen=True, slots=True)
class PassOrder:
    """What a buyer of a pass agrees to."""

    offer: Offer
    beneficiary: AccountAddress
    max_price: int
    referrer: AccountAddress = NOBODY
    starts_by: int | None = None
    """Unix seconds; None agrees to any start."""


@dataclass(slots=True)
class MemoryPasses(MemoryClaims):
    """All passes, by Service and holder."""

    passes: dict[tuple[int, AccountAddress], PassSlot] = field(default_factory=dict)

    def buy_pass(
        self,
        sender: AccountAddress,
        order: PassOrder,
        *,
        now_unix_s: int,
        from_vault: bool = False,
    ) -> int:
        """Buy or extend a pass; return when it ends."""
        offer, beneficiary = order.offer, order.beneficiary
        if beneficiary == NOBODY:
            raise reverted("AddressZero")
        number = offer.service.number
        terms = self._pass_terms(offer, order.max_price, now_unix_s=now_unix_s)
        slot = self.passes.get((number, beneficiary), PassSlot())
        is_over = 0 < slot.until <= now_unix_s
        moved, *earned = self._moved_on(number, slot, now_unix_s) if is_over else (slot, 0, 0)
        is_own = sender == beneficiary
        extended = _extended(moved, offer, beneficiary, now_unix_s=now_unix_s, is_own=is_own)
        _check_times(moved, extended, order.starts_by, now_unix_s=now_unix_s)
        take = self.spend_vault if from_vault else self.pull
        take(sender, terms.price.units)
        self._credit_earned(number, *earned)
        self.passes[number, beneficiary] = extended
        self._credit_upfront(number, _parts(terms)[2], order.referrer)
        return extended.expiry

    def settle_passes(
        self, service_number: int, accounts: Sequence[AccountAddress], *, now_unix_s: int
    ) -> None:
        """Credit what these passes earned by now."""
        for account in accounts:
            slot = self.passes.get((service_number, account), PassSlot())
            if slot.until:
                moved, *earned = self._moved_on(service_number, slot, now_unix_s)
                self._credit_earned(service_number, *earned)
                self.passes[service_number, account] = moved

    def cancel_pass(self, sender: AccountAddress, service_number: int, *, now_unix_s: int) -> None:
        """End the sender's pass; what it has not earned goes to his vault."""
        slot = self.passes.get((service_number, sender), PassSlot())
        if slot.expiry <= now_unix_s:
            raise reverted("PassUnknown", serviceId=service_number, account=sender)
        moved, *earned = self._moved_on(service_number, slot, now_unix_s)
        self._credit_earned(service_number, *earned)
        refund = self._held(service_number, moved)
        del self.passes[service_number, sender]
        self.vaults[sender] = self.vaults.get(sender, 0) + refund

    def pass_value(
        self, service_number: int, account: AccountAddress, *, now_unix_s: int
    ) -> tuple[int, int]:
        """Return what settling would credit now, and what cancelling would pay back."""
        slot = self.passes.get((service_number, account), PassSlot())
        if not slot.until:
            return 0, 0
        moved, author, treasury = self._moved_on(service_number, slot, now_unix_s)
        return author + treasury, self._held(service_number, moved)

    def held_by_passes(self) -> int:
        """Return what all passes hold that nobody was credited yet."""
        return sum(self._held(number, slot) for (number, _), slot in self.passes.items())

    def _pass_terms(self, offer: Offer, max_price: int, *, now_unix_s: int) -> OfferTerms:
        number = offer.service.number
        live = self.registry.live_offer(number, offer.index, now_unix_s=now_unix_s)
        if live.terms.kind is not OfferKind.PASS:
            raise reverted("KindMismatch", kind=int(live.terms.kind), needed=0)
        if live.digest != offer.digest:
            raise reverted("OfferHashMismatch", given=offer.digest, registered=live.digest)
        if live.terms.price.units > max_price:
            raise reverted("PriceTooHigh", price=live.terms.price.units, maxPrice=max_price)
        return live.terms

    def _moved_on(self, number: int, slot: PassSlot, now_unix_s: int) -> tuple[PassSlot, int, int]:
        """Return the pass at this time, and what author and treasury earned on the way."""
        author, treasury = 0, 0
        while True:
            time = min(now_unix_s, slot.until)
            before = self._worth(number, slot.offer_index, slot.until - slot.settled_to)
            after = self._worth(number, slot.offer_index, slot.until - time)
            author += before[0] - after[0]
            treasury += before[1] - after[1]
            slot = replace(slot, settled_to=time)
            if not slot.next_until or now_unix_s < slot.until:
                return slot, author, treasury
            slot = PassSlot(slot.until, slot.next_until, slot.next_offer_index)

    def _held(self, number: int, slot: PassSlot) -> int:
        held = sum(self._worth(number, slot.offer_index, slot.until - slot.settled_to))
        if slot.next_until:
            held += sum(self._worth(number, slot.next_offer_index, slot.next_until - slot.until))
        return held

    def _worth(self, number: int, offer_index: int, seconds: int) -> tuple[int, int]:
        """Return what these seconds hold for author and treasury."""
        terms = self.registry.any_offer(number, offer_index).terms
        author, treasury, _ = _parts(terms)
        return author * seconds // terms.duration_s, treasury * seconds // terms.duration_s

    def _credit_earned(self, number: int, author: int, treasury: int) -> None:
        self.credit_service(number, author)
        self.credit(self.treasury, treasury)

    def _credit_upfront(self, number: int, units: int, referrer: AccountAddress) -> None:
        if referrer == NOBODY:
            self.credit_service(number, units)
        else:
            self.credit(referrer, units)


def _parts(terms: OfferTerms) -> tuple[int, int, int]:
    """Divide a pass's price: author, treasury, and the part that is earned at once."""
    shares = split(
        ZERO,
        terms.price,
        author_bps=0,
        treasury_bps=terms.treasury_bps,
        referrer_bps=terms.referrer_bps,
    )
    return shares.operator.units, shares.treasury.units, shares.referrer.units


def _extended(
    slot: PassSlot,
    offer: Offer,
    beneficiary: AccountAddress,
    *,
    now_unix_s: int,
    is_own: bool,
) -> PassSlot:
    """Add the offer's duration at the end, or refuse as the contract does."""
    number, index, duration_s = offer.service.number, offer.index, offer.terms.duration_s
    if slot.until <= now_unix_s:
        longer = PassSlot(now_unix_s, now_unix_s + duration_s, index)
    elif slot.next_until:
        if index != slot.next_offer_index:
            raise reverted(
                "PassTermsQueued",
                serviceId=number,
                account=beneficiary,
                nextOfferIndex=slot.next_offer_index,
            )
        longer = replace(slot, next_until=slot.next_until + duration_s)
    elif index == slot.offer_index:
        longer = replace(slot, until=slot.until + duration_s)
    elif not is_own:
        raise reverted("GiftOfOtherTerms", serviceId=number, account=beneficiary, offerIndex=index)
    else:
        longer = replace(slot, next_until=slot.until + duration_s, next_offer_index=index)
    return longer


def _check_times(
    before: PassSlot, after: PassSlot, starts_by: int | None, *, now_unix_s: int
) -> None:
    start = max(before.expiry, now_unix_s)
    if starts_by is not None and start > starts_by:
        raise reverted("StartsTooLate", start=start, startsBy=starts_by)
    if after.expiry > now_unix_s + PASS_S_MAX:
        raise reverted("PassTooLong", expiry=after.expiry, maximum=now_unix_s + PASS_S_MAX)
