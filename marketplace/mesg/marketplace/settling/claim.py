"""Cashing vouchers: every lane that earned more than was claimed, in as few transactions as fit."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from mesg.marketplace.domain.channel import ChannelPhase
from mesg.marketplace.domain.errors import InsufficientFunds, MesgError, TransactionReverted
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import ChannelKept, ClaimRow, Ledger, TransactionReceipt
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.batches import Owed, batches, in_order

ROW_LEAST = TokenAmount.parse("0.001 MESG")
"""A row that brings less is left to grow, since its gas costs more; before a close it is claimed."""


@dataclass(slots=True)
class Claimed:
    """What claiming brought: the sum, the transactions, and the rows that could not be claimed, and why."""

    total: TokenAmount = ZERO
    receipts: list[TransactionReceipt] = field(default_factory=list)
    refused: list[tuple[Owed, MesgError]] = field(default_factory=list)

    @property
    def is_out_of_gas_money(self) -> bool:
        """Tell whether the account could not even pay for one row: the rest waits too."""
        return any(isinstance(error, InsufficientFunds) for _, error in self.refused)


async def claim_all(till: Till, ledger: Ledger, *, least: TokenAmount = ROW_LEAST) -> Claimed:
    """Claim what was earned and not claimed yet, rows of less than `least` excepted.

    Channels that close come first, then the largest sums, so that rows that a hostile payer made
    many and dear delay nobody's money. A voucher that runs ahead of the charges is cashed only while
    its channel closes, and only if no other covers them: what was not earned is not taken.
    Nothing to claim gives no transaction. A claim can be repeated: the contract counts cumulatively.
    Raise the reason if nothing at all could be claimed.
    """
    async with till.cashing:
        return await _send(await _owed(till, ledger, till.channels(), least=least), ledger)


async def claim_closing(channels: Collection[Digest], *, till: Till, ledger: Ledger) -> Claimed:
    """Claim all that was charged on channels that close or are to be closed; raise as `claim_all`."""
    kept = [one for one in till.channels() if one.channel in channels]
    async with till.cashing:
        return await _send(await _owed(till, ledger, kept, closes=True), ledger)


async def owed_to_us(till: Till, ledger: Ledger, *, least: TokenAmount = ZERO) -> TokenAmount:
    """Return what a claim of everything would bring, rows of less than `least` excepted."""
    return total_of(await _owed(till, ledger, till.channels(), least=least))


async def owed_on(channel: Digest, *, till: Till, ledger: Ledger) -> TokenAmount:
    """Return what was charged on a channel, as vouchers cover it, and is not claimed."""
    kept = [one for one in till.channels() if one.channel == channel]
    return total_of(await _owed(till, ledger, kept, closes=True))


def total_of(owed: Sequence[Owed]) -> TokenAmount:
    """Return what rows bring together."""
    return TokenAmount(sum(one.amount.units for one in owed))


async def _owed(
    till: Till,
    ledger: Ledger,
    channels: Sequence[ChannelKept],
    *,
    closes: bool = False,
    least: TokenAmount = ZERO,
) -> list[Owed]:
    """Return the rows that would pay; a channel that is closed or gone pays nothing more."""
    rows: list[Owed] = []
    for kept in channels:
        lanes = [lane for lane in till.lanes(kept.channel) if lane.voucher is not None]
        if not lanes:
            continue
        state = await ledger.channel(kept.config)
        if state.phase in (ChannelPhase.CLOSED, ChannelPhase.ABSENT):
            continue
        is_last = closes or state.phase is ChannelPhase.CLOSING
        found: list[Owed] = []
        for lane in lanes:
            voucher = lane.covering if is_last else lane.earned
            before = await ledger.lane_claimed(kept.config, lane.lane)
            if voucher is not None and voucher.cumulative > before:
                row = ClaimRow(kept.config, voucher)
                found.append(Owed(row, before, state.claimed, is_closing=is_last))
        rows += _within(found, state.unclaimed)
    return in_order([one for one in rows if one.is_closing or one.amount >= least])


def _within(owed: Sequence[Owed], reserve: TokenAmount) -> Iterator[Owed]:
    """Leave out what a channel does not hold any more (a reorganisation took a top-up back): it pays nothing."""
    left = reserve.units
    for one in in_order(owed):
        if one.amount.units <= left:
            left -= one.amount.units
            yield one


async def _send(owed: Sequence[Owed], ledger: Ledger) -> Claimed:
    done = Claimed()
    for batch in batches(owed):
        await _send_batch(batch, ledger, done)
    if done.refused and not done.receipts:
        raise done.refused[0][1]
    return done


async def _send_batch(batch: Sequence[Owed], ledger: Ledger, done: Claimed) -> None:
    """Claim a batch; one that is refused or out of gas in halves, down to the row that is at fault."""
    if done.is_out_of_gas_money:
        return
    try:
        receipt = await ledger.claim([one.row for one in batch])
    except (TransactionReverted, InsufficientFunds) as error:
        if len(batch) == 1:
            done.refused.append((batch[0], error))
            return
        middle = len(batch) // 2
        await _send_batch(batch[:middle], ledger, done)
        await _send_batch(batch[middle:], ledger, done)
        return
    done.receipts.append(receipt)
    done.total += total_of(batch)
