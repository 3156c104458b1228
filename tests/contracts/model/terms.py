"""A pass as the list of what was bought: each purchase has a begin, an end, and its parts of the price."""

from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple


class Held(NamedTuple):
    """What time that has not passed yet holds for each side."""

    author: int
    treasury: int


@dataclass(frozen=True, slots=True)
class Term:
    """Time bought under one offer, by one purchase or several in a row, and what it earns from begin to end."""

    offer: int
    begin: int
    end: int
    author: int
    treasury: int

    def held(self, time: int) -> Held:
        """Return what is not earned at a time."""
        left = self.end - min(max(time, self.begin), self.end)
        whole = self.end - self.begin
        return Held(self.author * left // whole, self.treasury * left // whole)


@dataclass(frozen=True, slots=True)
class Purchases:
    """All that was bought for one account without a gap, and until when its income was credited."""

    bought: tuple[Term, ...]
    settled_to: int

    def terms(self) -> list[Term]:
        """Return purchases in a row under the same offer as one."""
        merged = []
        for offer, group in groupby(self.bought, key=lambda each: each.offer):
            parts = list(group)
            author = sum(part.author for part in parts)
            treasury = sum(part.treasury for part in parts)
            merged.append(Term(offer, parts[0].begin, parts[-1].end, author, treasury))
        return merged

    def left(self, time: int) -> list[Term]:
        """Return the terms that are not over at a time."""
        return [term for term in self.terms() if term.end > time]

    @property
    def end(self) -> int:
        return self.bought[-1].end

    def held(self, time: int) -> Held:
        parts = [term.held(time) for term in self.terms()]
        return Held(sum(part.author for part in parts), sum(part.treasury for part in parts))

    def earned(self) -> Held:
        """Return what was credited by now."""
        rest = self.held(self.settled_to)
        return Held(
            sum(part.author for part in self.bought) - rest.author,
            sum(part.treasury for part in self.bought) - rest.treasury,
        )
