"""Untrusted YAML as a small tree of text with lines: no tags, no types, no bombs.

Every scalar stays the text that was written (`22:22`, `1.0`, `no`); who reads it knows what it should
be. Anchors and merge keys work; what they expand to is counted against the limits.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mesg.marketplace.domain.errors import InvalidManifest

YAML_BYTES_MAX = 256 << 10
"""Ten times the largest manifest of 2019."""
YAML_DEPTH_MAX = 32
"""A parameter of an object costs two levels."""
YAML_NODES_MAX = 20_000
"""Values after the expansion of aliases."""

_PLAIN_TAGS = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = re.compile("(true|yes|on)|(false|no|off)", re.IGNORECASE)
_MERGE = "<<"


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text; `is_plain` if it was written without quotes."""

    text: str
    is_plain: bool
    line: int
    weight: int = 1
    height: int = 1

    @property
    def is_null(self) -> bool:
        """Tell whether it says nothing."""
        return self.is_plain and self.text in _NULLS

    def boolean(self) -> bool | None:
        """Return what it says, in the words of YAML 1.1 as in 2018; None if it is no boolean."""
        found = _BOOLEANS.fullmatch(self.text) if self.is_plain else None
        return None if found is None else found.group(1) is not None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    values: tuple["Value", ...]
    line: int
    weight: int
    height: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping in written order; `lines` of its keys."""

    members: Mapping[str, "Value"]
    lines: Mapping[str, int]
    line: int
    weight: int
    height: int


Value = Scalar | Items | Table


def parse_yaml(text: str) -> Value:
    """Read one document; raise InvalidManifest with its line for anything unsafe or malformed."""
    if len(text) > YAML_BYTES_MAX or len(text.encode(errors="replace")) > YAML_BYTES_MAX:
        raise InvalidManifest(f"the manifest is larger than {YAML_BYTES_MAX} bytes")
    try:
        return _Builder(YAML(typ="safe", pure=True).parse(text)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise refuse(f"not valid YAML: {error.problem or error.context}", line) from None
    except (YAMLError, ValueError) as error:
        raise InvalidManifest(f"not valid YAML: {str(error).splitlines()[0][:200]}") from None


def refuse(message: str, line: int, *, hint: str = "") -> InvalidManifest:
    """Return the refusal of what stands on a line."""
    return InvalidManifest(f"line {line}: {message}", where=f"line {line}", hint=hint)


class _Builder:
    """Builds values from parser events; recursion is bounded by the depth limit."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, Value] = {}
        self._count = 0

    def document(self) -> Value:
        """Return the only document."""
        event = self._next_content()
        if isinstance(event, yaml.StreamEndEvent):
            return Scalar("", is_plain=True, line=1)
        value = self._value(event, depth=1)
        after = self._next_content()
        if not isinstance(after, yaml.StreamEndEvent):
            raise refuse("a manifest is one document", _line(after))
        return value

    def _next_content(self) -> Any:  # noqa: ANN401
        skipped = (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
        return next(event for event in self._events if not isinstance(event, skipped))

    def _value(self, event: Any, depth: int) -> Value:  # noqa: ANN401
        if depth > YAML_DEPTH_MAX:
            raise refuse(f"nested deeper than {YAML_DEPTH_MAX} levels", _line(event))
        self._count += 1
        if self._count > YAML_NODES_MAX:
            raise refuse(f"more than {YAML_NODES_MAX} values", _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        _check_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            value: Value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._items(event, depth)
        else:
            value = self._table(event, depth)
        if value.weight > YAML_NODES_MAX:
            raise refuse(f"more than {YAML_NODES_MAX} values", value.line)
        if depth + value.height - 1 > YAML_DEPTH_MAX:
            raise refuse(f"nested deeper than {YAML_DEPTH_MAX} levels", value.line)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _aliased(self, event: Any) -> Value:  # noqa: ANN401
        value = self._anchors.get(event.anchor)
        if value is None:
            raise refuse(f"no anchor {str(event.anchor)[:80]!r} before this alias", _line(event))
        return value

    def _items(self, start: Any, depth: int) -> Items:  # noqa: ANN401
        values = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, depth + 1))
        return Items(tuple(values), _line(start), *_size(values))

    def _table(self, start: Any, depth: int) -> Table:  # noqa: ANN401
        written: dict[str, tuple[int, Value]] = {}
        merged: dict[str, tuple[int, Value]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            value = self._value(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                raise refuse("a key must be a word", key.line)
            if key.is_plain and key.text == _MERGE:
                _merge(merged, value, _line(event))
            elif key.text in written:
                raise refuse(f"the key {key.text[:80]!r} appears twice", _line(event))
            else:
                written[key.text] = (_line(event), value)
        members = written | {key: merged[key] for key in merged if key not in written}
        return Table(
            {key: value for key, (_, value) in members.items()},
            {key: line for key, (line, _) in members.items()},
            _line(start),
            *_size([value for _, value in members.values()]),
        )


def _merge(into: dict[str, tuple[int, Value]], value: Value, line: int) -> None:
    """Take the members of one table or several; the first that has a key wins."""
    for table in value.values if isinstance(value, Items) else (value,):
        if not isinstance(table, Table):
            raise refuse("<< merges mappings only", line)
        for key, member in table.members.items():
            into.setdefault(key, (table.lines[key], member))
    if len(into) > YAML_NODES_MAX:
        raise refuse(f"more than {YAML_NODES_MAX} values", line)


def _size(values: list[Value]) -> tuple[int, int]:
    weight = 1 + sum(value.weight for value in values)
    return weight, 1 + max((value.height for value in values), default=0)


def _scalar(event: Any) -> Scalar:  # noqa: ANN401
    text = str(event.value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise refuse("half a surrogate pair is not text", _line(event)) from None
    return Scalar(text, is_plain=event.style is None, line=_line(event))


def _check_tag(event: Any) -> None:  # noqa: ANN401
    tag = getattr(event, "tag", None)
    if tag is not None and str(tag) not in _PLAIN_TAGS:
        raise refuse(f"tags such as {str(tag)[:80]} are not allowed", _line(event))


def _line(event: Any) -> int:  # noqa: ANN401
    return int(event.start_mark.line) + 1
