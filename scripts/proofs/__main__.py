"""Every long proof of the contracts, and a table of what was proven: python -m proofs [--quick]."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from proofs.sources import CONTRACTS, FORGE, ROOT, copy_contracts

SYMBOLIC_QUICK = "SharesSymbolic|AccountsSymbolic"
"""The symbolic proofs that end within seconds."""
SYMBOLIC_MS_MAX = 120_000
"""A symbolic proof that takes longer is none."""


class Refuted(Exception):
    """A proof failed; the output says where."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one kind of proof came to."""

    name: str
    number: str
    seconds: float


def run(command: list[str], place: Path, **environment: str) -> str:
    """Return what a command says; raise Refuted with its end if it fails."""
    path = f"{FORGE.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=place,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refuted(done.stdout[-6_000:])
    return done.stdout


def fuzz(runs: str) -> str:
    """Run the unit and fuzz tests."""
    said = run(
        [str(FORGE), "test", "--no-match-path", "test/invariant/*"],
        CONTRACTS,
        FOUNDRY_FUZZ_RUNS=runs,
    )
    return f"{said.count('[PASS]')} tests, {runs} runs of each fuzz test"


def invariants(profile: str) -> str:
    """Try the numbered rules after every action of random sequences."""
    said = run(
        [str(FORGE), "test", "--match-path", "test/invariant/*"],
        CONTRACTS,
        FOUNDRY_PROFILE=profile,
    )
    actions = sum(int(count) for count in re.findall(r"calls: (\d+)", said))
    return f"{len(rules())} rules, {actions} actions"


def rules() -> list[str]:
    """Return the functions of the numbered rules."""
    sources = sorted((CONTRACTS / "test/invariant/rules").glob("*.sol"))
    return re.findall(r"function (I\d+_\w+)", "".join(map(Path.read_text, sources)))


def symbolic(contracts: str) -> str:
    """Prove the symbolic properties, each for all values at once."""
    with tempfile.TemporaryDirectory(prefix="mesg-symbolic-") as scratch:
        place = copy_contracts(Path(scratch), ("symbolic",))
        said = run(
            [
                *("halmos", "--forge-build-out", "out-forge"),
                *("--match-contract", f"^({contracts})$"),
                *("--solver-timeout-assertion", str(SYMBOLIC_MS_MAX), "--loop", "100"),
            ],
            place,
        )
    times = [float(seconds) for seconds in re.findall(r"\[PASS\].*?time: ([\d.]+)s", said)]
    return f"{len(times)} properties, the slowest {max(times):.0f} s"


def static(_: str) -> str:
    """Let slither look for findings of high and medium impact."""
    with tempfile.TemporaryDirectory(prefix="mesg-slither-") as scratch:
        run(["slither", "."], copy_contracts(Path(scratch), ()))
    return "0 high, 0 medium"


def mutation(arguments: str) -> str:
    """Try the mutants; every one must be noticed."""
    said = run([sys.executable, "-u", "-m", "proofs.mutants", *arguments.split()], ROOT)
    line = next(line for line in said.splitlines() if line.startswith("all "))
    total, killed, equivalent = line.split()[1:4]
    return f"{killed} of {total} killed, {equivalent} equivalent"


Proof = tuple[str, Callable[[str], str], str]
LONG: tuple[Proof, ...] = (
    ("fuzz", fuzz, "10000"),
    ("invariants", invariants, "ci"),
    ("symbolic", symbolic, ".*Symbolic"),
    ("slither", static, ""),
    ("mutants", mutation, "--jobs 2 --fresh"),
)
QUICK: tuple[Proof, ...] = (
    ("fuzz", fuzz, "256"),
    ("invariants", invariants, "default"),
    ("symbolic", symbolic, SYMBOLIC_QUICK),
    ("slither", static, ""),
)


def main() -> int:
    """Run the chosen proofs, all of them even if one fails, and print the figures."""
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="what fits into a minute: no mutants, few properties"
    )
    parser.add_argument(
        "--only", default="", help="one of: fuzz, invariants, symbolic, slither, mutants"
    )
    chosen = parser.parse_args()
    figures, refuted = [], False
    for name, prove, argument in QUICK if chosen.quick else LONG:
        if chosen.only not in {"", name}:
            continue
        print(f"== {name}", flush=True)
        begun = time.monotonic()
        try:
            number = prove(argument)
        except Refuted as why:
            print(why)
            number, refuted = "REFUTED", True
        figures.append(Figure(name, number, time.monotonic() - begun))
    print()
    for figure in figures:
        print(f"{figure.name:12} {figure.number:48} {figure.seconds:8.0f} s")
    return 1 if refuted else 0


if __name__ == "__main__":
    raise SystemExit(main())
