"""What contracts refuse is told in sentences: every error of every contract, and never in its raw form."""

import re

import pytest

from mesg.marketplace.chain.abi import contract_errors
from mesg.marketplace.domain.moments import moment_text, span_text
from mesg.marketplace.domain.refusals import SENTENCES, Explanation, explain

VALUES = {"address": "0x0101010101010101010101010101010101010101", "string": "weather.acme"}


@pytest.mark.parametrize("name", sorted({error.name for error in contract_errors().values()}))
def test_every_error_of_the_contracts_has_a_sentence_and_a_hint(name: str) -> None:
    (error,) = {one for one in contract_errors().values() if one.name == name}
    values = zip(error.names, error.kinds, strict=True)
    shown = ", ".join(f"{one}={VALUES.get(kind, '2')}" for one, kind in values)

    meant = explain(f"doing it: {name}({shown})")

    assert meant is not None
    assert len(meant.sentence) > 10
    assert len(meant.hint) > 5
    assert not re.search(rf"\b{name}\b.*\(|[{{}}]", f"{meant.sentence} {meant.hint}")


def test_every_sentence_is_for_an_error_that_there_is() -> None:
    assert set(SENTENCES) == {error.name for error in contract_errors().values()}


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "finalize_close: TooEarly(closesAt=1800011520, timestamp=1800000000)",
            "it is too early: the channel can be finished in 3 h 12 min, at 2027-01-15 11:12:00 UTC",
        ),
        (
            "buy_pass: PriceTooHigh(price=2500000000000000000, maxPrice=1)",
            "the pass costs 2.5 MESG, more than the 0.000000000000000001 MESG you allow",
        ),
        (
            "top_up: PhaseWrong(channelId=0xab, phase=2)",
            "the channel is closing, and this is not possible then",
        ),
        ("open: EnforcedPause()", "the token is paused by its issuer: nobody can move any now"),
        (
            "open: Error(reason=Pausable: paused)",
            "the token is paused by its issuer: nobody can move any now",
        ),
        ("open: Error(reason=no, thanks)", "the contract refused: no, thanks"),
    ],
)
def test_numbers_are_told_as_people_read_them(message: str, sentence: str) -> None:
    meant = explain(message)

    assert meant is not None
    assert meant.sentence == sentence


@pytest.mark.parametrize(
    "message",
    ["open: it ran out of gas", "open: 0x12345678", "", "open: Strange(x=1)", "open: TooEarly()"],
)
def test_what_is_not_known_is_not_explained(message: str) -> None:
    assert explain(message) is None


def test_a_refusal_without_values_is_explained_too() -> None:
    assert explain("collect: NothingEarned()") == Explanation(
        "there is nothing to collect", "see what is coming: mesg market earnings"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3_600, "1 h"),
        (11_520, "3 h 12 min"),
        (11_521, "3 h 13 min"),
        (86_399, "24 h"),
        (86_400, "1 d"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_length_of_time_is_told_by_two_units_rounded_up(seconds: int, text: str) -> None:
    assert span_text(seconds) == text


def test_a_time_beyond_all_calendars_is_the_end_of_time() -> None:
    assert moment_text(2**60) == "the end of time"
