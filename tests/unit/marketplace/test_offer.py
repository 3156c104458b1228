"""Offers: what the registry would refuse is refused here, with the price and the end that were agreed on."""

from dataclasses import replace
from typing import Any

import pytest

from mesg.marketplace.buying.passes import choose_offer
from mesg.marketplace.domain.errors import Expired, InvalidInput, NotFound, PriceAboveMax
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import (
    CLOSE_DELAY_S_MAX,
    CLOSE_DELAY_S_MIN,
    PASS_S_MAX,
    SEATS_MAX,
    Offer,
    OfferKind,
    OfferTerms,
)

ECHO = ServiceId("echo")
PASS = OfferTerms(OfferKind.PASS, TokenAmount(7), duration_s=86_400, seats=1)
METERED = OfferTerms(OfferKind.METERED, TokenAmount(7), close_delay_s=CLOSE_DELAY_S_MIN)
NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("terms", "changes"),
    [
        (PASS, {"duration_s": PASS_S_MAX}),
        (PASS, {"duration_s": 1, "treasury_bps": 10_000}),
        (PASS, {"seats": SEATS_MAX}),
        (METERED, {"close_delay_s": CLOSE_DELAY_S_MAX, "hosted_only": True}),
        (METERED, {"author_bps": 9_000, "treasury_bps": 500, "referrer_bps": 500}),
    ],
)
def test_terms_at_their_limits(terms: OfferTerms, changes: dict[str, Any]) -> None:
    limit = replace(terms, **changes)

    assert {name: getattr(limit, name) for name in changes} == changes


@pytest.mark.parametrize(
    ("terms", "changes"),
    [
        (PASS, {"duration_s": 0}),
        (PASS, {"duration_s": -1}),
        (PASS, {"duration_s": PASS_S_MAX + 1}),
        (PASS, {"close_delay_s": 3_600}),
        (PASS, {"author_bps": 1}),
        (PASS, {"seats": 0}),
        (PASS, {"seats": SEATS_MAX + 1}),
        (METERED, {"seats": 1}),
        (PASS, {"price_per_event": TokenAmount(1)}),
        (METERED, {"duration_s": 1}),
        (METERED, {"close_delay_s": 0}),
        (METERED, {"close_delay_s": CLOSE_DELAY_S_MIN - 1}),
        (METERED, {"close_delay_s": CLOSE_DELAY_S_MAX + 1}),
        (METERED, {"author_bps": 10_001}),
        (METERED, {"author_bps": 9_999, "treasury_bps": 1, "referrer_bps": 1}),
        (METERED, {"author_bps": -1}),
    ],
)
def test_terms_that_the_registry_would_refuse(terms: OfferTerms, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(terms, **changes)


def test_every_word_of_the_terms_changes_the_hash() -> None:
    changes: list[dict[str, Any]] = [
        {"price": TokenAmount(8)},
        {"price_per_event": TokenAmount(1)},
        {"close_delay_s": CLOSE_DELAY_S_MIN + 1},
        {"valid_until_unix_s": 1},
        {"author_bps": 1},
        {"treasury_bps": 1},
        {"referrer_bps": 1},
        {"hosted_only": True},
    ]
    offers = [Offer(ECHO, 0, METERED), Offer(ECHO, 1, METERED), Offer(ECHO, 0, PASS)]
    offers += [Offer(ServiceId("other"), 0, METERED)]
    offers += [Offer(ECHO, 0, replace(METERED, **change)) for change in changes]

    assert len({offer.digest for offer in offers}) == len(offers)
    assert replace(offers[0], disabled=True).digest == offers[0].digest


def test_an_offer_is_open_to_its_last_second() -> None:
    ending = Offer(ECHO, 0, replace(PASS, valid_until_unix_s=NOW))

    Offer(ECHO, 0, PASS).check_open(now_unix_s=NOW)
    ending.check_open(now_unix_s=NOW)
    with pytest.raises(Expired, match="offer 0 of echo has ended"):
        ending.check_open(now_unix_s=NOW + 1)
    with pytest.raises(Expired, match="offer 0 of echo is disabled"):
        replace(ending, disabled=True).check_open(now_unix_s=NOW)


def test_a_price_above_the_cap_is_refused() -> None:
    offer = Offer(ECHO, 0, PASS)

    offer.check_price(None)
    offer.check_price(TokenAmount(7))
    with pytest.raises(PriceAboveMax):
        offer.check_price(TokenAmount(6))


def choose(offers: list[Offer], index: int | None = None) -> Offer:
    return choose_offer(ECHO, offers, kind=OfferKind.PASS, index=index, now_unix_s=NOW)


def test_the_cheapest_open_offer_of_the_kind_is_chosen_the_oldest_of_equals() -> None:
    offers = [
        Offer(ECHO, 0, replace(PASS, price=TokenAmount(1)), disabled=True),
        Offer(ECHO, 1, replace(PASS, price=TokenAmount(1), valid_until_unix_s=NOW - 1)),
        Offer(ECHO, 2, replace(METERED, price=TokenAmount(1))),
        Offer(ECHO, 3, PASS),
        Offer(ECHO, 4, replace(PASS, price=TokenAmount(5))),
        Offer(ECHO, 5, replace(PASS, price=TokenAmount(5))),
    ]

    assert choose(offers) == offers[4]
    assert choose(offers, 3) == offers[3]
    for index in (0, 1):
        with pytest.raises(Expired):
            choose(offers, index)
    for index in (2, 9):
        with pytest.raises(NotFound, match=f"echo has no pass offer {index}"):
            choose(offers, index)
    with pytest.raises(NotFound, match="echo has no open pass offer"):
        choose(offers[:3])
