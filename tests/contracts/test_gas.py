"""What transactions cost: as the committed snapshot says, so that a change of it is seen and reviewed."""

import json
from pathlib import Path

import pytest

from benches.gas import measure_gas

ROOT = Path(__file__).parents[2]
SNAPSHOT = ROOT / "contracts/gas-snapshot.json"
NOISE_GAS = 60
"""A hash or a time with a zero byte more or less."""

pytestmark = pytest.mark.chain


async def test_every_transaction_costs_what_the_snapshot_says() -> None:
    kept = {row["name"]: row["value"] for row in json.loads(SNAPSHOT.read_text())}

    rows = await measure_gas(ROOT / "contracts")

    measured = {row.name: row.value for row in rows}
    assert measured.keys() == kept.keys()
    changed = {
        name: (kept[name], gas)
        for name, gas in measured.items()
        if abs(gas - kept[name]) > NOISE_GAS
    }
    assert changed == {}, (
        "reviewed and meant? scripts/bench gas --json contracts/gas-snapshot.json"
    )
    assert [row.name for row in rows if row.met is False] == []
