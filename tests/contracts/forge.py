"""Runs forge, installed as the lock says, with the code of Permit2 where the Solidity tests read it."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
FORGE = CONTRACTS / "node_modules/@foundry-rs/forge-linux-amd64/bin/forge"
"""The binary itself: npm's wrapper of it exits 0 on failure."""


@cache
def prepare() -> None:
    """Install what the lock names and get Permit2, unless they are there already."""
    if not FORGE.exists():
        _run(_tool("npm"), "ci", "--ignore-scripts", "--prefix", str(CONTRACTS))
    _run(_tool("node"), str(CONTRACTS / "permit2.js"))


def forge(*arguments: str, settings: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run forge among the contracts; return its exit code, what it printed, and its complaints."""
    prepare()
    done = subprocess.run(
        [str(FORGE), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=CONTRACTS,
        env=os.environ | (settings or {}),
    )
    return done.returncode, done.stdout, done.stderr


def _tool(name: str) -> str:
    path = shutil.which(name)
    assert path is not None, f"{name} is needed to run forge"
    return path


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
