"""Claims: vouchers become earnings, row by row; what cannot be paid is skipped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import ClassVar

from tests.contracts.model.chain import Part
from tests.contracts.model.channels import Channel, Channels, Phase

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.domain.errors import BadSignature
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.ports import ClaimRow


class Skip(IntEnum):
    """Why a row pays nothing."""

    NOT_OPEN = 0
    STALE = 1
    OVER_RESERVE = 2
    BAD_SIGNATURE = 3


@dataclass
class Claims(Part):
    """Cashes vouchers; what was paid is kept with the channels."""

    state: ClassVar = ()
    channels: Channels

    def claim(self, rows: Sequence[ClaimRow]) -> tuple[int]:
        """Cash all rows in order and return what they paid together."""
        return (sum(self._cash(index, row) for index, row in enumerate(rows)),)

    def reason_to_skip(self, row: ClaimRow) -> Skip | None:
        """Return why a row would pay nothing now."""
        channel = self.channels.channels.get(self._channel_id(row))
        if channel is None or channel.phase is Phase.CLOSED:
            return Skip.NOT_OPEN
        more = row.voucher.cumulative.units - dict(channel.lanes).get(row.voucher.lane, 0)
        if more <= 0:
            return Skip.STALE
        if more > channel.rest:
            return Skip.OVER_RESERVE
        return None if self._is_signed(row) else Skip.BAD_SIGNATURE

    def _cash(self, index: int, row: ClaimRow) -> int:
        channel_id, chain = self._channel_id(row), self.channels.accounts.chain
        reason = self.reason_to_skip(row)
        if reason is not None:
            chain.emit(PAY, "ClaimSkipped", index=index, channelId=channel_id, reason=reason.value)
            return 0
        channel = self.channels.channels[channel_id]
        paid = _paid(channel, row.voucher.lane, row.voucher.cumulative.units)
        self.channels.channels[channel_id] = paid
        delta = paid.claimed - channel.claimed
        chain.emit(
            PAY,
            "Claimed",
            channelId=channel_id,
            lane=row.voucher.lane,
            cumulative=row.voucher.cumulative.units,
            delta=delta,
        )
        return delta

    def _channel_id(self, row: ClaimRow) -> Digest:
        return row.config.channel_id(self.channels.domain)

    def _is_signed(self, row: ClaimRow) -> bool:
        """Ask the node's own code; a voucher of another channel counts for nothing here."""
        voucher = replace(row.voucher, channel=self._channel_id(row))
        try:
            voucher.check(self.channels.domain, signer=row.config.signer)
        except BadSignature:
            return False
        return True


def _paid(channel: Channel, lane: int, units: int) -> Channel:
    return replace(channel, lanes=tuple({**dict(channel.lanes), lane: units}.items()))
