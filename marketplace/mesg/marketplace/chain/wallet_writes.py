"""What we move between our wallet, our vault and our earnings."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.chain.contracts import PAY, TOKEN
from mesg.marketplace.chain.funding import approve
from mesg.marketplace.chain.writing import LedgerWrites
from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    TransactionReceipt,
)


@dataclass(slots=True)
class WalletWrites(LedgerWrites):
    """Writes about our own balances."""

    async def collect(self, to: AccountAddress) -> TransactionReceipt:
        """Send our account's earned tokens out."""
        return await self._send("collect", PAY, "collect", to.raw)

    async def collect_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Send our Service's earned tokens out."""
        return await self._send("collect_service", PAY, "collectService", service.number, to.raw)

    async def approve(self, amount: TokenAmount) -> TransactionReceipt:
        """Let the market pull up to that much from our wallet; 0 takes the leave back."""
        return await self._send("approve", TOKEN, "approve", self.addresses.pay.raw, amount.units)

    async def deposit(self, amount: TokenAmount) -> Sequence[TransactionReceipt]:
        """Put tokens into our vault; approves exactly what is missing first."""
        approvals = await approve(self.contracts, self.transactions, amount)
        return (*approvals, await self._send("deposit", PAY, "deposit", amount.units))

    async def withdraw(self, amount: TokenAmount, to: AccountAddress) -> TransactionReceipt:
        """Send tokens out of our vault."""
        return await self._send("withdraw", PAY, "withdraw", amount.units, to.raw)
