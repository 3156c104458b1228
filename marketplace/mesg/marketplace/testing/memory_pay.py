"""What `MesgPay` does, in memory, all of it: seats here; passes, claims, channels and accounts below.

The stateful test holds this model and the contract to each other, call by call.
"""

from dataclasses import dataclass, field

from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.marketplace.testing.memory_passes import MemoryPasses, PassSlot
from mesg.marketplace.testing.memory_token import reverted

Seat = tuple[AccountAddress, int]
"""Whose pass, and which place on it."""


@dataclass(slots=True)
class MemoryPay(MemoryPasses):
    """The money of the market, and who sits on whose pass."""

    seats: dict[tuple[int, AccountAddress], Seat] = field(default_factory=dict)

    def give_seat(
        self,
        sender: AccountAddress,
        service_number: int,
        number: int,
        account: AccountAddress,
        *,
        now_unix_s: int,
    ) -> None:
        """Give a seat of the sender's pass to an account, or to nobody."""
        seats = self._running_seats(service_number, sender, now_unix_s)
        if not 0 < number < seats:
            raise reverted("SeatUnknown", number=number, seats=seats)
        if account != NOBODY:
            self._check_free(service_number, account, sender, now_unix_s)
        for key, seat in list(self.seats.items()):
            if key[0] == service_number and (seat == (sender, number) or key[1] == account):
                del self.seats[key]
        if account != NOBODY:
            self.seats[service_number, account] = (sender, number)

    def leave_seat(self, sender: AccountAddress, service_number: int) -> None:
        """Leave the seat that somebody gave the sender."""
        if self.seats.pop((service_number, sender), None) is None:
            raise reverted("SeatUnknown", number=0, seats=0)

    def access_until(
        self, service_number: int, account: AccountAddress, *, now_unix_s: int
    ) -> int:
        """Return until when an account may use a Service."""
        own = self.passes.get((service_number, account), PassSlot()).expiry
        seat = self.seats.get((service_number, account))
        return own if seat is None else max(own, self._until(service_number, seat, now_unix_s))

    def owed(self) -> int:
        """Return all that the contract owes to anybody: exactly the tokens it holds."""
        in_channels = sum(each.reserved - each.claimed for each in self.channels.values())
        accounts = (self.vaults, self.earned)
        in_accounts = sum(sum(account.values()) for account in accounts)
        income = sum(self.service_earned.values())
        return in_channels + in_accounts + income + self.held_by_passes()

    def _check_free(
        self,
        service_number: int,
        account: AccountAddress,
        sender: AccountAddress,
        now_unix_s: int,
    ) -> None:
        seat = self.seats.get((service_number, account))
        if seat is None or seat[0] == sender:
            return
        if self._until(service_number, seat, now_unix_s) > now_unix_s:
            raise reverted("SeatElsewhere", account=account, holder=seat[0], number=seat[1])

    def _running_seats(self, number: int, holder: AccountAddress, now_unix_s: int) -> int:
        slot = self.passes.get((number, holder), PassSlot())
        if now_unix_s < slot.until:
            return self._seats(number, slot.offer_index)
        return self._seats(number, slot.next_offer_index) if now_unix_s < slot.next_until else 0

    def _until(self, service_number: int, seat: Seat, now_unix_s: int) -> int:
        """Return until when a seat counts without interruption; 0 if not now."""
        holder, number = seat
        slot = self.passes.get((service_number, holder), PassSlot())
        if self._running_seats(service_number, holder, now_unix_s) <= number:
            return 0
        follows = slot.next_until and self._seats(service_number, slot.next_offer_index) > number
        return slot.next_until if follows else slot.until

    def _seats(self, number: int, offer_index: int) -> int:
        return self.registry.any_offer(number, offer_index).terms.seats
