"""Runs a measurement: `scripts/bench gas [--json FILE]`."""

import argparse
import sys
from pathlib import Path

import trio

from benches.gas import measure_gas
from benches.rows import show, write

CACHE = Path(__file__).parent.parent.parent / "contracts"


def main() -> int:
    """Measure, print, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("what", choices=("gas",))
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    rows = trio.run(measure_gas, CACHE)
    sys.stdout.write(show(rows) + "\n")
    if options.json:
        write(rows, options.json)
    missed = [row.name for row in rows if row.met is False]
    if missed:
        sys.stdout.write(f"missed: {', '.join(missed)}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
