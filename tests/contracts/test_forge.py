"""The Solidity tests, run by forge itself; and the committed artifacts against what the sources compile to."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
FORGE = CONTRACTS / "node_modules/@foundry-rs/forge-linux-amd64/bin/forge"

pytestmark = pytest.mark.chain


@pytest.fixture(scope="module", autouse=True)
def modules() -> None:
    """Install what the lock names, unless it is there already."""
    if FORGE.exists():
        return
    npm = shutil.which("npm")
    assert npm is not None, "npm is needed to install forge"
    subprocess.run([npm, "ci", "--prefix", str(CONTRACTS)], check=True)


def test_the_solidity_tests_pass() -> None:
    # npm's wrapper of forge exits 0 on failure: the binary itself does not.
    done = subprocess.run(
        [str(FORGE), "test", "--root", str(CONTRACTS)],
        capture_output=True,
        text=True,
        check=False,
        cwd=CONTRACTS,
    )

    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert " 0 failed" in done.stdout


def test_the_sources_are_formatted() -> None:
    done = subprocess.run(
        [str(FORGE), "fmt", "--check", "src", "test"],
        capture_output=True,
        text=True,
        check=False,
        cwd=CONTRACTS,
    )

    assert done.returncode == 0, done.stdout[-3_000:]


def test_the_artifacts_are_what_the_sources_compile_to() -> None:
    done = subprocess.run(
        [str(ROOT / "scripts/build-contracts"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
