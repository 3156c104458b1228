"""What `MesgPay` does with vouchers, in memory: each row pays exactly, or is skipped for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase
from mesg.marketplace.domain.identity import NOBODY
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.shares import split
from mesg.marketplace.ports import ClaimRow
from mesg.marketplace.testing.memory_channels import MemoryChannels, signed


class SkipReason(IntEnum):
    """Why a row of a claim paid nothing; the numbers are the contract's."""

    NOT_OPEN = 0
    STALE = 1
    OVER_RESERVE = 2
    BAD_SIGNATURE = 3


@dataclass(slots=True)
class MemoryClaims(MemoryChannels):
    """Turns vouchers into earnings."""

    def claim(self, rows: Sequence[ClaimRow]) -> list[SkipReason | None]:
        """Cash vouchers; tell for each row why it paid nothing, None if it paid."""
        return [self._claim(row) for row in rows]

    def _claim(self, row: ClaimRow) -> SkipReason | None:
        config, lane, total = row.config, row.voucher.lane, row.voucher.cumulative.units
        channel_id = config.channel_id(self.domain)
        channel = self.channels.get(channel_id)
        if channel is None or channel.phase is ChannelPhase.CLOSED:
            return SkipReason.NOT_OPEN
        before = channel.lanes.get(lane, 0)
        if total <= before:
            return SkipReason.STALE
        if channel.claimed + total - before > channel.reserved:
            return SkipReason.OVER_RESERVE
        named = replace(row.voucher, channel=channel_id)
        if not signed(named.digest(self.domain), named.signature, config.signer):
            return SkipReason.BAD_SIGNATURE
        channel.claimed += total - before
        channel.lanes[lane] = total
        self._share(config, TokenAmount(before), TokenAmount(total))
        return None

    def _share(self, config: ChannelConfig, before: TokenAmount, total: TokenAmount) -> None:
        shares = split(
            before,
            total,
            author_bps=config.author_bps,
            treasury_bps=config.treasury_bps,
            referrer_bps=0 if config.referrer == NOBODY else config.referrer_bps,
        )
        self.credit_service(config.service.number, shares.author.units)
        self.credit(self.treasury, shares.treasury.units)
        self.credit(config.referrer, shares.referrer.units)
        self.credit(config.operator, shares.operator.units)
