"""What fits into one claiming transaction, and in which order rows get their turn. Decides only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mesg.marketplace.domain.identity import NOBODY
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import ClaimRow

ROW_GAS = 30_000
"""A row that writes no new storage slot: 22,336 are measured in a batch of 50 (gas-snapshot.json)."""
SLOT_GAS = 22_100
"""One storage slot that was zero: read cold (2,100) and set (20,000), EIP-2929."""
BATCH_GAS_MAX = 10_000_000
"""A transaction may use 16,777,216 (EIP-7825), and a fifth is added to what is estimated. The rest is
for slots that are new once a batch: treasury, operator, and each Service's first income."""
ROWS_MAX = 250
"""512 bytes each: nodes take no transaction above 128 KiB."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A row that would pay, and what; `lane_claimed` and `claimed` are the chain's, of lane and channel."""

    row: ClaimRow
    lane_claimed: TokenAmount = ZERO
    claimed: TokenAmount = ZERO
    is_closing: bool = False

    @property
    def amount(self) -> TokenAmount:
        """What claiming the row brings."""
        return self.row.voucher.cumulative - self.lane_claimed

    @property
    def gas(self) -> int:
        """The most that the row can cost, however its payer chose lane and referrer to make it dear."""
        lane, new_slots = self.row.voucher.lane, 0
        if not self.lane_claimed:
            # Another lane's first claim also moves lane 0 to a slot of its own; see `Claims._advance`.
            new_slots += 2 if lane else int(bool(self.claimed))
        if self.row.config.referrer != NOBODY and self.row.config.referrer_bps:
            new_slots += 1
        return ROW_GAS + SLOT_GAS * new_slots


def in_order(owed: Sequence[Owed]) -> list[Owed]:
    """Return the rows by urgency: of channels that close first, then the largest."""
    return sorted(
        owed,
        key=lambda one: (
            not one.is_closing,
            -one.amount.units,
            one.row.voucher.channel,
            one.row.voucher.lane,
        ),
    )


def batches(owed: Sequence[Owed]) -> Iterator[list[Owed]]:
    """Cut rows, in their order, into what fits into one transaction each."""
    batch: list[Owed] = []
    gas = 0
    for one in owed:
        if batch and (gas + one.gas > BATCH_GAS_MAX or len(batch) >= ROWS_MAX):
            yield batch
            batch, gas = [], 0
        batch.append(one)
        gas += one.gas
    if batch:
        yield batch
