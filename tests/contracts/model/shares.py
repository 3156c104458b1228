"""How an amount is divided, by its definition: what is shared first, then each part of it."""

from typing import NamedTuple

WHOLE = 10_000


class Parts(NamedTuple):
    """What each party gets of a total."""

    author: int
    treasury: int
    referrer: int
    operator: int


def divided(total: int, *, author: int, treasury: int, referrer: int) -> Parts:
    """Divide a total by shares in 1/10000; the operator gets what nobody else does."""
    shared = total * (author + treasury + referrer) // WHOLE
    to_author = shared * author // max(1, author + treasury + referrer)
    to_treasury = (shared - to_author) * treasury // max(1, treasury + referrer)
    parts = Parts(
        to_author, to_treasury, shared - to_author - to_treasury, operator=total - shared
    )
    for part, bps in zip(parts[:3], (author, treasury, referrer), strict=True):
        # However it is rounded, nobody is off by more than two units.
        assert abs(part * WHOLE - total * bps) <= 2 * WHOLE
    return parts
