"""Mutants before their judges: each is compiled and tried in a copy of the contracts, by the quick tests first.

Tests deploy the contracts by name, so a mutant needs only its own contract compiled: its code takes the
place of the artifact that forge made, and no test is compiled again.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from proofs.mutations import Mutant
from proofs.sources import CONTRACTS, DEPLOYED, FORGE, copy_contracts, deployed_with

STAGE_S_MAX = 900
"""A stage that takes longer runs in circles: its mutant is noticed."""
STAGES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("unit", {}, "test/{unit,mutants}/**"),
    ("fuzz", {"FOUNDRY_FUZZ_RUNS": "64"}, "test/fuzz/**"),
    ("invariant", {}, "test/invariant/**"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: killed by a stage, stillborn (it does not compile) or survived."""

    outcome: str
    detail: str


class Workshop:
    """A copy of the contracts in which one mutant at a time is tried."""

    def __init__(self, place: Path) -> None:
        tests = tuple(
            path.name for path in (CONTRACTS / "test").iterdir() if path.name != "symbolic"
        )
        self.contracts = copy_contracts(place, tests)
        self._compiler: subprocess.Popen[str] | None = None

    def try_all(self) -> None:
        """Compile, and make sure that without a mutant every test passes."""
        for name, environment, chosen in STAGES:
            done = self._forge(environment, chosen)
            if done.returncode != 0:
                output = f"{done.stdout[-3_000:]}{done.stderr[-2_000:]}"
                raise RuntimeError(f"{name} tests fail without any mutant:\n{output}")
        same = self._with_codes({name: self._compile(name) for name in DEPLOYED})
        if same.outcome != "survived":
            raise RuntimeError(f"unoptimised, without any mutant: {same.detail}")

    def judge(self, mutant: Mutant) -> Verdict:
        """Return what becomes of a mutant; the copy is as before afterwards."""
        source = self.contracts / mutant.file
        original = source.read_text(encoding="utf-8")
        source.write_text(mutant.apply(original), encoding="utf-8")
        try:
            codes = {name: self._compile(name) for name in deployed_with(mutant.file)}
        finally:
            source.write_text(original, encoding="utf-8")
        if "" in codes.values():
            return Verdict("stillborn", "")
        return self._with_codes(codes)

    def judge_compiled(self, mutant: Mutant) -> Verdict:
        """Return what becomes of a mutant where tests hold its code; after this, `judge` is of no use any more."""
        source = self.contracts / mutant.file
        original = source.read_text(encoding="utf-8")
        source.write_text(mutant.apply(original), encoding="utf-8")
        try:
            return self._tried(STAGES[:2])
        finally:
            source.write_text(original, encoding="utf-8")

    def close(self) -> None:
        """End the compiler."""
        if self._compiler is not None:
            self._compiler.kill()
            self._compiler.wait()

    def _with_codes(self, codes: dict[str, str]) -> Verdict:
        places = {name: self.contracts / f"out-forge/{name}.sol/{name}.json" for name in codes}
        originals = {name: place.read_text(encoding="utf-8") for name, place in places.items()}
        for name, place in places.items():
            artifact = json.loads(originals[name])
            artifact["bytecode"]["object"] = f"0x{codes[name]}"
            place.write_text(json.dumps(artifact), encoding="utf-8")
        try:
            return self._tried(STAGES)
        finally:
            for name, place in places.items():
                place.write_text(originals[name], encoding="utf-8")

    def _tried(self, stages: tuple[tuple[str, dict[str, str], str], ...]) -> Verdict:
        for name, environment, chosen in stages:
            try:
                done = self._forge(environment, chosen)
            except subprocess.TimeoutExpired:
                return Verdict("killed", f"{name}: no end")
            if done.returncode != 0:
                return Verdict("killed", f"{name}: {next(_failures(done.stdout), 'failed')}")
        return Verdict("survived", "")

    def _forge(self, environment: dict[str, str], chosen: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(FORGE), "test", "--fail-fast", "--fuzz-seed", "1", "--match-path", chosen],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.contracts,
            env=os.environ | environment,
            timeout=STAGE_S_MAX,
        )

    def _compile(self, contract: str) -> str:
        """Return the code that deploys a contract; nothing if it does not compile."""
        if self._compiler is None:
            script = Path(__file__).with_name("compile.cjs")
            self._compiler = subprocess.Popen(
                ["node", str(script), str(CONTRACTS / "node_modules")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._compiler.stdin is not None  # noqa: S101
        assert self._compiler.stdout is not None  # noqa: S101
        self._compiler.stdin.write(
            json.dumps({"root": str(self.contracts), "contract": contract}) + "\n"
        )
        self._compiler.stdin.flush()
        return self._compiler.stdout.readline().strip()


def _failures(output: str) -> Iterator[str]:
    for line in output.splitlines():
        if line.startswith("[FAIL"):
            yield line.rsplit("] ", 1)[-1].split(" (")[0][:80]
