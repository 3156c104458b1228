"""The Ledger in memory: what one account sees and does on a `MemoryMarket`."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    PlannedTransaction,
    TransactionReceipt,
)
from mesg.marketplace.testing.memory_channel_writes import MemoryChannelWrites
from mesg.marketplace.testing.memory_pass_writes import MemoryPassWrites
from mesg.marketplace.testing.memory_registry_writes import MemoryRegistryWrites


@dataclass(frozen=True, slots=True)
class _Mute:
    """The signer of a rehearsal: nothing is sent, so nothing needs to be signed."""

    address: AccountAddress

    def sign(self, digest: Digest) -> bytes:  # noqa: ARG002 (nobody looks at it)
        """Return no signature at all."""
        return bytes(64)


@dataclass(slots=True)
class MemoryLedger(MemoryRegistryWrites, MemoryPassWrites, MemoryChannelWrites):
    """Implements `Ledger` for the account of `signer`, and `Rehearsal` on a copy of its market."""

    @property
    def planned(self) -> Sequence[PlannedTransaction]:
        """What this market mined, which on a rehearsal's copy is what would have been sent."""
        return [
            PlannedTransaction(
                one.action, "MesgPay", self.addresses.pay, one.action, (), one.gas_used, 1
            )
            for one in self.market.mined
        ]

    def rehearsal(self) -> "MemoryLedger":
        """Return a ledger on a copy of the market: what happens there happens to nobody."""
        copied = deepcopy(self.market)
        copied.mined.clear()
        return MemoryLedger(copied, _Mute(self.signer.address))

    async def collect(self, to: AccountAddress) -> TransactionReceipt:
        """Send our account's earned tokens out."""
        async with self._writing("collect"):
            self._pay.collect(self.account, to)
        return self.market.mine("collect")

    async def collect_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Send our Service's earned tokens out."""
        async with self._writing("collect_service"):
            self._pay.collect_service(self.account, service.number, to)
        return self.market.mine("collect_service")

    async def withdraw(self, amount: TokenAmount, to: AccountAddress) -> TransactionReceipt:
        """Send tokens out of our vault."""
        async with self._writing("withdraw"):
            self._pay.withdraw(self.account, amount.units, to)
        return self.market.mine("withdraw")

    async def approve(self, amount: TokenAmount) -> TransactionReceipt:  # noqa: ARG002 (all is approved here)
        """Let the market pull up to that much from our wallet; 0 takes the leave back."""
        async with self._writing("approve"):
            return self.market.mine("approve")

    async def deposit(self, amount: TokenAmount) -> Sequence[TransactionReceipt]:
        """Put tokens into our vault."""
        approvals = await self._approve(amount)
        async with self._writing("deposit"):
            self._pay.deposit(self.account, amount.units)
        return (*approvals, self.market.mine("deposit"))
