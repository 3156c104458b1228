"""Every line, statement, branch and function of the contracts is reached by their unit tests."""

import re
from pathlib import Path

import pytest
from tests.contracts.forge import CONTRACTS, forge

pytestmark = [pytest.mark.chain, pytest.mark.slow]

ROW = re.compile(r"^\| (src/\S+) +\|(.+)\|$", re.MULTILINE)
NO_CODE = {"src/MesgPay.sol"}
"""It only names its parts."""


def test_the_unit_tests_reach_all_of_the_contracts(tmp_path: Path) -> None:
    code, printed, complaints = forge(
        *("coverage", "--match-path", "test/unit/**", "--no-match-coverage", "^test"),
        # Compiled without the optimizer: not to be mixed with what the other tests compiled.
        settings={
            "FOUNDRY_OUT": str(tmp_path / "out"),
            "FOUNDRY_CACHE_PATH": str(tmp_path / "cache"),
        },
    )

    assert code == 0, printed[-3_000:] + complaints[-3_000:]
    table = printed[printed.index("╭") :]
    rows = {file: re.findall(r"([\d.]+)%", cells) for file, cells in ROW.findall(table)}
    assert rows.keys() == _files() - NO_CODE, table
    short = sorted(file for file, cells in rows.items() if cells != ["100.00"] * 4)
    assert not short, f"not reached in full: {', '.join(short)}\n{table}"


def _files() -> set[str]:
    """Return the sources that hold code: interfaces have none."""
    sources = (path.relative_to(CONTRACTS) for path in (CONTRACTS / "src").rglob("*.sol"))
    return {str(path) for path in sources if path.parent.name != "interfaces"}
