"""Which files of a Service folder stay out of its package: `.mesgignore` and `.dockerignore`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

IGNORE_FILES = (".dockerignore", ".mesgignore")
"""Read in this order; the later line wins."""
NEVER_PACKED = frozenset({".git", "node_modules", "__pycache__"})
"""Histories and caches: large, private or different on every machine."""
ALWAYS_PACKED = frozenset({"mesg.yml", "Dockerfile"})
"""Many a `.dockerignore` names them, yet without them a package cannot run."""
PATTERNS_MAX = 1_000
"""More lines than this are ignored: each costs a match per file."""


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Simple globs, one a line: `#` comments, `!` takes back, the last match wins."""

    patterns: tuple[tuple[str, bool], ...] = ()

    def ignore(self, path: PurePosixPath) -> bool:
        """Tell whether a path, relative to the folder, stays out."""
        if str(path) in ALWAYS_PACKED:
            return False
        if path.name in NEVER_PACKED:
            return True
        verdict = False
        for pattern, ignores in self.patterns:
            if verdict != ignores and _fits(path, pattern):
                verdict = ignores
        return verdict


def read_rules(texts: Iterable[str]) -> IgnoreRules:
    """Read the lines of ignore files."""
    lines = (line for text in texts for line in text.splitlines())
    return IgnoreRules(tuple(_parse(lines))[:PATTERNS_MAX])


def _parse(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for line in lines:
        pattern = line.strip()
        ignores = not pattern.startswith("!")
        pattern = pattern.removeprefix("!").removeprefix("./").rstrip("/")
        if pattern and not pattern.startswith("#"):
            yield pattern, ignores


def _fits(path: PurePosixPath, pattern: str) -> bool:
    """Match a bare word at any depth, and a pattern with a slash from the top."""
    if pattern.startswith("**/"):
        tail = pattern.removeprefix("**/")
        return any(fnmatchcase("/".join(path.parts[i:]), tail) for i in range(len(path.parts)))
    if "/" in pattern:
        return fnmatchcase(str(path), pattern.removeprefix("/"))
    return fnmatchcase(path.name, pattern)
