"""Mutation test of the contracts: python -m proofs.mutants [--only FILE] [--sample N --seed S] [--jobs N] [--fresh].

Every mutant must be noticed by a test, or be listed with its reason in equivalent_mutants.txt: the exit
status is 1 otherwise. A stopped run goes on where it was, as long as a source did not change.
"""

import argparse
import hashlib
import queue
import random
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from proofs.journal import Journal
from proofs.judge import Verdict, Workshop
from proofs.mutations import Mutant, mutants_of, shown
from proofs.sources import CONTRACTS

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
JOURNAL = CONTRACTS / "cache/mutants.jsonl"
SEPARATOR = " | "


def all_mutants(only: str) -> list[Mutant]:
    """Return the mutants of every source whose path contains the text."""
    found = []
    for source in sorted((CONTRACTS / "src").rglob("*.sol")):
        file = str(source.relative_to(CONTRACTS))
        if only in file and "/interfaces/" not in file:
            found += mutants_of(file, source.read_text(encoding="utf-8"))
    return found


def equivalents() -> dict[str, str]:
    """Return the reason why a mutant cannot be noticed, by its name."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    rows = [line.rsplit(SEPARATOR, 1) for line in lines if line and not line.startswith("#")]
    return {name: reason for name, reason in rows}  # noqa: C416


def name_of(mutant: Mutant) -> str:
    """Return what a mutant is called in the list of equivalents: its line's code and place there, no line number."""
    text = (CONTRACTS / mutant.file).read_text(encoding="utf-8")
    line = text.splitlines()[mutant.line - 1]
    column = (
        mutant.start - text.rindex("\n", 0, mutant.start) - 1 - (len(line) - len(line.lstrip()))
    )
    fault = f"{mutant.operator} at {column}: {shown(mutant.before)} → {shown(mutant.after)}"
    return SEPARATOR.join((mutant.file, line.strip(), fault))


def key_of(mutant: Mutant) -> str:
    """Return the journal's name of a mutant in this very source."""
    source = (CONTRACTS / mutant.file).read_bytes()
    place = f"{mutant.file}:{mutant.start}:{mutant.end}:{mutant.after}:{hashlib.sha256(source).hexdigest()}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]


class Court:
    """Who judges: workshops side by side, which take mutants from one heap and note verdicts in one journal."""

    def __init__(self, mutants: list[Mutant], journal: Journal) -> None:
        self.journal = journal
        self.keys = {mutant: key_of(mutant) for mutant in mutants}
        known = ((mutant, journal.known.get(key)) for mutant, key in self.keys.items())
        self.verdicts = {mutant: verdict for mutant, verdict in known if verdict is not None}
        self.todo = queue.SimpleQueue[Mutant]()
        for mutant in mutants:
            if mutant not in self.verdicts:
                self.todo.put(mutant)
        self.lock = threading.Lock()

    def judge_all(self, jobs: int) -> dict[Mutant, Verdict]:
        """Return what becomes of every mutant."""
        if self.todo.empty():
            return self.verdicts
        with tempfile.TemporaryDirectory(prefix="mesg-mutants-") as scratch:
            places = [Path(scratch) / str(job) for job in range(jobs)]
            workers = [threading.Thread(target=self.work, args=(place,)) for place in places]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        if len(self.verdicts) < len(self.keys):
            raise SystemExit("not every mutant could be judged: see above")
        return self.verdicts

    def work(self, place: Path) -> None:
        """Judge one mutant after the other; those that survive once more, compiled into the tests."""
        workshop = Workshop(place)
        workshop.try_all()
        doubtful = []
        for mutant in taken(self.todo):
            verdict = workshop.judge(mutant)
            self.note(mutant, verdict)
            if verdict.outcome == "survived":
                doubtful.append(mutant)
        workshop.close()
        for mutant in doubtful:
            self.note(mutant, workshop.judge_compiled(mutant))

    def note(self, mutant: Mutant, verdict: Verdict) -> None:
        """Remember a verdict, and tell."""
        with self.lock:
            self.verdicts[mutant] = verdict
            self.journal.note(self.keys[mutant], verdict)
            so_far = f"{len(self.verdicts):4}/{len(self.keys)}"
            print(f"{so_far}  {verdict.outcome:9}  {mutant}  {verdict.detail}", flush=True)


def taken(todo: queue.SimpleQueue[Mutant]) -> Iterator[Mutant]:
    """Yield what is left to do, as long as there is something."""
    while True:
        try:
            yield todo.get_nowait()
        except queue.Empty:
            return


def report(verdicts: dict[Mutant, Verdict]) -> int:
    """Print the table and every unexplained survivor; return the exit status."""
    reasons = equivalents()
    survivors = [mutant for mutant, verdict in verdicts.items() if verdict.outcome == "survived"]
    unexplained = [mutant for mutant in survivors if name_of(mutant) not in reasons]
    rows: dict[str, Counter[str]] = {}
    for mutant, verdict in verdicts.items():
        explained = verdict.outcome == "survived" and mutant not in unexplained
        rows.setdefault(mutant.file, Counter())[
            "equivalent" if explained else verdict.outcome
        ] += 1
    print(
        f"\n{'file':34} {'mutants':>8} {'killed':>8} {'equivalent':>11} {'survived':>9}  (stillborn)"
    )
    for file, row in [*sorted(rows.items()), ("all", sum(rows.values(), Counter()))]:
        alive = row.total() - row["stillborn"]
        print(
            f"{file:34} {alive:8} {row['killed']:8} {row['equivalent']:11} {row['survived']:9}  ({row['stillborn']})"
        )
    for mutant in sorted(unexplained, key=lambda one: (one.file, one.start)):
        print(f"SURVIVED  {mutant}")
    return 1 if unexplained else 0


def main() -> int:
    """Make the mutants, judge them, and tell."""
    parser = argparse.ArgumentParser(prog="proofs.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="only sources whose path contains this")
    parser.add_argument("--sample", type=int, help="only so many of them")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--jobs", type=int, default=2, help="how many side by side")
    parser.add_argument("--fresh", action="store_true", help="forget what a stopped run found")
    parser.add_argument("--list", action="store_true", help="print the mutants, try none")
    chosen = parser.parse_args()
    mutants = all_mutants(chosen.only)
    if chosen.sample is not None and chosen.sample < len(mutants):
        mutants = random.Random(chosen.seed).sample(mutants, chosen.sample)  # noqa: S311
    if chosen.list:
        print(*mutants, f"{len(mutants)} mutants", sep="\n")
        return 0
    if chosen.fresh:
        JOURNAL.unlink(missing_ok=True)
    return report(Court(mutants, Journal(JOURNAL)).judge_all(chosen.jobs))


if __name__ == "__main__":
    raise SystemExit(main())
