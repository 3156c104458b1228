"""Choosing an offer and buying a pass for a time."""

from collections.abc import Sequence

from mesg.marketplace.domain.errors import NotFound
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import Ledger, TransactionReceipt

START_SLACK_S = 3_600
"""What is bought may begin this much later than it would now; a gift in between that is longer stops the purchase."""


def choose_offer(
    service: ServiceId,
    offers: Sequence[Offer],
    *,
    kind: OfferKind,
    index: int | None,
    now_unix_s: int,
) -> Offer:
    """Return the wanted offer, or the cheapest open one of its kind; raise NotFound or Expired."""
    if index is not None:
        for offer in offers:
            if offer.index == index and offer.terms.kind is kind:
                offer.check_open(now_unix_s=now_unix_s)
                return offer
        raise NotFound(
            f"{service} has no {kind.name.lower()} offer {index}",
            hint=f"see its offers with: mesg market show {service}",
        )
    is_open = [
        offer
        for offer in offers
        if offer.terms.kind is kind
        and not offer.disabled
        and not 0 < offer.terms.valid_until_unix_s < now_unix_s
    ]
    if not is_open:
        raise NotFound(f"{service} has no open {kind.name.lower()} offer")
    return min(is_open, key=lambda offer: (offer.terms.price, offer.index))


async def buy_pass(
    service: ServiceId,
    *,
    ledger: Ledger,
    beneficiary: AccountAddress,
    offer_index: int | None,
    max_price: TokenAmount,
    referrer: AccountAddress = NOBODY,
) -> tuple[Offer, Sequence[TransactionReceipt]]:
    """Buy or extend a pass; return the offer and the transactions.

    Raise PriceAboveMax before anything is sent if the offer costs more than agreed.
    """
    await ledger.service(service)
    now = await ledger.now_unix_s()
    held = await ledger.held_pass(service, beneficiary)
    offer = choose_offer(
        service,
        await ledger.offers(service),
        kind=OfferKind.PASS,
        index=offer_index,
        now_unix_s=now,
    )
    offer.check_price(max_price)
    receipts = await ledger.buy_pass(
        offer,
        beneficiary=beneficiary,
        max_price=max_price,
        referrer=referrer,
        starts_by_unix_s=max(now, held.expires_at_unix_s) + START_SLACK_S,
    )
    return offer, receipts


def extended_until(expires_at_unix_s: int, terms: OfferTerms, *, now_unix_s: int) -> int:
    """Return when a pass ends that is bought or extended now."""
    return max(now_unix_s, expires_at_unix_s) + terms.duration_s
