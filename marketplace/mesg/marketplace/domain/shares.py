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

    Each share is floor(after*bps/10^4) - floor(before*bps/10^4), so that many small claims pay
    exactly what one big claim pays; the operator gets the remainder.
    """

    def share(bps: int) -> TokenAmount:
        return TokenAmount(after.units * bps // BPS_WHOLE - before.units * bps // BPS_WHOLE)

    author, treasury, referrer = share(author_bps), share(treasury_bps), share(referrer_bps)
    return Shares(author, treasury, referrer, after - before - author - treasury - referrer)
