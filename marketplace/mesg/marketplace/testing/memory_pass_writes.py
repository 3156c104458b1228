"""What an account changes about passes on a `MemoryMarket`."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.domain.identity import NOBODY, AccountAddress, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import (
    PassBought,
    PassCancelled,
    SeatChanged,
    TransactionReceipt,
)
from mesg.marketplace.testing.memory_passes import PassOrder
from mesg.marketplace.testing.memory_writes import MemoryWrites


@dataclass(slots=True)
class MemoryPassWrites(MemoryWrites):
    """Writes about passes."""

    async def buy_pass(
        self,
        offer: Offer,
        *,
        beneficiary: AccountAddress,
        max_price: TokenAmount,
        referrer: AccountAddress = NOBODY,
        starts_by_unix_s: int | None = None,
    ) -> Sequence[TransactionReceipt]:
        """Buy or extend a pass; from the vault if it holds the price, else from the wallet."""
        from_vault = self._vault_holds(offer.terms.price)
        approvals = () if from_vault else await self._approve(offer.terms.price)
        async with self._writing("buy_pass"):
            order = PassOrder(offer, beneficiary, max_price.units, referrer, starts_by_unix_s)
            now = self.market.now_unix_s
            ends = self._pay.buy_pass(self.account, order, now_unix_s=now, from_vault=from_vault)
        change = PassBought(offer.service.number, beneficiary, ends)
        return (*approvals, self.market.mine("buy_pass", change))

    async def settle_passes(
        self, service: ServiceId, accounts: Sequence[AccountAddress]
    ) -> TransactionReceipt:
        """Credit what these accounts' passes have earned by now."""
        async with self._writing("settle_passes"):
            self._pay.settle_passes(service.number, accounts, now_unix_s=self.market.now_unix_s)
        return self.market.mine("settle_passes")

    async def cancel_pass(self, service: ServiceId) -> TransactionReceipt:
        """End our pass; what it has not earned goes to our vault."""
        async with self._writing("cancel_pass"):
            self._pay.cancel_pass(self.account, service.number, now_unix_s=self.market.now_unix_s)
        return self.market.mine("cancel_pass", PassCancelled(service.number, self.account))

    async def give_seat(
        self, service: ServiceId, number: int, account: AccountAddress
    ) -> TransactionReceipt:
        """Give a seat of our pass (from 1) to an account; NOBODY empties it."""
        now = self.market.now_unix_s
        async with self._writing("seat"):
            sits = self._pay.give_seat(
                self.account, service.number, number, account, now_unix_s=now
            )
        # Two logs, as the contract's: the seat was given, and the account sits there.
        changes = [SeatChanged(service.number, account)] * (2 if sits else 1)
        return self.market.mine("seat", *changes)

    async def take_seat(
        self, service: ServiceId, holder: AccountAddress, number: int
    ) -> TransactionReceipt:
        """Sit on a seat that the holder gave us, and on no other."""
        async with self._writing("take_seat"):
            self._pay.take_seat(self.account, service.number, holder, number)
        return self.market.mine("take_seat", SeatChanged(service.number, self.account))

    async def leave_seat(self, service: ServiceId) -> TransactionReceipt:
        """Leave the seat that somebody gave us."""
        async with self._writing("leave_seat"):
            self._pay.leave_seat(self.account, service.number)
        return self.market.mine("leave_seat", SeatChanged(service.number, self.account))
