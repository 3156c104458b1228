"""Services sold by pass, and events heard from another node."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from tests.support.world import FREE, PASS, TestNode, World, open_world, write_service

from mesg.marketplace.domain.errors import NotEntitled, NotFound, PriceAboveMax
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.instance import InstanceStatus, Origin
from mesg.node.doors import TaskOrder, TaskOutput

MANIFEST = """
name: Clock
sid: clock
tasks:
  now:
    inputs: {}
    outputs:
      success:
        data: {}
events:
  tick:
    data:
      number: {type: Number}
"""
THREE = TokenAmount.parse("3 MESG")


async def now(_: TaskOrder) -> TaskOutput:
    return TaskOutput("success", {})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def author(world: World) -> TestNode:
    return await world.open("author", {"clock": now})


async def published(world: World, author: TestNode, *offers: object) -> None:
    folder = write_service(world.folder / "clock", MANIFEST)
    await world.publish(author, folder, *offers)  # type: ignore[arg-type]


async def test_a_pass_brings_the_service_to_the_buyers_node(
    world: World, author: TestNode
) -> None:
    await published(world, author, PASS)
    buyer = await world.open("buyer", {"clock": now})
    await world.settle()

    done = await buyer.counter.buy("clock", offer_index=None, max_price=THREE)
    view = await buyer.counter.deploy("clock", {})
    await buyer.counter.start_service("clock")

    assert done.facts["price"] == "3 MESG"
    assert view.deployment.origin is Origin.BOUGHT
    assert (await buyer.call("clock", "now", {})).execution.peer is None


async def test_without_a_pass_neither_the_package_nor_a_call_is_had(
    world: World, author: TestNode
) -> None:
    await published(world, author, PASS)
    stranger = await world.open("stranger")
    await world.settle()

    with pytest.raises(NotEntitled, match="has no valid pass for clock"):
        await stranger.counter.deploy("clock", {})
    with pytest.raises(NotEntitled, match="pass"):
        await stranger.call("clock", "now", {})


async def test_a_pass_dearer_than_agreed_is_not_bought(world: World, author: TestNode) -> None:
    await published(world, author, PASS)
    buyer = await world.open("buyer")
    await world.settle()
    before = await buyer.counter.balances()

    with pytest.raises(PriceAboveMax):
        await buyer.counter.buy("clock", offer_index=None, max_price=TokenAmount.parse("2.9"))

    assert await buyer.counter.balances() == before


async def test_a_bought_service_does_not_start_once_the_pass_is_over(
    world: World, author: TestNode
) -> None:
    await published(world, author, PASS)
    buyer = await world.open("buyer", {"clock": now})
    await world.settle()
    await buyer.counter.buy("clock", offer_index=None, max_price=THREE)
    await buyer.counter.deploy("clock", {})

    world.market.advance(PASS.duration_s + 60)
    with pytest.raises(NotEntitled):
        await buyer.counter.start_service("clock")

    assert (await buyer.counter.service("clock")).status is not InstanceStatus.RUNNING


async def test_a_pass_lets_its_holder_call_the_authors_node(
    world: World, author: TestNode
) -> None:
    await published(world, author, PASS)
    buyer = await world.open("buyer")
    await world.settle()
    await buyer.counter.buy("clock", offer_index=None, max_price=THREE)

    outcome = await buyer.call("clock", "now", {})

    assert outcome.execution.peer == author.assembly.parts.network.peer


async def test_events_of_another_node_arrive_in_order(world: World, author: TestNode) -> None:
    await published(world, author, FREE)
    buyer = await world.open("buyer")
    await world.settle()

    async with buyer.counter.events("clock", event="tick") as events:
        for number in range(200):
            await tick(author, number)
        received = [await _next(events) for _ in range(200)]

    assert [event.data["number"] for event in received] == list(range(200))
    assert received[0].peer == author.assembly.parts.network.peer


async def test_listening_goes_on_behind_a_cursor(world: World, author: TestNode) -> None:
    await published(world, author, FREE)
    buyer = await world.open("buyer")
    await world.settle()
    for number in range(5):
        await tick(author, number)

    async with buyer.counter.events("clock", after=2) as events:
        received = [(await _next(events)).sequence for _ in range(3)]

    assert received == [3, 4, 5]


async def test_listening_survives_a_lost_session(world: World, author: TestNode) -> None:
    await published(world, author, FREE)
    buyer = await world.open("buyer")
    await world.settle()

    async with buyer.counter.events("clock") as events:
        await tick(author, 1)
        first = await _next(events)
        for session in author.assembly.sessions.current():
            session.say_goodbye("a test")
        await tick(author, 2)
        second = await _next(events)

    assert [first.data["number"], second.data["number"]] == [1, 2]


async def test_listening_goes_on_at_another_node_when_the_first_runs_it_no_more(
    world: World, author: TestNode
) -> None:
    await published(world, author, FREE)
    operator = await world.open("operator", {"clock": now})
    listener = await world.open("listener")
    await world.settle()
    await operator.counter.host("clock", {})
    await world.settle()
    by_peer = {node.assembly.parts.network.peer: node for node in (author, operator)}

    async with listener.counter.events("clock") as events:
        await tick(author, 1)
        await tick(operator, 1)
        first = by_peer.pop((await _next(events)).peer)
        (second,) = by_peer.values()
        await first.counter.stop_service("clock")
        await trio.sleep(1)
        await tick(second, 2)
        after = await _next(events)

    assert after.peer == second.assembly.parts.network.peer
    assert dict(after.data) == {"number": 2}


async def test_events_of_unknown_names_are_refused_at_once(world: World, author: TestNode) -> None:
    await published(world, author, FREE)
    buyer = await world.open("buyer")
    await world.settle()

    for service, event, words in (
        ("nowhere", "", "no service nowhere"),
        ("clock", "tock", "no event"),
    ):
        with pytest.raises(NotFound, match=words):
            async with buyer.counter.events(service, event=event):
                pass


async def tick(node: TestNode, number: int) -> None:
    token = node.runtime.tokens["clock"]
    await node.assembly.desk.emit(token, "tick", {"number": number})


async def _next(events: trio.MemoryReceiveChannel[ServiceEvent]) -> ServiceEvent:
    with trio.fail_after(10):
        return await events.receive()
