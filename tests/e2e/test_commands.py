"""The commands of a buyer and an author, one after the other, on real nodes: what they print is true."""

import subprocess
import time
from typing import Any

import httpx2
import pytest
from tests.e2e.town import INPUTS, SID, SOLD, Town

from story.nodes import MESG, StoryNode

pytestmark = pytest.mark.e2e

UNIT = 10**18


def listed(town: Town, node: StoryNode, channel: str) -> list[dict[str, Any]]:
    items = town.mesg(node, "channel", "list").json["items"]
    return [one for one in items if one["channel"] == channel]


def units(amount: dict[str, str]) -> int:
    return int(amount["amount"])


def test_a_channel_from_its_opening_to_its_close(town: Town) -> None:
    before = town.mesg(town.buyer, "wallet", "balance").json
    opened = town.mesg(town.buyer, "channel", "open", SID, "--amount", "5").json
    channel = opened["facts"]["channel"]

    for _ in range(3):
        called = town.mesg(town.buyer, "call", SID, "compose", *INPUTS, "--max-price", "0.5")
        assert called.code == 0, called.err
        assert "alice sent 1 tokens to bob" in called.out
    (paid,) = listed(town, town.buyer, channel)
    assert (units(paid["charged"]), paid["phase"]) == (15 * UNIT // 10, "open")
    (taken,) = listed(town, town.author, channel)
    assert units(taken["charged"]) == 15 * UNIT // 10

    closed = town.mesg(town.buyer, "channel", "close", channel)

    assert closed.code == 0, closed.err
    assert closed.json["facts"]["phase"] == "closed"
    after = town.mesg(town.buyer, "wallet", "balance").json
    spent = units(before["tokens"]) + units(before["vault"])
    spent -= units(after["tokens"]) + units(after["vault"])
    assert spent == units(paid["promised"])
    collected = town.mesg(town.author, "wallet", "collect")
    assert collected.json["facts"]["collected"] == "1.5 MESG"
    refused = town.mesg(town.buyer, "call", SID, "compose", *INPUTS)
    assert refused.error["code"] == "insufficient_funds"


def test_listening_prints_cloudevents_as_they_happen(town: Town) -> None:
    environment = ("--env=WEBHOOK_PORT=18099", "--env=WEBHOOK_HOST=127.0.0.1")
    deployed = town.mesg(
        town.author, "service", "deploy", str(SOLD.parent / "webhook"), "--start", *environment
    )
    assert deployed.code == 0, deployed.err
    listener = subprocess.Popen(
        [
            MESG,
            "--home",
            str(town.author.home),
            "-o",
            "ndjson",
            "listen",
            "webhook:request",
            "--count",
            "2",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while listener.poll() is None and time.monotonic() < deadline:
            httpx2.post("http://127.0.0.1:18099/x", json={"hello": 1})
            time.sleep(0.3)
        out, _ = listener.communicate(timeout=10)
    finally:
        listener.kill()

    assert listener.returncode == 0
    lines = out.strip().splitlines()
    assert len(lines) == 2
    assert '"type":"mesg.webhook.request"' in lines[0].replace(" ", "")


def test_the_rest_of_the_commands_say_what_is_true(town: Town) -> None:
    author, buyer = town.author, town.buyer

    assert town.mesg(author, "node", "id").json["peer"] == author.peer
    assert author.peer in {one["peer"] for one in town.mesg(buyer, "node", "peers").json["items"]}
    found = town.mesg(buyer, "market", "search", "sentence").json["items"]
    assert [one["service"] for one in found] in ([], [SID])
    shown = town.mesg(buyer, "market", "show", SID).json
    assert [one["peer"] for one in shown["providers"]] == [author.peer]
    assert SID in {one["service"] for one in town.mesg(author, "service", "list").json["items"]}
    assert town.mesg(author, "service", "logs", SID).code == 0
    wallets = town.mesg(buyer, "wallet", "list").json["items"]
    assert [one["address"] for one in wallets] == [buyer.account]
    assert town.mesg(buyer, "status").json["wallet"] == "unlocked"
    again = town.mesg(buyer, "market", "search", "sentence").json["items"]
    assert [one["service"] for one in again] == [SID]
