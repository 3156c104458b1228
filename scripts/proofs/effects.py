"""Faults in what statements do: an effect is left out, or a value is one more or one less."""

import re

from proofs.statements import Found, Statement, body_start

_DECLARATION = re.compile(
    r"(?:mapping\b|[A-Za-z_][\w.]*(?:\[\])?\s+(?:(?:memory|storage|calldata)\s+)?\w+\s*(?:=|$))"
)
_NUMBER = re.compile(r"u?int\d*\s")
_OTHER_NAME = re.compile(
    r"\b(?:address|bool|bytes\d*|string|[A-Z][\w.]*)(?:\[\])?\s+(?:(?:memory|storage|public|private|internal|immutable|override)\s+)*(\w+)"
)
_FIXED = (
    "return",
    "revert",
    "emit",
    "continue",
    "_",
    "unchecked",
    "function",
    "modifier",
    "constructor",
    "using",
)


def effects(masked: str, _text: str, statement: Statement) -> Found:
    """What a statement does is not done."""
    if statement.depth < 2 or statement.closer != ";":
        return
    start = body_start(masked, statement)
    code = masked[start : statement.end]
    if code.startswith("emit"):
        yield "event-dropped", start, statement.end + 1, "{}"
    elif _word(code) not in _FIXED and not _declares(code):
        yield "effect-dropped", start, statement.end + 1, "{}"


def values(masked: str, text: str, statement: Statement) -> Found:
    """What is assigned or returned is one more or one less."""
    if statement.depth < 2 or statement.closer != ";":
        return
    start = body_start(masked, statement)
    code = masked[start : statement.end]
    assigned = re.match(r"([^=(]*?(?:\[[^=]*\])?[^=(!<>+\-*/]*)[-+]?=(?!=)\s*", code)
    if code.startswith("return ") and not code.startswith("return ("):
        if not _returns_number(masked, statement.start):
            return
        start += len("return ")
    elif (
        assigned
        and _is_number(masked, code, assigned[1])
        and not code.startswith(("emit", "revert"))
    ):
        start += assigned.end()
    else:
        return
    value = text[start : statement.end]
    yield "one-more", start, statement.end, f"({value}) + 1"
    yield "one-less", start, statement.end, f"({value}) - 1"


def constants(masked: str, text: str, statement: Statement) -> Found:
    """A limit is one more or one less."""
    found = re.compile(r"uint\d*\s[^=;]*\bconstant\b[^=;]*=\s*").match(masked, statement.start)
    if found and statement.depth == 1:
        value = text[found.end() : statement.end]
        yield "constant-more", found.end(), statement.end, f"{value} + 1"
        yield "constant-less", found.end(), statement.end, f"{value} - 1"


def _word(code: str) -> str:
    found = re.match(r"\w*", code)
    return found[0] if found else ""


def _declares(code: str) -> bool:
    """Tell whether names are introduced here: what follows needs them."""
    several = re.match(r"\((?:\w[\w.]*\s+)+\w+\s*,", code)
    return several is not None or _DECLARATION.match(code) is not None


def _returns_number(masked: str, at: int) -> bool:
    header = masked[masked.rindex("function ", 0, at) : at]
    kinds = re.search(r"returns\s*\(([^)]*)\)", header)
    return kinds is not None and _NUMBER.match(kinds[1] + " ") is not None and "," not in kinds[1]


def _is_number(masked: str, code: str, left: str) -> bool:
    """Tell whether one can be added to what is assigned, as far as its name tells."""
    if _DECLARATION.match(code):
        return _NUMBER.match(code) is not None
    name = re.findall(r"\w+", re.sub(r"\[[^]]*\]", "", left))[-1]
    return name not in _OTHER_NAME.findall(masked) and not left.startswith("(")
