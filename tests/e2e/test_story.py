"""The demo as a stranger runs it: every step happens, the books add up, and nothing is left running."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.e2e.town import ROOT

pytestmark = pytest.mark.e2e

STORY = [sys.executable, "-m", "story"]
TRANSFERS = 4
UNIT = 10**18


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder of a short name (sockets are in it) that marks what the story runs."""
    folder = Path(tempfile.mkdtemp(prefix="tale-"))
    yield folder
    shutil.rmtree(folder)


def test_the_whole_story_happens_and_adds_up(place: Path) -> None:
    told = place / "story.json"

    done = subprocess.run(
        [*STORY, "--json", str(told), "--transfers", str(TRANSFERS)],
        env=_environment(place),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(told.read_text())
    calls = [one for one in facts["calls"] if one["service"] == "webhook"]
    assert len(calls) == TRANSFERS
    assert {one["state"] for one in calls} == {"succeeded"}
    assert all(one["receipt"]["signature"] for one in calls)
    assert set(facts["discovery_s"]) == {"erc20", "webhook", "transfer-message"}
    balances = {
        name: [int(text) for text in pair] for name, pair in facts["balances_units"].items()
    }
    assert sum(first for first, _ in balances.values()) == sum(
        last for _, last in balances.values()
    )
    change = {name: last - first for name, (first, last) in balances.items()}
    refunded, fees = int(facts["refunded"]), change["treasury"]
    assert 14 * UNIT // 10 < refunded <= 15 * UNIT // 10, "half of the pass's price"
    assert 3 * UNIT < fees < 31 * UNIT // 10, "three names"
    assert change["buyer"] == refunded - 13 * UNIT
    assert change["author"] == 3 * UNIT - refunded + TRANSFERS * UNIT // 10 - fees
    assert change["operator"] == TRANSFERS * UNIT * 4 // 10
    assert balances["in the contract"][1] == 10 * UNIT - TRANSFERS * UNIT // 2
    actions = [one["action"] for one in facts["transactions"]]
    assert actions.count("claim") == actions.count("cancel_pass") == 1
    assert [one["action"] for one in facts["rehearsed"]] == [
        "approve", "commit", "register", "publish",
    ]  # fmt: skip
    assert _left(place) == []


def test_ctrl_c_in_the_middle_leaves_nothing_running(place: Path) -> None:
    process = subprocess.Popen(
        STORY, env=_environment(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "peer 12D3" in line:
            break
    assert _left(place) != []

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, "interrupted" in err) == (130, True), err
    deadline = time.monotonic() + 10
    while _left(place) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _left(place) == []


def _environment(place: Path) -> dict[str, str]:
    marks = {"PYTHONPATH": str(ROOT / "scripts"), "TMPDIR": str(place), "TALE": str(place)}
    return {**os.environ, **marks}


def _left(place: Path) -> list[str]:
    """Return the chains, nodes and instances of the story that still run."""
    return [" ".join(one.cmdline()) for one in psutil.process_iter() if _is_of(place, one)]


def _is_of(place: Path, process: psutil.Process) -> bool:
    try:
        words = [*process.cmdline(), process.cwd(), process.environ().get("TALE", "")]
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return False
    return any(str(place) in word for word in words)
