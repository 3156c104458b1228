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
    """Where an account sits, by Service and account; it counts while the occupant is the same."""
    occupants: dict[tuple[int, AccountAddress, int], AccountAddress] = field(default_factory=dict)
    """Whom a seat was given, by Service, holder and number."""

    def give_seat(
        self,
        sender: AccountAddress,
        service_number: int,
        number: int,
        account: AccountAddress,
        *,
        now_unix_s: int,
    ) -> bool:
        """Give a seat of the sender's pass to an account, or to nobody; return whether it sits there now."""
        seats = self._running_seats(service_number, sender, now_unix_s)
        if not 0 < number < seats:
            raise reverted("SeatUnknown", number=number, seats=seats)
        self.occupants[service_number, sender, number] = account
        sits_here = self.seats.get((service_number, account), (NOBODY, 0))[0] == sender
        until = self._seat_until(service_number, account, now_unix_s)
        if account == NOBODY or not (sits_here or until <= now_unix_s):
            return False
        self._sit(service_number, account, (sender, number))
        return True

    def take_seat(
        self, sender: AccountAddress, service_number: int, holder: AccountAddress, number: int
    ) -> None:
        """Sit on a seat that the sender was given."""
        if self.occupants.get((service_number, holder, number), NOBODY) != sender:
            raise reverted("SeatNotGiven", account=sender, holder=holder, number=number)
        self._sit(service_number, sender, (holder, number))

    def leave_seat(self, sender: AccountAddress, service_number: int) -> None:
        """Leave the seat that the sender sits on."""
        holder, number = self.seats.get((service_number, sender), (NOBODY, 0))
        if self.occupants.get((service_number, holder, number), NOBODY) != sender:
            raise reverted("SeatNotGiven", account=sender, holder=holder, number=number)
        del self.seats[service_number, sender]
        del self.occupants[service_number, holder, number]

    def access_until(
        self, service_number: int, account: AccountAddress, *, now_unix_s: int
    ) -> int:
        """Return until when an account may use a Service."""
        own = self.passes.get((service_number, account), PassSlot()).expiry
        return max(own, self._seat_until(service_number, account, now_unix_s))

    def owed(self) -> int:
        """Return all that the contract owes to anybody: exactly the tokens it holds."""
        in_channels = sum(each.reserved - each.claimed for each in self.channels.values())
        accounts = (self.vaults, self.earned)
        in_accounts = sum(sum(account.values()) for account in accounts)
        income = sum(self.service_earned.values())
        return in_channels + in_accounts + income + self.held_by_passes()

    def _sit(self, service_number: int, account: AccountAddress, seat: Seat) -> None:
        left = self.seats.get((service_number, account), (NOBODY, 0))
        left_place = (service_number, *left)
        if left[0] == seat[0] and left != seat and self.occupants.get(left_place) == account:
            del self.occupants[left_place]
        self.seats[service_number, account] = seat

    def _running_seats(self, number: int, holder: AccountAddress, now_unix_s: int) -> int:
        slot = self.passes.get((number, holder), PassSlot())
        if now_unix_s < slot.until:
            return self._seats(number, slot.offer_index)
        return self._seats(number, slot.next_offer_index) if now_unix_s < slot.next_until else 0

    def _seat_until(self, service_number: int, account: AccountAddress, now_unix_s: int) -> int:
        """Return until when an account's seat counts without interruption; 0 if not now."""
        holder, number = self.seats.get((service_number, account), (NOBODY, 0))
        if self.occupants.get((service_number, holder, number), NOBODY) != account:
            return 0
        if self._running_seats(service_number, holder, now_unix_s) <= number:
            return 0
        slot = self.passes.get((service_number, holder), PassSlot())
        follows = slot.next_until and self._seats(service_number, slot.next_offer_index) > number
        return slot.next_until if follows else slot.until

    def _seats(self, number: int, offer_index: int) -> int:
        return self.registry.any_offer(number, offer_index).terms.seats
