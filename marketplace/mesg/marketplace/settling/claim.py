"""Cashing vouchers: every lane that promises more than was claimed, in one transaction."""

from collections.abc import Sequence

from mesg.marketplace.domain.channel import ChannelPhase
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import ChannelKept, ClaimRow, Ledger, TransactionReceipt
from mesg.marketplace.selling.till import Till

ROWS_MAX = 300
"""About 7 million gas: half of what one transaction may use (EIP-7825)."""


async def claim_all(till: Till, ledger: Ledger) -> tuple[TokenAmount, TransactionReceipt | None]:
    """Claim what was earned and not claimed yet; return the sum, and the transaction.

    A voucher that runs ahead of the charges is cashed only while its channel closes, and only if no
    other covers them: what was not earned is not taken.
    Nothing to claim gives no transaction. A claim can be repeated: the contract counts cumulatively.
    """
    owed = (await _owed(till, ledger, till.channels()))[:ROWS_MAX]
    if not owed:
        return ZERO, None
    return _total(owed), await ledger.claim([row for row, _ in owed])


async def claim_channel(channel: Digest, *, till: Till, ledger: Ledger) -> None:
    """Claim all that was charged on a channel that is to be closed, in as many transactions as it takes."""
    kept = [one for one in till.channels() if one.channel == channel]
    owed = await _owed(till, ledger, kept, closes=True)
    for start in range(0, len(owed), ROWS_MAX):
        await ledger.claim([row for row, _ in owed[start : start + ROWS_MAX]])


async def owed_to_us(till: Till, ledger: Ledger) -> TokenAmount:
    """Return what a claim of everything would bring."""
    return _total(await _owed(till, ledger, till.channels()))


async def _owed(
    till: Till, ledger: Ledger, channels: Sequence[ChannelKept], *, closes: bool = False
) -> list[tuple[ClaimRow, TokenAmount]]:
    """Return the rows that would pay, and what; a channel that is closed or gone pays nothing more."""
    rows: list[tuple[ClaimRow, TokenAmount]] = []
    for kept in channels:
        lanes = [lane for lane in till.lanes(kept.channel) if lane.voucher is not None]
        if not lanes:
            continue
        state = await ledger.channel(kept.config)
        if state.phase in (ChannelPhase.CLOSED, ChannelPhase.ABSENT):
            continue
        all_of_it = closes or state.phase is ChannelPhase.CLOSING
        for lane in lanes:
            voucher = lane.covering if all_of_it else lane.earned
            claimed = await ledger.lane_claimed(kept.config, lane.lane)
            if voucher is not None and voucher.cumulative > claimed:
                rows.append((ClaimRow(kept.config, voucher), voucher.cumulative - claimed))
    return sorted(rows, key=lambda row: (row[0].voucher.channel, row[0].voucher.lane))


def _total(owed: Sequence[tuple[ClaimRow, TokenAmount]]) -> TokenAmount:
    return TokenAmount(sum(amount.units for _, amount in owed))
