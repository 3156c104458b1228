"""Owners publish versions and offers, good ones and nonsense, and end them."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.model.chain import Refused
from tests.contracts.model.names import HOUR_S
from tests.contracts.model.offers import (
    CENTURY_S,
    DAY_S,
    METERED,
    PASS,
    Terms,
    check_terms,
)

from mesg.marketplace.chain.values import terms_from
from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import AccountAddress

OFFERS_MAX = 14
MONEY_MAX = 2**128 - 1
GOOD = (
    Terms(METERED, 0, close_delay=HOUR_S),
    Terms(METERED, MONEY_MAX, MONEY_MAX, 0, 30 * DAY_S, 0, 3_333, 3_334, 3_333, hosted_only=True),
    Terms(METERED, 11, 1, 0, DAY_S, 0, 10_000),
    Terms(PASS, 10**15 + 3, duration=97, treasury_bps=9_999, referrer_bps=1, seats=2),
    Terms(PASS, MONEY_MAX, duration=CENTURY_S, seats=1_000, hosted_only=True),
    Terms(PASS, 1, duration=1, treasury_bps=5_000, seats=1),
)
FLAWS: tuple[dict[str, int], ...] = (
    {"kind": 2},
    {"kind": 255},
    {"duration": 0},
    {"duration": 1},
    {"duration": CENTURY_S + 1},
    {"close_delay": 0},
    {"close_delay": HOUR_S - 1},
    {"close_delay": 30 * DAY_S + 1},
    {"price_per_event": 1},
    {"author_bps": 1},
    {"author_bps": 10_001},
    {"treasury_bps": 10_000, "referrer_bps": 1},
    {"seats": 0},
    {"seats": 1},
    {"seats": 1_001},
)
terms_of_offers = st.builds(
    lambda terms, flaw: terms._replace(**flaw),
    st.sampled_from(GOOD),
    st.sampled_from(({},) * len(FLAWS) + FLAWS),
)


class OfferRules(MarketMachine):
    """What is for sale changes."""

    @rule(
        number=choices.numbers,
        owned=choices.mostly,
        person=choices.people,
        manifest=choices.numbers,
    )
    def publish_a_version(
        self, number: int, owned: bool, person: AccountAddress, manifest: int
    ) -> None:
        service, sender = self._service(number, person, owned=owned)
        digest = bytes((manifest % 4,)) * 32
        uri = "u" * (513 if manifest > 90 else manifest)
        self.registry(
            sender,
            "publishVersion",
            service,
            digest,
            b"p" * 32,
            uri,
            model=lambda: self.world.offers.publish(sender, service, digest, b"p" * 32, uri),
        )

    @rule(
        number=choices.numbers,
        owned=choices.mostly,
        person=choices.people,
        terms=terms_of_offers,
        until=st.sampled_from((None, None, -1, 0, 1, HOUR_S)),
    )
    def make_an_offer(
        self, number: int, owned: bool, person: AccountAddress, terms: Terms, until: int | None
    ) -> None:
        service, sender = self._service(number, person, owned=owned)
        if self.world.offers.count(service) > OFFERS_MAX:
            return
        assert self._node_takes(terms) is self._model_takes(terms)
        terms = terms._replace(valid_until=0 if until is None else self.now + until)
        self.registry(
            sender,
            "createOffer",
            service,
            terms,
            model=lambda: self.world.offers.create(sender, service, terms),
        )

    @rule(
        number=choices.numbers, owned=choices.mostly, person=choices.people, known=choices.mostly
    )
    def end_an_offer(self, number: int, owned: bool, person: AccountAddress, known: bool) -> None:
        service, sender = self._service(number, person, owned=owned)
        count = self.world.offers.count(service)
        index = number % count if known and count else count
        self.registry(
            sender,
            "disableOffer",
            service,
            index,
            model=lambda: self.world.offers.disable(sender, service, index),
        )

    def _service(
        self, number: int, person: AccountAddress, *, owned: bool
    ) -> tuple[int, AccountAddress]:
        service = self.service(number)
        return service, self.world.names.owners.get(service, person) if owned else person

    def _node_takes(self, terms: Terms) -> bool:
        """Tell whether the node's own values accept the terms: they must refuse what the contract does."""
        try:
            terms_from(terms)
        except (InvalidInput, ValueError):
            return False
        return True

    def _model_takes(self, terms: Terms) -> bool:
        try:
            check_terms(terms, now_unix_s=self.now)
        except Refused:
            return False
        return True
