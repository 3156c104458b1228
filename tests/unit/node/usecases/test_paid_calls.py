"""A call to another node, paid by the call: who gets what, and what happens when something goes wrong."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from tests.support.world import METERED, TestNode, World, open_world, write_service

from mesg.marketplace.domain.errors import (
    DeadlineExceeded,
    InsufficientFunds,
    InvalidInput,
    NotFound,
    PeerUnavailable,
    PriceAboveMax,
    ServiceStopped,
    TaskFailed,
)
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.usecases.parts import Settings

MANIFEST = """
name: Echo
sid: echo
tasks:
  say:
    inputs:
      text: {type: String}
    outputs:
      success:
        data:
          text: {type: String}
"""
HALF = TokenAmount.parse("0.5 MESG")
TEN = TokenAmount.parse("10 MESG")


async def say(order: TaskOrder) -> TaskOutput:
    text = order.inputs["text"]
    if text == "sleep":
        await trio.sleep(30)
    if text == "nap":
        await trio.sleep(0.6)
    if text == "fail":
        return TaskOutput(error="no")
    if text == "lie":
        return TaskOutput("success", {"text": 5})
    return TaskOutput("success", {"text": text})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def operator(world: World) -> TestNode:
    """The author publishes `echo`, the operator hosts it for half a token per call."""
    author = await world.open("author", {"echo": say})
    folder = write_service(world.folder / "echo", MANIFEST)
    await world.publish(author, folder, METERED, start=False)
    operator = await world.open("operator", {"echo": say})
    await operator.counter.host("echo", {})
    return operator


@pytest.fixture
async def buyer(world: World, operator: TestNode) -> TestNode:
    buyer = await world.open("buyer")
    await world.settle()
    await buyer.counter.open_channel("echo", amount=TEN, peer=None)
    return buyer


async def test_a_call_is_run_elsewhere_answered_and_paid(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    outcome = await buyer.call("echo", "say", {"text": "hello"})

    assert dict(outcome.execution.outputs) == {"text": "hello"}
    assert outcome.execution.peer == operator.assembly.parts.network.peer
    assert outcome.receipt is not None
    assert (outcome.receipt.charged, outcome.receipt.cumulative) == (HALF, HALF)


async def test_the_author_and_the_operator_get_their_exact_shares(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    for number in range(7):
        await buyer.call("echo", "say", {"text": str(number)})

    done = await operator.counter.claim()

    assert done.facts["claimed"] == "3.5 MESG"
    assert len(done.transactions) == 1
    balances = await operator.counter.balances()
    author = await operator.ledger.service_earned(ServiceId("echo"))
    assert (balances.earned, author) == (TokenAmount.parse("2.8"), TokenAmount.parse("0.7"))


async def test_claiming_again_finds_nothing(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    await buyer.call("echo", "say", {"text": "once"})
    await operator.counter.claim()

    again = await operator.counter.claim()

    assert (again.transactions, again.facts["claimed"]) == ((), "0 MESG")


async def test_many_calls_at_once_on_one_channel_add_up(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    answers: set[str] = set()

    async def one(number: int) -> None:
        outcome = await buyer.call("echo", "say", {"text": str(number)})
        answers.add(outcome.execution.outputs["text"])

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(one, number)

    (view,) = await buyer.counter.channels()
    assert answers == {str(number) for number in range(20)}
    assert view.charged == HALF.times(20) == TEN
    with pytest.raises(InsufficientFunds):
        await buyer.call("echo", "say", {"text": "one too many"})


async def test_a_repeated_execution_runs_and_costs_once(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    execution = Digest(b"\7" * 32)

    first = await buyer.call("echo", "say", {"text": "x"}, execution=execution)
    second = await buyer.call("echo", "say", {"text": "x"}, execution=execution)

    assert first == second
    assert len(operator.runtime.runs) == 1
    (view,) = await buyer.counter.channels()
    assert view.charged == HALF


async def test_a_tasks_own_failure_is_told_and_not_charged(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    with pytest.raises(TaskFailed, match="no"):
        await buyer.call("echo", "say", {"text": "fail"})

    (view,) = await buyer.counter.channels()
    assert view.charged == ZERO
    assert (await buyer.call("echo", "say", {"text": "ok"})).execution.charged == HALF


async def test_an_output_of_the_wrong_shape_is_a_failure_and_not_charged(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    with pytest.raises(TaskFailed, match="output is invalid"):
        await buyer.call("echo", "say", {"text": "lie"})

    (view,) = await buyer.counter.channels()
    assert view.charged == ZERO


async def test_a_deadline_ends_the_call_and_the_next_one_works(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    with pytest.raises(DeadlineExceeded):
        await buyer.call("echo", "say", {"text": "sleep"}, timeout_s=0.3)

    assert (await buyer.call("echo", "say", {"text": "ok"})).execution.outputs["text"] == "ok"


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        (("nothing.here", "say", {}), NotFound, "no service nothing.here is on the market"),
        (("echo", "shout", {}), NotFound, "echo has no task 'shout'"),
        (("echo", "say", {}), InvalidInput, "text"),
        (("echo", "say", {"text": 5}), InvalidInput, "text"),
    ],
)
async def test_bad_requests_are_refused_before_anything_is_promised(
    world: World,
    operator: TestNode,
    buyer: TestNode,
    request_: tuple[str, str, dict[str, object]],
    error: type[Exception],
    words: str,
) -> None:
    with pytest.raises(error, match=words):
        await buyer.call(*request_)

    (view,) = await buyer.counter.channels()
    assert (view.promised, operator.runtime.runs) == (ZERO, [])


async def test_a_price_above_the_cap_is_refused(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    with pytest.raises(PriceAboveMax, match=r"costs 0.5 MESG, more than the 0.4 MESG"):
        await buyer.call("echo", "say", {"text": "x"}, max_price=TokenAmount.parse("0.4"))


async def test_a_call_to_a_peer_that_does_not_run_it_is_refused(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    author = world.nodes["author"].assembly.parts.network.peer

    with pytest.raises(PeerUnavailable, match=f"{author} does not run echo"):
        await buyer.call("echo", "say", {"text": "x"}, peer=author)


async def test_without_a_channel_the_caller_is_told_to_open_one(
    world: World, operator: TestNode
) -> None:
    buyer = await world.open("poor buyer")
    await world.settle()

    with pytest.raises(InsufficientFunds, match="no channel") as caught:
        await buyer.call("echo", "say", {"text": "x"})

    assert "mesg channel open echo" in caught.value.hint


async def test_a_node_with_a_budget_opens_its_channel_by_itself_and_no_second_one(
    world: World, operator: TestNode
) -> None:
    settings = Settings(
        "test", "test", TokenAmount.parse("1"), TokenAmount.parse("1.5"), ZERO, 0.01
    )
    buyer = await world.open("frugal buyer", settings=settings)
    await world.settle()

    await buyer.call("echo", "say", {"text": "1"})
    await buyer.call("echo", "say", {"text": "2"})

    with pytest.raises(InsufficientFunds):
        await buyer.call("echo", "say", {"text": "3"})
    (view,) = await buyer.counter.channels()
    assert (view.reserved, view.charged) == (TokenAmount.parse("1"), TokenAmount.parse("1"))


async def test_a_stopped_service_is_said_to_be_stopped(world: World, operator: TestNode) -> None:
    await operator.counter.stop_service("echo")

    with pytest.raises(ServiceStopped, match="echo is on this node but not running"):
        await operator.call("echo", "say", {"text": "x"})


async def test_when_an_operator_is_gone_the_next_one_is_asked(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    async with world.node("second", {"echo": say}) as second:
        await second.counter.host("echo", {})
        await buyer.counter.show("echo")
        await buyer.counter.open_channel(
            "echo", amount=TEN, peer=second.assembly.parts.network.peer
        )
        await operator.counter.stop_service("echo")

        outcome = await buyer.call("echo", "say", {"text": "x"})

        assert outcome.execution.peer == second.assembly.parts.network.peer


async def test_vouchers_survive_a_restart_of_both_sides(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        author = await world.open("author", {"echo": say})
        folder = write_service(world.folder / "echo", MANIFEST)
        await world.publish(author, folder, METERED, start=False)
        async with world.node("operator", {"echo": say}) as operator:
            await operator.counter.host("echo", {})
            async with world.node("buyer") as buyer:
                await world.settle()
                await buyer.counter.open_channel("echo", amount=TEN, peer=None)
                await buyer.call("echo", "say", {"text": "before"})
        del world.nodes["operator"], world.nodes["buyer"]

        async with (
            world.node("operator", {"echo": say}) as operator,
            world.node("buyer") as buyer,
        ):
            await world.settle()
            with trio.fail_after(5):
                while not operator.assembly.desk.is_listening(ServiceId("echo")):
                    await trio.sleep(0.01)
            outcome = await buyer.call("echo", "say", {"text": "after"})
            done = await operator.counter.claim()

    assert outcome.receipt is not None
    assert outcome.receipt.cumulative == HALF.times(2)
    assert done.facts["claimed"] == "1 MESG"


async def test_an_operator_claims_as_soon_as_a_channel_begins_to_close(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    await buyer.call("echo", "say", {"text": "x"})
    (channel,) = await buyer.counter.channels()

    done = await buyer.counter.close_channel(channel.channel.hex(), cooperative=False)
    await world.settle()

    assert done.facts["phase"] == "closing"
    with trio.fail_after(5):
        while not (await operator.counter.balances()).earned:
            await trio.sleep(0.02)
    with pytest.raises(InsufficientFunds):
        await buyer.call("echo", "say", {"text": "too late"})


async def test_a_channel_closed_with_consent_returns_what_was_not_promised(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    await buyer.call("echo", "say", {"text": "x"})
    (channel,) = await buyer.counter.channels()

    done = await buyer.counter.close_channel(channel.channel.hex(), cooperative=True)

    assert done.facts["phase"] == "closed"
    assert (await buyer.counter.balances()).vault == TEN - HALF


async def test_a_failed_call_costs_nothing_even_when_the_channel_is_closed(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    with pytest.raises(TaskFailed):
        await buyer.call("echo", "say", {"text": "fail"})
    (channel,) = await buyer.counter.channels()

    await buyer.counter.close_channel(channel.channel.hex(), cooperative=True)

    assert (await buyer.counter.balances()).vault == TEN


async def test_vouchers_that_run_ahead_are_not_cashed(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    for number in range(13):
        await buyer.call("echo", "say", {"text": str(number)})
    (channel,) = await buyer.counter.channels()
    assert channel.promised > channel.charged, "the window has grown"

    await buyer.counter.close_channel(channel.channel.hex(), cooperative=True)

    assert (await buyer.counter.balances()).vault == TEN - HALF.times(13)


async def test_a_call_in_doubt_is_asked_after_and_counted_as_the_operator_did(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    with pytest.raises(DeadlineExceeded):
        await buyer.call("echo", "say", {"text": "nap"}, timeout_s=0.2)
    (before,) = await buyer.counter.channels()
    lane = buyer.assembly.purse.lane(before.channel)
    assert (before.charged, len(lane.in_flight)) == (ZERO, 1)

    with trio.fail_after(10):
        while buyer.assembly.purse.lane(before.channel).in_flight:
            await trio.sleep(0.05)

    (after,) = await buyer.counter.channels()
    (taken,) = await operator.counter.channels()
    assert (after.charged, taken.charged) == (ZERO, ZERO), "it was not done in time"
    for _ in range(20):
        await buyer.call("echo", "say", {"text": "the whole channel can be used"})


async def test_an_answer_that_was_lost_is_fetched_and_settled(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_lose_sessions, operator)
        with pytest.raises(PeerUnavailable):
            await buyer.call("echo", "say", {"text": "nap"})
    (channel,) = await buyer.counter.channels()
    await buyer.call("echo", "say", {"text": "again"})

    with trio.fail_after(10):
        while buyer.assembly.purse.lane(channel.channel).in_flight:
            await trio.sleep(0.05)

    (after,) = await buyer.counter.channels()
    (taken,) = await operator.counter.channels()
    assert (after.charged, taken.charged) == (HALF.times(2), HALF.times(2))
    assert len(operator.runtime.runs) == 2


async def _lose_sessions(node: TestNode) -> None:
    await trio.sleep(0.3)
    for session in node.assembly.sessions.current():
        session.say_goodbye("a test")


async def test_a_used_up_channel_is_followed_by_another_within_the_budget(
    world: World, operator: TestNode
) -> None:
    settings = Settings("test", "test", TokenAmount.parse("1"), TokenAmount.parse("2"), ZERO, 0.01)
    buyer = await world.open("busy buyer", settings=settings)
    await world.settle()

    for number in range(4):
        await buyer.call("echo", "say", {"text": str(number)})

    with pytest.raises(InsufficientFunds, match="the channel holds 1 MESG"):
        await buyer.call("echo", "say", {"text": "5"})
    assert [one.charged for one in await buyer.counter.channels()] == [TokenAmount.parse("1")] * 2


async def test_calls_that_come_together_open_one_channel(world: World, operator: TestNode) -> None:
    settings = Settings("test", "test", TokenAmount.parse("5"), TokenAmount.parse("5"), ZERO, 0.01)
    buyer = await world.open("hasty buyer", settings=settings)
    await world.settle()

    async with trio.open_nursery() as nursery:
        for number in range(8):
            nursery.start_soon(buyer.call, "echo", "say", {"text": str(number)})

    (view,) = await buyer.counter.channels()
    assert (view.reserved, view.charged) == (TokenAmount.parse("5"), HALF.times(8))
