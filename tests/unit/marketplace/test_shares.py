"""Dividing what is claimed: to the unit, never below zero, and the same however it is cut into claims."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mesg.marketplace.domain.money import UNITS_MAX, ZERO, TokenAmount
from mesg.marketplace.domain.shares import Shares, split

totals = st.integers(0, 10_000) | st.integers(0, UNITS_MAX)


@st.composite
def bps(draw: st.DrawFn) -> tuple[int, int, int]:
    """Three shares that together are at most the whole."""
    cuts = sorted(draw(st.tuples(*[st.integers(0, 10_000)] * 3)))
    parts = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1]]
    author, treasury, referrer = draw(st.permutations(parts))
    return author, treasury, referrer


def divide(before: int, after: int, shares: tuple[int, int, int]) -> Shares:
    author, treasury, referrer = shares
    return split(
        TokenAmount(before),
        TokenAmount(after),
        author_bps=author,
        treasury_bps=treasury,
        referrer_bps=referrer,
    )


def units(shares: Shares) -> tuple[int, int, int, int]:
    return (
        shares.author.units,
        shares.treasury.units,
        shares.referrer.units,
        shares.operator.units,
    )


@given(totals, totals, bps())
def test_the_shares_add_up_and_none_is_negative(
    one: int, other: int, shares: tuple[int, int, int]
) -> None:
    before, after = sorted((one, other))

    parts = units(divide(before, after, shares))

    assert sum(parts) == after - before
    assert min(parts) >= 0


@given(st.lists(totals, min_size=2, max_size=8), bps())
def test_many_claims_pay_what_one_claim_pays(
    claimed: list[int], shares: tuple[int, int, int]
) -> None:
    steps = [0, *sorted(claimed)]
    paid = [units(divide(*step, shares)) for step in pairwise(steps)]

    assert tuple(map(sum, zip(*paid, strict=True))) == units(divide(0, steps[-1], shares))


@given(totals, bps())
def test_nobody_gets_less_of_more(total: int, shares: tuple[int, int, int]) -> None:
    if total == UNITS_MAX:
        return
    less, more = (units(divide(0, each, shares)) for each in (total, total + 1))

    assert all(later >= earlier for earlier, later in zip(less, more, strict=True))
    assert sum(more) - sum(less) == 1


@given(totals, bps())
def test_each_share_is_right_to_two_units(total: int, shares: tuple[int, int, int]) -> None:
    parts = units(divide(0, total, shares))

    for part, each in zip(parts, (*shares, 10_000 - sum(shares)), strict=True):
        assert abs(part * 10_000 - total * each) < 2 * 10_000


@given(totals, bps())
def test_who_has_no_share_gets_nothing(total: int, shares: tuple[int, int, int]) -> None:
    parts = units(divide(0, total, shares))

    for part, each in zip(parts, shares, strict=False):
        assert each or not part
    if sum(shares) == 10_000:
        assert parts[3] == 0


def test_nothing_claimed_gives_nothing() -> None:
    assert divide(5, 5, (2_000, 300, 200)) == Shares(ZERO, ZERO, ZERO, ZERO)
