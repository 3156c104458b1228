"""Which mutants were killed before, so that a run can go on where it was stopped."""

import json
from pathlib import Path

from proofs.judge import Verdict


class Journal:
    """One line for each verdict; the last one of a key counts."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.known: dict[str, Verdict] = {}
        for line in place.read_text(encoding="utf-8").splitlines() if place.exists() else ():
            entry = json.loads(line)
            self.known[entry["key"]] = Verdict(entry["outcome"], entry["detail"])

    def note(self, key: str, verdict: Verdict) -> None:
        """Remember a verdict; survivors are tried again, as tests may have been added."""
        if verdict.outcome == "survived":
            return
        self.place.parent.mkdir(parents=True, exist_ok=True)
        entry = {"key": key, "outcome": verdict.outcome, "detail": verdict.detail}
        with self.place.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry) + "\n")
