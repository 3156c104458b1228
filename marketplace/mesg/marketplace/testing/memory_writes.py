"""What every write on a `MemoryMarket` needs: an unlocked account, and tokens to pay with."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    TransactionReverted,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    Signer,
    TransactionReceipt,
)
from mesg.marketplace.testing.memory_pay import MemoryPay
from mesg.marketplace.testing.memory_reads import MemoryReads

_PROBE = Digest(bytes(32))


@dataclass(slots=True)
class MemoryWrites(MemoryReads):
    """Writes are made by the account of `signer`, which must be unlocked."""

    signer: Signer

    @property
    def account(self) -> AccountAddress:
        """Whose money moves."""
        return self.signer.address

    @property
    def _pay(self) -> MemoryPay:
        return self.market.pay

    @asynccontextmanager
    async def _writing(self, action: str) -> AsyncGenerator[None]:
        """Do one transaction: the key must be unlocked, and a refusal names the action."""
        await trio.lowlevel.checkpoint()
        self.signer.sign(_PROBE)
        try:
            yield
        except TransactionReverted as error:
            raise TransactionReverted(f"{action}: {error.message}") from error

    async def _approve(self, amount: TokenAmount) -> tuple[TransactionReceipt, ...]:
        held = TokenAmount(self.market.token.balance_of(self.account))
        if held < amount:
            raise InsufficientFunds(f"{self.account} holds {held}, this takes {amount}")
        if not amount:
            return ()
        async with self._writing("approve"):
            return (self.market.mine("approve"),)

    def _vault_holds(self, amount: TokenAmount) -> bool:
        return self._pay.vaults.get(self.account, 0) >= amount.units > 0
