"""What we change about channels: opened, topped up, claimed, closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.chain.funding import approve, fund
from mesg.marketplace.chain.values import (
    claim_struct,
    config_struct,
    signature_words,
)
from mesg.marketplace.chain.writing import LedgerWrites
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    ClaimRow,
    TransactionReceipt,
)


@dataclass(slots=True)
class ChannelWrites(LedgerWrites):
    """Writes about channels."""

    async def open_channel(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve tokens for one operator; from the vault if it holds them, else approved and pulled."""
        vault, approvals = await fund(self.contracts, self.transactions, amount)
        opened = await self._send(
            "open",
            PAY,
            "openFromVault" if vault else "open",
            config_struct(config),
            amount.units,
        )
        return (*approvals, opened)

    async def top_up(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve more on an open channel, always from the wallet."""
        approvals = await approve(self.contracts, self.transactions, amount)
        raised = await self._send("top_up", PAY, "topUp", config_struct(config), amount.units)
        return (*approvals, raised)

    async def claim(self, rows: Sequence[ClaimRow]) -> TransactionReceipt:
        """Cash vouchers in one transaction; rows that no longer pay are skipped, not refused."""
        return await self._send("claim", PAY, "claim", [claim_struct(row) for row in rows])

    async def start_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Begin the payer's unilateral close."""
        return await self._send("start_close", PAY, "startClose", config_struct(config))

    async def finalize_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Return the rest to the payer's vault, the delay being over."""
        return await self._send("finalize_close", PAY, "finalizeClose", config_struct(config))

    async def close_cooperative(
        self, config: ChannelConfig, final_claimed: TokenAmount, operator_signature: bytes
    ) -> TransactionReceipt:
        """Return the rest to the payer's vault at once, with the operator's signed consent."""
        return await self._send(
            "close_cooperative",
            PAY,
            "closeCooperative",
            config_struct(config),
            final_claimed.units,
            *signature_words(operator_signature),
        )
