"""A measured figure beside its baseline and its target, and how a list of them is shown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. Less is better: a target is met by that or less."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    """What somebody else's software needs for the same."""
    against: str = ""
    """Whose software."""
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """Our figure in terms of the baseline's."""
        return None if self.baseline is None else round(self.value / self.baseline, 3)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.value <= self.target


def show(rows: Sequence[Row]) -> str:
    """Return a table for people."""
    lines = [f"{'':52}{'value':>10}{'baseline':>10}{'ratio':>7}{'target':>9}  met"]
    for row in rows:
        met = {None: "", True: "yes", False: "NO"}[row.met]
        lines.append(
            f"{row.name:52}{row.value:>10,.0f}{_cell(row.baseline):>10}"
            f"{'' if row.ratio is None else f'{row.ratio:.2f}':>7}{_cell(row.target):>9}  {met:3}"
            f"  {row.against}"
        )
    return "\n".join(lines)


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as JSON: name, value, unit, baseline, ratio, target, met."""
    shaped = [{**asdict(row), "ratio": row.ratio, "met": row.met} for row in rows]
    path.write_text(json.dumps(shaped, indent=2) + "\n")


def _cell(figure: float | None) -> str:
    return "" if figure is None else f"{figure:,.0f}"
