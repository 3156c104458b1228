"""A locked wallet and a chain that is away: what still works, what does not, and how it is said."""

import pytest
import trio
from tests.e2e.town import CACHE, INPUTS, SID, SOLD, Town

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from story.devnet import open_devnet
from story.nodes import StoryNode, running

pytestmark = pytest.mark.e2e


def test_a_locked_wallet_serves_what_is_free_and_refuses_to_pay(town: Town) -> None:
    async def play() -> None:
        locked = StoryNode("locked", town.folder / "locked")
        await locked.init(town.net, town.folder / "password", [town.author.address])
        settings = locked.home / "config.toml"
        text = await trio.Path(settings).read_text()
        kept = [line for line in text.splitlines() if not line.startswith("password_file")]
        await trio.Path(settings).write_text("\n".join(kept) + "\n")
        account = AccountAddress.parse(locked.account)
        await town.net.fund(account, TokenAmount.parse("10"))
        async with running(locked):
            town_locked.append(locked)
            await trio.to_thread.run_sync(_check_locked, town, locked)

    town_locked: list[StoryNode] = []
    trio.run(play)


def _check_locked(town: Town, locked: StoryNode) -> None:
    assert town.mesg(locked, "status").json["wallet"] == "locked"
    assert town.mesg(locked, "service", "deploy", str(SOLD)).code == 0
    assert town.mesg(locked, "service", "start", SID).code == 0
    assert town.mesg(locked, "call", SID, "compose", *INPUTS).code == 0

    assert town.mesg(locked, "service", "deploy", str(SOLD.parent / "webhook")).code == 0
    publish = ("--yes", "market", "publish", "webhook", "--max-fee", "5")
    refused = town.mesg(locked, *publish)

    assert (refused.code, refused.error["code"]) == (4, "keystore_locked")
    assert refused.error["hint"] == "unlock it with: mesg wallet unlock"
    rehearsed = town.mesg(locked, *publish, "--dry-run")
    assert rehearsed.code == 0, rehearsed.err
    actions = [one["action"] for one in rehearsed.json["planned"]]
    assert actions == ["approve", "commit", "register", "publish"]
    password = str(town.folder / "password")
    assert town.mesg(locked, "wallet", "unlock", "--password-file", password).code == 0
    assert town.mesg(locked, "status").json["wallet"] == "unlocked"


def test_a_chain_that_is_away_is_said_to_be_away_and_calls_go_on(town: Town) -> None:
    async def play() -> None:
        node = StoryNode("lonely", town.folder / "lonely")
        async with open_devnet(CACHE) as net:
            await node.init(net, town.folder / "password", [])
            stack = running(node)
            await stack.__aenter__()
        try:
            await trio.to_thread.run_sync(_check_lonely, town, node)
        finally:
            await stack.__aexit__(None, None, None)
        await trio.to_thread.run_sync(_check_no_start, town, node)

    trio.run(play)


def _check_lonely(town: Town, node: StoryNode) -> None:
    assert town.mesg(node, "service", "deploy", str(SOLD)).code == 0
    assert town.mesg(node, "service", "start", SID).code == 0
    assert town.mesg(node, "call", SID, "compose", *INPUTS).code == 0

    for arguments in (("wallet", "balance"), ("market", "publish", SID)):
        answer = town.mesg(node, *arguments)
        assert (answer.code, answer.error["code"]) == (11, "chain_unavailable"), answer.err
        assert answer.error["retryable"] is True
    assert town.mesg(node, "status").json["chain"] != "ok"


def _check_no_start(town: Town, node: StoryNode) -> None:
    answer = town.mesg(node, "start")

    assert (answer.code, answer.error["code"]) == (11, "chain_unavailable"), answer.err
