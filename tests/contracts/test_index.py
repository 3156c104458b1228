"""An index that sees only events knows what the contracts know, whatever is done to them in whatever order."""

from dataclasses import astuple
from functools import partial
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from tests.contracts.index import Index
from tests.contracts.indexed import DECODERS, HANDLERS, Log
from tests.contracts.machine.claim_rules import ClaimRules
from tests.contracts.machine.close_rules import CloseRules
from tests.contracts.machine.market import ALICE, PEOPLE, TREASURY, WEATHER, prepare
from tests.contracts.machine.name_rules import NameRules
from tests.contracts.machine.offer_rules import OfferRules
from tests.contracts.machine.permit_rules import PermitRules
from tests.contracts.machine.seat_rules import SeatRules
from tests.contracts.machine.tally import Tally
from tests.contracts.machine.time_rules import TimeRules
from tests.contracts.machine.wallet_rules import WalletRules
from tests.contracts.model.chain import Outcome

from mesg.marketplace.chain.values import terms_from
from mesg.marketplace.domain.identity import NOBODY, AccountAddress

pytestmark = pytest.mark.chain

PROFILE = settings(
    max_examples=9,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ROUNDS = range(5)


class IndexedMarket(
    WalletRules,
    NameRules,
    OfferRules,
    PermitRules,
    CloseRules,
    ClaimRules,
    SeatRules,
    TimeRules,
):
    """Everything that can be done, with an index that reads along from a known state on."""

    seen: ClassVar[set[tuple[str, str]]] = set()

    def __init__(self) -> None:
        super().__init__()
        names, offers = self.world.names, self.world.offers
        self.index = Index(self.market.addresses.pay, TREASURY, owners=dict(names.owners))
        self.index.last_fee = (names.last_fee, names.last_sale_unix_s)
        for place, offer in offers.offers.items():
            self.index.offers[place] = terms_from(offer.terms)
        self.index.versions.update(
            {service: len(manifests) for service, manifests in offers.manifests.items()}
        )

    def _on_chain(
        self, sender: AccountAddress, contract: str, name: str, *arguments: object
    ) -> Outcome:
        outcome = super()._on_chain(sender, contract, name, *arguments)
        if outcome.refusal is None:
            logs = self._logs()
            self.index.read(logs, now_unix_s=self.now, block=self.world.chain.block)
            self.seen.update(told(logs))
        return outcome

    def buy(self, holder: AccountAddress, service: int, index: int) -> None:
        """Buy a pass, or let its terms follow."""
        self._buy_right(holder, service, index, holder, NOBODY)

    def settle(self, holder: AccountAddress, service: int) -> None:
        """Credit what a pass earned by now."""
        passes = self.world.passes
        model = partial(passes.settle, service, [holder])
        self.pay(holder, "settlePasses", service, [holder.raw], model=model)

    def _logs(self) -> list[Log]:
        names = {place: name for name, place in self.revm.places.items()}
        logs = self.revm.logs()
        return [(names[place], topics, data) for place, topics, data in logs if place in names]

    @invariant()
    def money_is_indexed(self) -> None:
        accounts, earned = self.world.accounts, self.world.accounts.earned()
        for person in PEOPLE:
            assert self.index.vaults[person] == accounts.vault_of(person), person
            assert self.index.earned[person] == earned[person], person
        for service in self.world.names.owners:
            assert self.index.earned[service] == earned[service]

    @invariant()
    def channels_are_indexed(self) -> None:
        channels = self.world.channels.channels
        assert self.index.channels.keys() == channels.keys()
        for channel_id, channel in channels.items():
            found = self.index.channels[channel_id]
            assert (found.phase, found.reserved) == (channel.phase, channel.reserved)
            assert found.closes_at == channel.closes_at_unix_s
            assert +found.lanes == dict(channel.lanes)

    @invariant()
    def passes_and_seats_are_indexed(self) -> None:
        for service in self.world.names.owners:
            for person in PEOPLE:
                found = self.index.passes.get((service, person))
                stored = self.world.passes.stored(service, person)
                assert (astuple(found) if found else (0,) * 5) == tuple(stored)
                seat = self.world.seats.seats.get((service, person), (NOBODY, 0))
                assert self.index.seats.get((service, person), (NOBODY, 0)) == tuple(seat)
        given = {place: who for place, who in self.world.seats.given.items() if who != NOBODY}
        told = {place: who for place, who in self.index.occupants.items() if who != NOBODY}
        assert told == given

    @invariant()
    def the_registry_is_indexed(self) -> None:
        names, offers = self.world.names, self.world.offers
        assert self.index.owners == names.owners
        assert self.index.last_fee == (names.last_fee, names.last_sale_unix_s)
        for commitment, block in names.promised.items():
            assert block in (0, self.index.committed.get(commitment))
        published = {place: terms_from(offer.terms) for place, offer in offers.offers.items()}
        assert self.index.offers == published
        assert self.index.disabled == {
            place for place, offer in offers.offers.items() if offer.disabled
        }
        for service, manifests in offers.manifests.items():
            assert self.index.versions[service] == len(manifests)


def told(logs: list[Log]) -> set[tuple[str, str]]:
    """Return which events these are."""
    decoders = ((contract, DECODERS.get((contract, topics[0]))) for contract, topics, _ in logs)
    return {(contract, decoder.name) for contract, decoder in decoders if decoder}


def test_events_tell_everything() -> None:
    IndexedMarket.market, IndexedMarket.tally = prepare(), Tally()

    for number in ROUNDS:
        run_state_machine_as_test(seed(number)(IndexedMarket), settings=PROFILE)

    assert set(HANDLERS) - IndexedMarket.seen == set()


def test_terms_follow_each_other_in_the_very_second() -> None:
    IndexedMarket.market, IndexedMarket.tally = prepare(), Tally()
    market = IndexedMarket()
    service = WEATHER.number
    first, second = 2, 3

    for index in (first, second):
        market.buy(ALICE, service, index)
    market.wait(seconds=market.world.offers.offers[service, first].terms.duration)
    market.settle(ALICE, service)

    assert market.index.passes[service, ALICE].offer == second
    market.passes_and_seats_are_indexed()
    market.money_is_indexed()
