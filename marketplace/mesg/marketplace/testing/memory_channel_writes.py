"""What an account changes about channels on a `MemoryMarket`."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    ChannelChanged,
    ClaimRow,
    TransactionReceipt,
)
from mesg.marketplace.testing.memory_writes import MemoryWrites


@dataclass(slots=True)
class MemoryChannelWrites(MemoryWrites):
    """Writes about channels."""

    async def open_channel(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve tokens for one operator; from the vault if it holds them, else from the wallet."""
        from_vault = self._vault_holds(amount)
        approvals = () if from_vault else await self._approve(amount)
        async with self._writing("open"):
            self._pay.open(
                self.account,
                config,
                amount.units,
                now_unix_s=self.market.now_unix_s,
                from_vault=from_vault,
            )
        return (*approvals, self._mine_channel("open", config, "open"))

    async def top_up(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve more on an open channel, always from the wallet."""
        approvals = await self._approve(amount)
        async with self._writing("top_up"):
            self._pay.top_up(self.account, config, amount.units)
        return (*approvals, self._mine_channel("top_up", config, "top_up"))

    async def claim(self, rows: Sequence[ClaimRow]) -> TransactionReceipt:
        """Cash vouchers in one transaction; rows that no longer pay are skipped, not refused."""
        async with self._writing("claim"):
            skipped = self._pay.claim(rows)
        paid = [row for row, reason in zip(rows, skipped, strict=True) if reason is None]
        ids = [row.config.channel_id(self.addresses.domain) for row in paid]
        return self.market.mine("claim", *(ChannelChanged(each, "claim") for each in ids))

    async def start_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Begin the payer's unilateral close."""
        async with self._writing("start_close"):
            self._pay.start_close(self.account, config, now_unix_s=self.market.now_unix_s)
        return self._mine_channel("start_close", config, "closing")

    async def finalize_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Return the rest to the payer's vault, the delay being over."""
        async with self._writing("finalize_close"):
            self._pay.finalize_close(config, now_unix_s=self.market.now_unix_s)
        return self._mine_channel("finalize_close", config, "closed")

    async def close_cooperative(
        self, config: ChannelConfig, final_claimed: TokenAmount, operator_signature: bytes
    ) -> TransactionReceipt:
        """Return the rest to the payer's vault at once, with the operator's signed consent."""
        async with self._writing("close_cooperative"):
            self._pay.close_cooperative(config, final_claimed.units, operator_signature)
        return self._mine_channel("close_cooperative", config, "closed")

    def _mine_channel(self, action: str, config: ChannelConfig, change: str) -> TransactionReceipt:
        channel_id = config.channel_id(self.addresses.domain)
        return self.market.mine(action, ChannelChanged(channel_id, change))
