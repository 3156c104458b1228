"""How often everything was done and refused, so that a machine cannot pass by doing nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from eth_hash.auto import keccak

_FOREIGN = {
    keccak(f"{name}({kinds})".encode())[:4].hex(): name
    for name, kinds in (
        ("InvalidSigner", ""),
        ("InvalidNonce", ""),
        ("SignatureExpired", "uint256"),
        ("EnforcedPause", ""),
    )
}
"""Errors of contracts that are not ours, by selector."""


class Tally:
    """Counts of one machine's run."""

    def __init__(self) -> None:
        self.runs = 0
        self.steps = 0
        self.checked = 0
        self.done: Counter[str] = Counter()
        self.refused: dict[str, Counter[str]] = defaultdict(Counter)
        self.skipped: Counter[str] = Counter()

    def count(self, action: str, refusal: str | None) -> None:
        if refusal is None:
            self.done[action] += 1
        else:
            name = refusal.split("(")[0]
            self.refused[action][_FOREIGN.get(name[2:10], name)] += 1

    def never_done(self, actions: Iterable[str]) -> set[str]:
        """Return the actions that never succeeded."""
        return set(actions) - {action.split()[0] for action in self.done}

    def errors(self) -> set[str]:
        """Return the names of all errors met."""
        return {error for errors in self.refused.values() for error in errors}

    def lines(self) -> list[str]:
        """Return the figures, to be read by people."""
        calls = sum(self.done.values()) + sum(map(Counter.total, self.refused.values()))
        head = (
            f"{self.runs} runs, {self.steps} steps, {calls} calls, {self.checked} values compared"
        )
        rows = (self._line(action) for action in sorted(set(self.done) | set(self.refused)))
        skipped = ", ".join(f"{reason} {count}" for reason, count in self.skipped.most_common())
        return [head, *rows, f"rows of claims: {skipped}"]

    def _line(self, action: str) -> str:
        refused = self.refused.get(action, Counter())
        why = ", ".join(f"{error} {count}" for error, count in refused.most_common())
        return f"{action:<26} done {self.done[action]:>6}, refused {refused.total():>6}  {why}"
