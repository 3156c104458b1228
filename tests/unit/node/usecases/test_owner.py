"""What owners get back, open and are told, on whole nodes in one process."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from tests.support.world import METERED, PASS, TOKENS, TestNode, World, open_world, write_service

from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    NotEntitled,
    NotFound,
    PeerUnavailable,
    Refused,
)
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.usecases.restarting import LOOK_S, PAUSE_S_FIRST
from mesg.node.usecases.services import WATCH_S

MANIFEST = """
name: Echo
sid: echo
tasks:
  say:
    inputs: {}
    outputs:
      success:
        data: {}
"""
ONE = TokenAmount.parse("1 MESG")
TEN = TokenAmount.parse("10 MESG")


async def say(order: TaskOrder) -> TaskOutput:
    _ = order
    return TaskOutput("success", {})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def author(world: World) -> TestNode:
    author = await world.open("author", {"echo": say})
    await world.publish(author, write_service(world.folder / "echo", MANIFEST), METERED)
    return author


async def test_what_a_closed_channel_gives_back_is_collected(
    world: World, author: TestNode
) -> None:
    _ = author
    buyer = await world.open("buyer")
    await world.settle()
    opened = await buyer.counter.open_channel("echo", amount=TEN, peer=None)
    await buyer.counter.close_channel(opened.facts["channel"], cooperative=True)
    closed = await buyer.counter.balances()

    done = await buyer.counter.collect()

    after = await buyer.counter.balances()
    assert (closed.tokens, closed.vault) == (TOKENS - TEN, TEN)
    assert (after.tokens, after.vault) == (TOKENS, ZERO)
    assert done.facts == {"collected": "0 MESG", "returned": "10 MESG"}


async def test_a_channel_may_be_opened_from_what_others_gave_back(
    world: World, author: TestNode
) -> None:
    _ = author
    buyer = await world.open("buyer")
    await world.settle()
    opened = await buyer.counter.open_channel("echo", amount=TOKENS, peer=None)
    await buyer.counter.close_channel(opened.facts["channel"], cooperative=True)

    again = await buyer.counter.open_channel("echo", amount=TEN, peer=None)

    assert again.facts["amount"] == "10 MESG"
    assert (await buyer.counter.balances()).vault == TOKENS - TEN


async def test_a_channel_to_a_node_that_began_a_moment_ago(world: World, author: TestNode) -> None:
    buyer = await world.open("buyer")
    operator = await world.open("operator", {"echo": say})
    await world.settle()
    known = await buyer.counter.show("echo")
    peer = operator.assembly.parts.network.peer
    await operator.counter.host("echo", {})
    await world.settle()

    opened = await buyer.counter.open_channel("echo", amount=TEN, peer=peer)

    assert [one.peer for one in known.providers] == [author.assembly.parts.network.peer]
    assert opened.facts["peer"] == peer


async def test_a_channel_to_a_node_that_does_not_run_it_says_so(
    world: World, author: TestNode
) -> None:
    _ = author
    buyer = await world.open("buyer")
    idle = (await world.open("idle")).assembly.parts.network.peer
    await world.settle()

    with pytest.raises(PeerUnavailable) as refused:
        await buyer.counter.open_channel("echo", amount=TEN, peer=idle)

    assert refused.value.message == f"{idle} does not run echo, or cannot be reached"


async def test_calls_go_to_whom_can_be_paid(world: World, author: TestNode) -> None:
    nodes = [author]
    for name in ("operator", "other"):
        nodes.append(await world.open(name, {"echo": say}))
        await nodes[-1].counter.host("echo", {})
    await world.settle()

    for node in nodes:
        buyer = await world.open(f"buyer of {node.name}")
        await world.settle()
        peer = node.assembly.parts.network.peer
        await buyer.counter.open_channel("echo", amount=ONE, peer=peer)
        for _ in range(2):
            assert (await buyer.call("echo", "say", {})).execution.peer == peer
        with pytest.raises(InsufficientFunds):
            await buyer.call("echo", "say", {})


async def test_the_price_of_a_call_does_not_matter_to_who_has_a_pass(
    world: World, author: TestNode
) -> None:
    await author.counter.create_offer("echo", PASS)
    buyer = await world.open("buyer")
    await world.settle()
    await buyer.counter.buy("echo", offer_index=None, max_price=PASS.price)

    outcome = await buyer.call("echo", "say", {}, max_price=ZERO)

    assert outcome.receipt is not None
    assert outcome.receipt.charged == ZERO


async def test_a_channel_is_closed_once(world: World, author: TestNode) -> None:
    _ = author
    buyer = await world.open("buyer")
    await world.settle()
    channel = (await buyer.counter.open_channel("echo", amount=TEN, peer=None)).facts["channel"]
    await buyer.counter.close_channel(channel, cooperative=True)

    for cooperative in (True, False):
        with pytest.raises(Refused) as refused:
            await buyer.counter.close_channel(channel, cooperative=cooperative)
        assert refused.value.message == f"channel {channel} is closed already"


async def test_only_the_owner_makes_offers(world: World, author: TestNode) -> None:
    owner = author.assembly.parts.signer.address
    stranger = await world.open("stranger")
    await world.settle()

    with pytest.raises(NotEntitled) as foreign:
        await stranger.counter.create_offer("echo", METERED)
    with pytest.raises(NotFound):
        await stranger.counter.create_offer("nothing", METERED)

    assert foreign.value.message == f"echo belongs to {owner}: only he makes offers for it"


async def test_a_service_that_ended_by_itself_is_an_issue_of_the_node(author: TestNode) -> None:
    before = (await author.counter.node()).issues
    await author.runtime.stop(author.assembly.services.instance_id(ServiceId("echo")))
    await trio.sleep(WATCH_S + 0.5)

    failed = (await author.counter.node()).issues

    await author.counter.start_service("echo")
    issue = "service: echo has failed; see: mesg service logs echo"
    assert (before, failed) == ((), (issue,))
    assert (await author.counter.node()).issues == ()


async def test_a_service_that_ended_by_itself_is_started_again(author: TestNode) -> None:
    await author.runtime.stop(author.assembly.services.instance_id(ServiceId("echo")))

    with trio.fail_after(10):
        while author.assembly.services.is_running(ServiceId("echo")):
            await trio.sleep(0.05)
        while not author.assembly.services.is_running(ServiceId("echo")):
            await trio.sleep(0.05)

    assert (await author.counter.node()).issues == ()


async def test_a_service_that_its_owner_stopped_stays_stopped(author: TestNode) -> None:
    await author.counter.stop_service("echo")

    await trio.sleep(PAUSE_S_FIRST + 2 * LOOK_S)

    assert not author.assembly.services.is_running(ServiceId("echo"))
