"""Data on standard output: tables for people, JSON for programs, bare ids for pipes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mesg.marketplace.domain.money import TokenAmount

Json = Mapping[str, Any]
_HASH_CHARS = 66


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer, and how people want to see it."""

    answer: Json
    """As the API gave it; a list has `items`."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading to key, dots for nested ones; all keys if it is empty."""
    id_key: str = ""
    """The key that names the thing."""


def shown(what: Shown, form: str) -> Iterator[str]:
    """Give the lines to print."""
    items = what.answer.get("items")
    match form:
        case "json":
            yield json.dumps(what.answer, indent=2, ensure_ascii=False)
        case "ndjson":
            for item in [what.answer] if items is None else items:
                yield json.dumps(item, ensure_ascii=False)
        case "id":
            for item in [what.answer] if items is None else items:
                yield str(_at(item, what.id_key) if what.id_key else json.dumps(item))
        case _ if items is None:
            yield from _card(what.answer, what.columns)
        case _:
            yield from _table(items, what.columns)


def amount_of(shape: Json) -> TokenAmount:
    """Read an amount as the API gives it."""
    return TokenAmount.parse(f"{shape['amount']} units")


def short(text: str) -> str:
    """Shorten hashes for the eye; names, addresses and paths stay whole."""
    return f"{text[:14]}…" if len(text) == _HASH_CHARS and text.startswith("0x") else text


def cell(value: object) -> str:
    """Return a value as people read it."""
    match value:
        case None | "" | [] | ():
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict() if {"amount", "symbol"} <= set(value):
            return str(amount_of(value)).removesuffix("MESG") + str(value["symbol"])
        case list() | tuple():
            return str(len(value)) if value and isinstance(value[0], dict) else " ".join(value)
        case _:
            return str(value)


def _at(item: Json, key: str) -> object:
    if key in item:
        return item[key]
    value: Any = item
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _card(answer: Json, columns: Mapping[str, str]) -> Iterator[str]:
    chosen = columns or {key: key for key in answer if key != "apiVersion"}
    width = max(map(len, chosen), default=0)
    for heading, key in chosen.items():
        value = _at(answer, key)
        if isinstance(value, list) and value and not isinstance(value[0], dict):
            first, *rest = map(cell, value)
            yield f"{heading:<{width}}  {first}"
            yield from (f"{'':<{width}}  {one}" for one in rest)
        else:
            yield f"{heading:<{width}}  {cell(value)}"


def _table(items: Sequence[Json], columns: Mapping[str, str]) -> Iterator[str]:
    keys = columns or {key.upper(): key for key in (items[0] if items else {})}
    rows = [
        tuple(keys),
        *(tuple(short(cell(_at(item, k))) for k in keys.values()) for item in items),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            f"{text:<{width}}" for text, width in zip(row, widths, strict=True)
        ).rstrip()
