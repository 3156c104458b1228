"""The demo as a stranger runs it: every step happens, the books add up, and nothing is left running."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tests.e2e.town import ROOT

pytestmark = pytest.mark.e2e

STORY = [sys.executable, "-m", "story"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
TRANSFERS = 4
UNIT = 10**18


def test_the_whole_story_happens_and_adds_up(tmp_path: Path) -> None:
    told = tmp_path / "story.json"
    before = _ours()

    done = subprocess.run(
        [*STORY, "--json", str(told), "--transfers", str(TRANSFERS)],
        env=ENVIRONMENT,
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
    assert change["buyer"] == -13 * UNIT
    assert change["author"] == 3 * UNIT + TRANSFERS * UNIT // 10
    assert change["operator"] == TRANSFERS * UNIT * 4 // 10
    actions = [one["action"] for one in facts["transactions"]]
    assert actions.count("claim") == 1
    assert _ours() == before


def test_ctrl_c_in_the_middle_leaves_nothing_running() -> None:
    before = _ours()
    process = subprocess.Popen(
        STORY, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "peer 12D3" in line:
            break

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, "interrupted" in err) == (130, True), err
    deadline = time.monotonic() + 10
    while _ours() != before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _ours() == before


def _ours() -> set[int]:
    """Return the chains, nodes and instances that run on this machine."""
    found = set()
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        if any(mark in words for mark in ("bin/anvil", "mesg --home", "service.py")):
            found.add(process.info["pid"])
    return found
