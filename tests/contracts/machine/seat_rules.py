"""Seats of passes are given, taken, moved and left."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from tests.contracts.machine import choices
from tests.contracts.machine.market import WEATHER
from tests.contracts.machine.pass_rules import PassRules

from mesg.marketplace.domain.identity import NOBODY, AccountAddress


class SeatRules(PassRules):
    """Others use a pass."""

    @initialize(holder=choices.people, account=choices.people, index=st.sampled_from((3, 3, 5, 6)))
    def somebody_sits(self, holder: AccountAddress, account: AccountAddress, index: int) -> None:
        self.somebody_has_a_pass(holder, index, NOBODY)
        self._give(WEATHER.number, holder, 1, account)

    @rule(
        number=choices.numbers,
        person=choices.people,
        held=choices.mostly,
        seat=st.sampled_from((1, 1, 1, 2, 2, 3, 3, 0, 4, 999, 65_535)),
        account=choices.people_or_nobody,
    )
    def give_a_seat(
        self, number: int, person: AccountAddress, held: bool, seat: int, account: AccountAddress
    ) -> None:
        place = (self.service(number), person)
        running = [
            (where, who)
            for where, who in self.world.passes.running
            if self.world.seats.seats_now(where, who) > 1
        ]
        service, holder = running[number % len(running)] if held and running else place
        seated = [who for where, who in self.world.seats.seats if where == service]
        if seated and number % 3 == 0:
            seat, account = 1, seated[number % len(seated)]
        self._give(service, holder, seat, account)

    def _give(
        self, service: int, holder: AccountAddress, seat: int, account: AccountAddress
    ) -> None:
        given = self.pay(
            holder,
            "giveSeat",
            service,
            seat,
            account.raw,
            model=lambda: self.world.seats.give(holder, service, seat, account),
        )
        sits = self.world.seats.seats.get((service, account), (NOBODY, 0))
        if given and account != NOBODY and sits[0] == holder:
            access = self.revm.view("MesgPay", "accessUntil", service, account.raw)
            assert isinstance(access, int)
            assert access > self.now

    @precondition(lambda self: self.world.seats.given)
    @rule(number=choices.numbers, person=choices.people, his_own=choices.mostly)
    def take_a_seat(self, number: int, person: AccountAddress, his_own: bool) -> None:
        given = list(self.world.seats.given)
        service, holder, seat = given[number % len(given)]
        occupant = self.world.seats.occupant(service, holder, seat)
        sender = occupant if his_own and occupant != NOBODY else person
        self.pay(
            sender,
            "takeSeat",
            service,
            holder.raw,
            seat,
            model=lambda: self.world.seats.take(sender, service, holder, seat),
        )

    @precondition(lambda self: self.world.seats.seats)
    @rule(number=choices.numbers, person=choices.people, seated=choices.mostly)
    def leave_a_seat(self, number: int, person: AccountAddress, seated: bool) -> None:
        seats = list(self.world.seats.seats)
        service, occupant = seats[number % len(seats)]
        sender = occupant if seated else person
        self.pay(
            sender, "leaveSeat", service, model=lambda: self.world.seats.leave(sender, service)
        )
