"""Words of a command line that carry a name and a value: `k=v`, `k:=json`, `@file.json`."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.errors import UsageError

FILE_BYTES_MAX = 4 * 1024 * 1024
"""The node refuses longer inputs anyway."""


def environment_of(pairs: Iterable[str] | None) -> dict[str, str]:
    """Read NAME=value pairs."""
    return pairs_of(pairs or (), what="--env")


def pairs_of(pairs: Iterable[str], *, what: str) -> dict[str, str]:
    """Read NAME=value pairs given to a flag."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"{what} takes NAME=value, not {pair!r}")
        found[name] = value
    return found


def inputs_of(words: Iterable[str]) -> dict[str, Any]:
    """Read a task's inputs: `name=text`, `name:=json`, `@file.json` or `@-` for a whole object."""
    inputs: dict[str, Any] = {}
    for word in words:
        if word.startswith("@"):
            inputs |= _object_in(word[1:])
            continue
        name, equals, value = word.partition("=")
        if not equals or not name.removesuffix(":"):
            raise UsageError(
                f"{word!r} is not an input", hint="write name=text, name:=json or @file.json"
            )
        if name.endswith(":"):
            inputs[name[:-1]] = _json(value, where=name[:-1])
        else:
            inputs[name] = value
    return inputs


def _object_in(name: str) -> Mapping[str, Any]:
    try:
        text = sys.stdin.read() if name == "-" else _text(Path(name))
    except OSError as error:
        raise InvalidInput(f"cannot read {name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8 text", where=name) from error
    value = _json(text, where=name)
    if not isinstance(value, dict):
        raise InvalidInput("the inputs must be a JSON object", where=name)
    return value


def _text(path: Path) -> str:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise InvalidInput(f"longer than {FILE_BYTES_MAX} bytes", where=str(path))
    return path.read_text(encoding="utf-8")


def _json(text: str, *, where: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"not JSON: {error}", where=where) from error
