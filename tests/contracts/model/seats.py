"""Seats: each account sits at most on one per Service; a seat counts while its number is within the running terms."""

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

    state: ClassVar = ("seats",)
    passes: Passes
    seats: dict[tuple[int, AccountAddress], Seat] = field(default_factory=dict)

    def give(
        self, sender: AccountAddress, service: int, number: int, account: AccountAddress
    ) -> None:
        seats = self.seats_now(service, sender)
        if not 0 < number < seats:
            refuse("SeatUnknown", number=number, seats=seats)
        self._check_free(sender, service, account)
        occupant = self.occupant(service, sender, number)
        self.seats.pop((service, occupant), None)
        if account != NOBODY:
            self.seats[service, account] = (sender, number)
        self.passes.accounts.chain.emit(
            PAY, "SeatGiven", serviceId=service, holder=sender, account=account, number=number
        )

    def leave(self, sender: AccountAddress, service: int) -> None:
        seat = self.seats.pop((service, sender), None)
        if seat is None:
            refuse("SeatUnknown", number=0, seats=0)
        holder, number = seat
        self.passes.accounts.chain.emit(
            PAY, "SeatLeft", serviceId=service, holder=holder, account=sender, number=number
        )

    def occupant(self, service: int, holder: AccountAddress, number: int) -> AccountAddress:
        for (where, account), seat in self.seats.items():
            if where == service and seat == (holder, number):
                return account
        return NOBODY

    def access_until(self, service: int, account: AccountAddress) -> int:
        """Return until when an account may use a Service by its own pass or by a seat."""
        own = self.passes.expiry(service, account)
        seat = self.seats.get((service, account))
        return max(own, self._counts_until(service, seat)) if seat else own

    def _check_free(self, sender: AccountAddress, service: int, account: AccountAddress) -> None:
        seat = self.seats.get((service, account))
        if seat is None or seat[0] == sender:
            return
        if self._counts_until(service, seat) > self.passes.now:
            refuse("SeatElsewhere", account=account, holder=seat[0], number=seat[1])

    def _counts_until(self, service: int, seat: Seat) -> int:
        holder, number = seat
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
