"""Transactions that were only tried, as people read them: each argument by name, amounts as tokens."""

import re
from collections.abc import Iterator, Sequence

from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.money import UNITS_MAX, TokenAmount
from mesg.node.cli.client import Json
from mesg.node.cli.show import cell

AMOUNTS = frozenset(
    (
        "amount",
        "amounts",
        "cumulative",
        "finalClaimed",
        "maxFee",
        "maxPrice",
        "price",
        "pricePerEvent",
        "value",
    )
)
"""Arguments of the contracts that are tokens; a test compares them with the artifacts."""
_INSIDE = re.compile(rf"\b({'|'.join(sorted(AMOUNTS))})=(\d+)")
_BETWEEN_MEMBERS = re.compile(r", (?=\w+=)")


def planned_lines(planned: Sequence[Json], *, sid: str = "") -> Iterator[str]:
    """Give what people read of a dry run: the calls in order, then what they cost together.

    The Service that it is about is called by its sid, which is a number on chain.
    """
    number_of_sid = str(ServiceId(sid).number) if sid else "no number"
    for position, one in enumerate(planned, 1):
        yield f"{position}. {one['action']}: {one['contract']}.{one['function']} at {one['to']}"
        rows = [row for argument in one["arguments"].items() for row in _rows(*argument)]
        rows.append(("gas", f"{one['gas']}, {cell(one['fee'])}"))
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            yield f"   {name:<{width}}  {value.replace(number_of_sid, sid)}"
    if planned:
        yield _together(planned)


def readable(name: str, text: str) -> str:
    """Return an argument as people read it."""
    if name in AMOUNTS and text.isdecimal():
        return _tokens(text)
    return _INSIDE.sub(lambda found: f"{found[1]}={_tokens(found[2])}", text)


def _rows(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Give the argument, a structure by its members."""
    if not (text.startswith("(") and text.endswith(")") and "(" not in text[1:]):
        yield name, readable(name, text)
        return
    for member in _BETWEEN_MEMBERS.split(text[1:-1]):
        key, _, value = member.partition("=")
        yield f"{name}.{key}", readable(key, value)


def _tokens(text: str) -> str:
    return str(TokenAmount(int(text))) if int(text) <= UNITS_MAX else text


def _together(planned: Sequence[Json]) -> str:
    gas = sum(int(one["gas"]) for one in planned)
    wei = sum(int(one["fee"]["amount"]) for one in planned)
    fee = cell({**planned[0]["fee"], "amount": str(wei)})
    count = "1 transaction" if len(planned) == 1 else f"{len(planned)} transactions"
    return f"{count}, {gas} gas, {fee} at present fees"
