"""What the story tells: lines as things happen, a table of balances at the end, and all of it as JSON."""

import sys
import time
from dataclasses import dataclass, field
from typing import Any

from mesg.marketplace.domain.money import TokenAmount

Holdings = dict[str, TokenAmount]
"""What each party holds, in all its places together, by name."""


@dataclass(slots=True)
class Report:
    """Collects what happened, and prints it line by line."""

    started: float = field(default_factory=time.monotonic)
    step: str = "the beginning"
    facts: dict[str, Any] = field(default_factory=dict)
    transactions: list[dict[str, Any]] = field(default_factory=list)

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self.step = title
        self._print(f"\n{title}")

    def say(self, line: str) -> None:
        """Tell one thing that happened."""
        self._print(f"  {time.monotonic() - self.started:6.1f} s  {line}")

    def keep(self, name: str, value: object) -> None:
        """Keep a fact for the JSON."""
        self.facts[name] = value

    def sent(self, who: str, done: dict[str, Any]) -> None:
        """Keep and tell the transactions of a command."""
        for transaction in done.get("transactions", ()):
            self.transactions.append({"by": who, **transaction})
            gas = f"{int(transaction['gasUsed']):,}"
            self.say(f"{who}: transaction {transaction['action']}, {gas} gas")

    def table(self, before: Holdings, after: Holdings) -> None:
        """Print the balances before and after, exactly, and that they add up."""
        self.chapter("Balances (MESG, exact)")
        rows = [("", "before", "after", "change")]
        for name in after:
            change = after[name].units - before[name].units
            sign = "-" if change < 0 else "+" if change else ""
            rows.append(
                (
                    name,
                    _plain(before[name]),
                    _plain(after[name]),
                    sign + _plain(TokenAmount(abs(change))),
                )
            )
        total_before = TokenAmount(sum(amount.units for amount in before.values()))
        total_after = TokenAmount(sum(amount.units for amount in after.values()))
        rows.append(("together", _plain(total_before), _plain(total_after), "0"))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [row[column].rjust(widths[column]) for column in (1, 2, 3)]
            self._print("  " + "   ".join(cells))
        if total_before != total_after:
            raise AssertionError(f"{total_before} became {total_after}")

    def _print(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _plain(amount: TokenAmount) -> str:
    return str(amount).removesuffix(" MESG")
