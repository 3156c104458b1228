"""Amounts: what people write is read exactly, shown exactly, and never leaves what the contracts can hold."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.money import UNITS_MAX, ZERO, TokenAmount

units = st.integers(0, UNITS_MAX)


@given(units)
def test_an_amount_is_read_as_it_is_shown(value: int) -> None:
    amount = TokenAmount(value)

    assert TokenAmount.parse(str(amount)) == amount
    assert TokenAmount.parse(str(amount).removesuffix(" MESG")) == amount
    assert TokenAmount.parse(f"{value} units") == amount


@given(units)
def test_an_amount_survives_its_bytes(value: int) -> None:
    raw = TokenAmount(value).to_bytes()

    assert TokenAmount.from_bytes(raw) == TokenAmount(value)
    assert not raw.startswith(b"\0"), "the shortest form"


@given(units, units)
def test_sums_and_differences_are_exact_or_refused(left: int, right: int) -> None:
    one, other = TokenAmount(left), TokenAmount(right)
    tries: list[tuple[int, Callable[[], TokenAmount]]] = [
        (left + right, lambda: one + other),
        (left - right, lambda: one - other),
        (left * right, lambda: one.times(right)),
    ]
    for result, attempt in tries:
        if 0 <= result <= UNITS_MAX:
            assert attempt().units == result
        else:
            with pytest.raises(InvalidInput):
                attempt()


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        amount = TokenAmount.parse(text)
    except InvalidInput:
        return
    assert 0 <= amount.units <= UNITS_MAX


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1_500_000_000_000_000_000),
        ("1.5MESG", 1_500_000_000_000_000_000),
        ("  0.000000000000000001 MESG ", 1),
        ("007", 7 * 10**18),
        ("0", 0),
        ("12 units", 12),
    ],
)
def test_ways_to_write_an_amount(text: str, value: int) -> None:
    assert TokenAmount.parse(text).units == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-1",
        "+1",
        "1e3",
        "1,5",
        "1.",
        ".5",
        "0.0000000000000000001",
        "1 ETH",
        "1 mesg",
        "0x10",
        "\u0661",
        "1\u00a0MESG",
        "NaN",
        "-1 units",
        "1.5 units",
        "9" * 31,
        "340282366920938463463.374607431768211456",
        "9" * 100 + " units",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(InvalidInput):
        TokenAmount.parse(text)


def test_a_long_number_of_units_is_refused_not_cut() -> None:
    """The first 40 digits of it would be an amount."""
    with pytest.raises(InvalidInput):
        TokenAmount.parse("0" * 39 + "12345 units")


@pytest.mark.parametrize("value", [-1, UNITS_MAX + 1])
def test_no_amount_is_beyond_what_the_contracts_hold(value: int) -> None:
    with pytest.raises(InvalidInput):
        TokenAmount(value)


def test_seventeen_bytes_are_too_many_even_if_they_are_small() -> None:
    with pytest.raises(InvalidInput):
        TokenAmount.from_bytes(bytes(17))


def test_nothing_is_false() -> None:
    assert (bool(ZERO), bool(TokenAmount(1))) == (False, True)
