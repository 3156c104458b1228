"""Every small fault that a hand could slip into a contract's source; each a place, and what stands there instead."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from proofs.effects import constants, effects, values
from proofs.statements import Found, Statement, body_start, closing, mask, split_top, statements

_COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
_LOGIC = {"&&": "||", "||": "&&"}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", ">>": "<<", "<<": ">>"}
_COMPOUND = {"+=": "-=", "-=": "+=", "++": "--", "--": "++"}
_OPERATOR = re.compile(r"=>|<<|>>|[<>=!]=|[-+*/%]=|\+\+|--|&&|\|\||[<>+\-*/%]")
_KINDS = (
    ("comparison", _COMPARISONS),
    ("logic", _LOGIC),
    ("arithmetic", _ARITHMETIC),
    ("compound", _COMPOUND),
)
_PLAIN = re.compile(
    r"(?:external|public|internal|private|view|pure|payable|virtual|override|returns|constant)\b"
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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: at `start`..`end` of a file stands `after` instead."""

    file: str
    line: int
    operator: str
    start: int
    end: int
    before: str
    after: str

    def apply(self, text: str) -> str:
        """Return the source with the fault in it."""
        return text[: self.start] + self.after + text[self.end :]

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}  {self.operator}  {shown(self.before)} → {shown(self.after)}"
        )


def shown(code: str) -> str:
    """Return code on one line."""
    return " ".join(code.split()) or "(nothing)"


def mutants_of(file: str, text: str) -> list[Mutant]:
    """Return every mutant of one source, in the order of its places."""
    masked = mask(text)
    every = list(statements(masked))
    found: set[tuple[str, int, int, str]] = set()
    for operators in (_conditions, _modifiers, effects, values, constants, _ternaries, _tuples):
        for statement in every:
            found |= set(operators(masked, text, statement))
    found |= set(_operators(masked, every)) | set(_layouts(masked, text))
    return [
        Mutant(file, text.count("\n", 0, start) + 1, operator, start, end, text[start:end], after)
        for operator, start, end, after in sorted(
            found, key=lambda one: (one[1], one[2], one[0], one[3])
        )
    ]


def _conditions(masked: str, text: str, statement: Statement) -> Found:
    """A check is dropped, or asks for the opposite."""
    head = re.compile(r"(?:\}\s*)?(?:else\s+)?if\s*\(").match(masked, statement.start)
    if head:
        end = closing(masked, head.end() - 1)
        condition = text[head.end() : end]
        yield "condition-false", head.end(), end, "false"
        yield "condition-negated", head.end(), end, f"!({condition})"
        for separator in ("&&", "||"):
            yield from _operands(masked, text, head.end(), end, separator)


def _operands(masked: str, text: str, start: int, end: int, separator: str) -> Found:
    """One side of a condition is forgotten."""
    places = split_top(masked, start, end, separator)
    if not places:
        return
    ends = [*places, end]
    starts = [start, *(place + 2 for place in places)]
    for index in range(len(ends)):
        rest = [
            text[s:e].strip()
            for i, (s, e) in enumerate(zip(starts, ends, strict=True))
            if i != index
        ]
        yield "operand-dropped", start, end, f" {separator} ".join(rest)


def _modifiers(masked: str, _text: str, statement: Statement) -> Found:
    """A function forgets a modifier."""
    head = re.compile(r"function\s+\w+\s*\(").match(masked, statement.start)
    if not head or statement.closer != "{":
        return
    at = closing(masked, head.end() - 1) + 1
    for word in re.compile(r"\w+").finditer(masked, at, statement.end):
        if word.start() < at:
            continue
        at = word.end()
        if masked[at : at + 1] == "(" or masked[at : at + 2] == " (":
            at = closing(masked, masked.index("(", at)) + 1
        if not _PLAIN.match(word[0]):
            yield "modifier-dropped", word.start(), at, ""


def _ternaries(masked: str, text: str, statement: Statement) -> Found:
    """The two answers of a choice change places."""
    if statement.depth < 2:
        return
    for question in re.compile(r" \? ").finditer(masked, statement.start, statement.end):
        colons = split_top(masked, question.end(), statement.end, " : ")
        if not colons:
            continue
        stop = min(_stops(masked, colons[0] + 3, statement.end))
        one, other = text[question.end() : colons[0]], text[colons[0] + 3 : stop]
        yield "choice-swapped", question.end(), stop, f"{other} : {one}"


def _stops(masked: str, start: int, end: int) -> Iterator[int]:
    yield end
    depth = 0
    for at in range(start, end):
        depth += (masked[at] in "([{") - (masked[at] in ")]}")
        if depth < 0 or (depth == 0 and masked[at] == ","):
            yield at
            return


def _tuples(masked: str, text: str, statement: Statement) -> Found:
    """Two neighbours in what is returned change places."""
    start = body_start(masked, statement)
    if statement.depth < 2 or not masked.startswith("return (", start):
        return
    begin = masked.index("(", start) + 1
    end = closing(masked, begin - 1)
    edges = [begin - 1, *split_top(masked, begin, end, ","), end]
    parts = [text[a + 1 : b].strip() for a, b in itertools.pairwise(edges)]
    for index in range(len(parts) - 1):
        if parts[index] == parts[index + 1]:
            continue
        swapped = [*parts[:index], parts[index + 1], parts[index], *parts[index + 2 :]]
        yield "neighbours-swapped", begin, end, ", ".join(swapped)


def _operators(masked: str, every: list[Statement]) -> Found:
    """Another operator stands in the code of a function."""
    for statement in every:
        if statement.depth < 2:
            continue
        for found in _OPERATOR.finditer(masked, statement.start, statement.end):
            for name, table in _KINDS:
                if found[0] in table and not _whole_condition(masked, statement, found.start()):
                    yield name, found.start(), found.end(), table[found[0]]


def _whole_condition(masked: str, statement: Statement, at: int) -> bool:
    """Tell whether this equality is all that an `if` asks: its opposite is there already."""
    head = re.compile(r"(?:\}\s*)?(?:else\s+)?if\s*\(").match(masked, statement.start)
    if not head or masked[at : at + 2] not in {"==", "!="} or not head.end() <= at:
        return False
    end = closing(masked, head.end() - 1)
    return at < end and not re.search(r"&&|\|\|", masked[head.end() : end])


def _layouts(masked: str, text: str) -> Found:
    """A type that is hashed reads otherwise, or assembly moves or hashes another word."""
    for found in re.compile(r"0x[0-9a-f]+|\"[^\"\n]+\"").finditer(text):
        if masked[found.start()] != " " or text[
            text.rindex("\n", 0, found.start()) + 1 :
        ].lstrip().startswith("//"):
            continue
        if found[0].startswith('"'):
            if "(" in found[0] and ")" in found[0]:
                yield "type-changed", found.start(), found.end(), found[0].replace(")", " )", 1)
        else:
            yield "word-moved", found.start(), found.end(), hex(int(found[0], 16) + 32)
