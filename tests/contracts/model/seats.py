"""Seats: a holder gives them, an account sits on one per Service; a seat counts where both say so, within the terms."""

from dataclasses import dataclass, field
from typing import ClassVar

from tests.contracts.model.chain import Part, refuse
from tests.contracts.model.passes import Passes

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.domain.identity import NOBODY, AccountAddress

Seat = tuple[AccountAddress, int]
"""The holder and the number."""


@dataclass
class Seats(Part):
    """Who sits on whose pass."""

    state: ClassVar = ("seats", "given")
    passes: Passes
    seats: dict[tuple[int, AccountAddress], Seat] = field(default_factory=dict)
    given: dict[tuple[int, AccountAddress, int], AccountAddress] = field(default_factory=dict)

    def give(
        self, sender: AccountAddress, service: int, number: int, account: AccountAddress
    ) -> None:
        seats = self.seats_now(service, sender)
        if not 0 < number < seats:
            refuse("SeatUnknown", number=number, seats=seats)
        self.given[service, sender, number] = account
        self._tell("SeatGiven", service, (sender, number), account)
        if account == NOBODY:
            return
        is_elsewhere = self.seats.get((service, account), (sender, 0))[0] != sender
        if not (is_elsewhere and self._counts_until(service, account) > self.passes.now):
            self._sit(service, account, (sender, number))

    def take(
        self, sender: AccountAddress, service: int, holder: AccountAddress, number: int
    ) -> None:
        self._check_given(service, (holder, number), sender)
        self._sit(service, sender, (holder, number))

    def leave(self, sender: AccountAddress, service: int) -> None:
        seat = self.seats.get((service, sender), (NOBODY, 0))
        self._check_given(service, seat, sender)
        del self.seats[service, sender]
        del self.given[(service, *seat)]
        self._tell("SeatLeft", service, seat, sender)

    def occupant(self, service: int, holder: AccountAddress, number: int) -> AccountAddress:
        return self.given.get((service, holder, number), NOBODY)

    def _sit(self, service: int, account: AccountAddress, seat: Seat) -> None:
        holder, number = self.seats.get((service, account), (NOBODY, 0))
        moves = holder == seat[0] and number != seat[1]
        if moves and self.occupant(service, holder, number) == account:
            del self.given[service, holder, number]
        self.seats[service, account] = seat
        self._tell("SeatTaken", service, seat, account)

    def _check_given(self, service: int, seat: Seat, account: AccountAddress) -> None:
        if self.occupant(service, *seat) != account:
            refuse("SeatNotGiven", account=account, holder=seat[0], number=seat[1])

    def _tell(self, event: str, service: int, seat: Seat, account: AccountAddress) -> None:
        holder, number = seat
        self.passes.accounts.chain.emit(
            PAY, event, serviceId=service, holder=holder, account=account, number=number
        )

    def access_until(self, service: int, account: AccountAddress) -> int:
        """Return until when an account may use a Service by its own pass or by a seat."""
        own = self.passes.expiry(service, account)
        return max(own, self._counts_until(service, account))

    def _counts_until(self, service: int, account: AccountAddress) -> int:
        """Return until when an account's seat counts; 0 if not now."""
        holder, number = self.seats.get((service, account), (NOBODY, 0))
        if holder == NOBODY or self.occupant(service, holder, number) != account:
            return 0
        until = 0
        for term in self.passes.terms_left(service, holder):
            if number >= self._seats_of(service, term.offer):
                break
            until = term.end
        return until

    def seats_now(self, service: int, holder: AccountAddress) -> int:
        left = self.passes.terms_left(service, holder)
        return self._seats_of(service, left[0].offer) if left else 0

    def _seats_of(self, service: int, offer: int) -> int:
        return self.passes.offers.offers[service, offer].terms.seats
