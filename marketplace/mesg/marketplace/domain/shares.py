"""How a claim is divided; the same arithmetic as the contract, exact to the unit."""

from dataclasses import dataclass

from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import BPS_WHOLE


@dataclass(frozen=True, slots=True)
class Shares:
    """Who gets what of an amount; the four always add up to it."""

    author: TokenAmount
    treasury: TokenAmount
    referrer: TokenAmount
    operator: TokenAmount


def split(
    before: TokenAmount,
    after: TokenAmount,
    *,
    author_bps: int,
    treasury_bps: int,
    referrer_bps: int,
) -> Shares:
    """Divide what was claimed between two cumulative totals.

    Every share is a function of the total that never falls, and they add up to it: so many small
    claims pay exactly what one big claim pays, and nobody is ever charged for a rounding. Rounding
    each share by itself would not do: three of them can rise by one when the total does.
    """
    bps = (author_bps, treasury_bps, referrer_bps)
    parts = zip(_divide(after.units, *bps), _divide(before.units, *bps), strict=True)
    return Shares(*(TokenAmount(late - early) for late, early in parts))


def _divide(
    total: int, author_bps: int, treasury_bps: int, referrer_bps: int
) -> tuple[int, int, int, int]:
    """Divide a total in two, and the rest in two again: author, treasury, referrer, operator."""
    shared = total * (author_bps + treasury_bps + referrer_bps) // BPS_WHOLE
    author = _part(shared, author_bps, treasury_bps + referrer_bps)
    treasury = _part(shared - author, treasury_bps, referrer_bps)
    return author, treasury, shared - author - treasury, total - shared


def _part(units: int, mine: int, others: int) -> int:
    return units * mine // (mine + others) if mine else 0
