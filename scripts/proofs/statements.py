"""Solidity source cut into statements, by its brackets and semicolons; no parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_QUIET = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|assembly\s*(?:\([^)]*\)\s*)?\{",
    re.DOTALL,
)
_HEAD = re.compile(r"(?:\}\s*)?(?:else\s+)?(?:if|for|while)\s*\(|(?:\}\s*)?else\b")
Found = Iterator[tuple[str, int, int, str]]
"""What a kind of fault yields: its name, from where to where, and what stands there instead."""
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of source up to its `;` or `{`, and how many braces are open around it."""

    start: int
    end: int
    depth: int
    closer: str


def mask(text: str) -> str:
    """Return the text with comments, strings and assembly blanked, each place where it was."""
    parts, at = [], 0
    while found := _QUIET.search(text, at):
        end = found.end()
        if found[0].endswith("{") and found[0].startswith("assembly"):
            end = closing(text, end - 1) + 1
        parts += [text[at : found.start()], re.sub(r"[^\n]", " ", text[found.start() : end])]
        at = end
    return "".join(parts) + text[at:]


def closing(masked: str, start: int) -> int:
    """Return where the bracket that opens at `start` is closed."""
    depth = 0
    for at in range(start, len(masked)):
        depth += (masked[at] in _OPEN) - (masked[at] in _CLOSE)
        if depth == 0:
            return at
    raise ValueError(f"a bracket is never closed: {masked[start : start + 40]!r}")


def statements(masked: str) -> Iterator[Statement]:
    """Yield every statement and every head of a block, in order."""
    depth = at = begin = 0
    while at < len(masked):
        character = masked[at]
        if character in "([":
            at = closing(masked, at)
        elif character in ";{}":
            start = begin + len(masked[begin:at]) - len(masked[begin:at].lstrip())
            if start < at:
                yield Statement(start, at, depth, character)
            depth += (character == "{") - (character == "}")
            begin = at + 1
        at += 1


def body_start(masked: str, statement: Statement) -> int:
    """Return where a statement begins behind its `if (...)`, `for (...)` or `else`."""
    at = statement.start
    while found := _HEAD.match(masked, at, statement.end):
        at = closing(masked, found.end() - 1) + 1 if found[0].endswith("(") else found.end()
        at += len(masked[at : statement.end]) - len(masked[at : statement.end].lstrip())
    return at


def split_top(masked: str, start: int, end: int, separator: str) -> list[int]:
    """Return where a separator stands outside all brackets between two places."""
    found, at = [], start
    while at < end:
        if masked[at] in _OPEN:
            at = closing(masked, at)
        elif masked.startswith(separator, at):
            found.append(at)
        at += 1
    return found
