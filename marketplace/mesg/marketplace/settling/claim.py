"""Cashing vouchers: every lane that promises more than was claimed, in one transaction."""

from collections.abc import Sequence

from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import ClaimRow, Ledger, TransactionReceipt
from mesg.marketplace.selling.till import Till

ROWS_MAX = 300
"""About 7 million gas: half of what one transaction may use (EIP-7825)."""


async def claim_all(till: Till, ledger: Ledger) -> tuple[TokenAmount, TransactionReceipt | None]:
    """Claim what vouchers promise beyond what was claimed; return the sum, and the transaction.

    Nothing to claim gives no transaction. A claim can be repeated: the contract counts cumulatively.
    """
    rows: list[ClaimRow] = []
    total = ZERO
    for kept in till.channels():
        for lane in till.lanes(kept.channel):
            if lane.voucher is None or len(rows) == ROWS_MAX:
                continue
            claimed = await ledger.lane_claimed(kept.config, lane.lane)
            if lane.promised > claimed:
                rows.append(ClaimRow(kept.config, lane.voucher))
                total += lane.promised - claimed
    if not rows:
        return ZERO, None
    return total, await ledger.claim(_in_order(rows))


def _in_order(rows: Sequence[ClaimRow]) -> Sequence[ClaimRow]:
    return sorted(rows, key=lambda row: (row.voucher.channel, row.voucher.lane))
