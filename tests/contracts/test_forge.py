"""The Solidity tests, run by forge itself; and the committed artifacts against what the sources compile to."""

import subprocess

import pytest
from tests.contracts.forge import ROOT, forge

pytestmark = pytest.mark.chain


def test_the_solidity_tests_pass() -> None:
    code, printed, complaints = forge("test")

    assert code == 0, printed[-3_000:] + complaints[-3_000:]
    assert " 0 failed, 0 skipped" in printed


def test_the_sources_are_formatted() -> None:
    code, printed, _ = forge("fmt", "--check", "src", "test")

    assert code == 0, printed[-3_000:]


def test_the_artifacts_are_what_the_sources_compile_to() -> None:
    done = subprocess.run(
        [str(ROOT / "scripts/build-contracts"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
