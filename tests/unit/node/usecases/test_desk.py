"""The desk: who gets which task, what becomes of it when an instance leaves, and what is refused."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
import trio.testing
from tests.support.world import MarketClock

from mesg.marketplace.domain.errors import (
    InvalidInput,
    NotEntitled,
    NotFound,
    Overloaded,
    ServiceStopped,
)
from mesg.marketplace.domain.identity import Digest, PeerId, ServiceId
from mesg.marketplace.testing.memory_market import MemoryMarket
from mesg.node.domain.execution import Aborted, Execution, Failed, Failure, Succeeded
from mesg.node.domain.manifest_file import read_manifest
from mesg.node.domain.shape import JSON_BYTES_MAX
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.store.database import open_database
from mesg.node.store.journal import SqliteJournal
from mesg.node.store.migrations import MIGRATIONS
from mesg.node.usecases.desk import QUEUED_MAX, Ending, ServiceDesk
from mesg.node.usecases.feeds import EventFeed

MANIFEST = read_manifest("""
name: Echo
sid: echo
tasks:
  say:
    inputs: {}
    outputs:
      success:
        data:
          text: {type: String}
events:
  said:
    data:
      text: {type: String}
""")
ECHO = ServiceId("echo")
PEER = PeerId("12D3KooWBRFW3HkJCLKSWb4yG6iWRBpgNjbM4FFvNsL5T5JKTqrd")
FINE = TaskOutput("success", {"text": "fine"})
Orders = trio.MemoryReceiveChannel[TaskOrder]


@pytest.fixture
async def events(tmp_path: Path) -> AsyncGenerator[EventFeed]:
    async with open_database(tmp_path / "node.db", MIGRATIONS) as database:
        yield EventFeed(SqliteJournal(database), MarketClock(MemoryMarket()), PEER)


@pytest.fixture
async def desk(events: EventFeed) -> ServiceDesk:
    desk = ServiceDesk(events, MarketClock(MemoryMarket()))
    desk.enrol(MANIFEST, "token")
    return desk


def execution(number: int) -> Execution:
    id_ = Digest(number.to_bytes(32, "big"))
    return Execution(id_, ECHO, MANIFEST.digest, "say", {"number": number}, number)


class Asked:
    """Tasks that were asked for, and how they ended, by number."""

    def __init__(self, desk: ServiceDesk, nursery: trio.Nursery) -> None:
        self.endings: dict[int, Ending] = {}
        self._desk = desk
        self._nursery = nursery

    async def ask(self, *numbers: int) -> None:
        for number in numbers:
            self._nursery.start_soon(self._run, number)
            await trio.testing.wait_all_tasks_blocked()

    async def _run(self, number: int) -> None:
        self.endings[number] = await self._desk.run(execution(number))


async def take(orders: Orders, count: int) -> list[int]:
    with trio.fail_after(10):
        return [(await orders.receive()).inputs["number"] for _ in range(count)]


def name(number: int) -> str:
    return execution(number).id.hex()


async def test_tasks_wait_for_an_instance_and_come_in_order(desk: ServiceDesk) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(1, 2, 3)
        assert not desk.is_listening(ECHO)

        async with desk.listen("token") as orders:
            assert desk.is_listening(ECHO)
            assert await take(orders, 3) == [1, 2, 3]
            for number in (3, 1, 2):
                await desk.submit(name(number), FINE)

    assert {type(ending) for ending in asked.endings.values()} == {Succeeded}
    assert len(asked.endings) == 3


async def test_what_a_leaving_listener_had_not_answered_is_handed_back_in_order(
    desk: ServiceDesk,
) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(1, 2, 3, 4, 5)
        async with desk.listen("token") as orders:
            await take(orders, 3)
            await desk.submit(name(2), FINE)
            await trio.testing.wait_all_tasks_blocked()
        assert not desk.is_listening(ECHO)

        async with desk.listen("token") as orders:
            assert await take(orders, 4) == [1, 3, 4, 5]
            for number in (1, 3, 4, 5):
                await desk.submit(name(number), FINE)


async def test_a_task_that_was_handed_back_may_still_be_answered_by_who_had_it(
    desk: ServiceDesk,
) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(1, 2)
        async with desk.listen("token") as orders:
            await take(orders, 1)

        await desk.submit(name(1), FINE)
        await trio.testing.wait_all_tasks_blocked()

        async with desk.listen("token") as orders:
            assert await take(orders, 1) == [2], "what is answered is not run again"
            await desk.submit(name(2), FINE)


async def test_two_listeners_share_the_tasks_and_each_task_comes_once(desk: ServiceDesk) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        async with desk.listen("token") as one, desk.listen("token") as other:
            await trio.testing.wait_all_tasks_blocked()  # both wait for tasks
            await asked.ask(1, 2)
            shared = await take(one, 1) + await take(other, 1)
            await asked.ask(3, 4)
            shared += await take(other, 1) + await take(one, 1)
            for number in shared:
                await desk.submit(name(number), FINE)

    assert sorted(shared) == [1, 2, 3, 4]


async def test_when_one_of_two_listeners_leaves_the_other_gets_its_tasks(
    desk: ServiceDesk,
) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        async with desk.listen("token") as stays:
            async with desk.listen("token") as leaves:
                await asked.ask(1, 2)
                await take(leaves, 1)
            assert sorted(await take(stays, 2)) == [1, 2]
            await desk.submit(name(1), FINE)
            await desk.submit(name(2), FINE)


async def test_the_queue_takes_its_most_and_refuses_one_more(desk: ServiceDesk) -> None:
    async with trio.open_nursery() as nursery:
        endings = Asked(desk, nursery)
        for number in range(QUEUED_MAX):
            nursery.start_soon(endings._run, number)
        await trio.testing.wait_all_tasks_blocked()

        with pytest.raises(Overloaded, match=f"{QUEUED_MAX} tasks wait for echo already"):
            await desk.run(execution(QUEUED_MAX))

        async with desk.listen("token") as orders:
            assert len(await take(orders, QUEUED_MAX)) == QUEUED_MAX
            await endings.ask(QUEUED_MAX)
            assert await take(orders, 1) == [QUEUED_MAX], "room again"
        nursery.cancel_scope.cancel()


async def test_a_caller_that_goes_leaves_nothing_behind(desk: ServiceDesk) -> None:
    async with trio.open_nursery() as nursery:
        await Asked(desk, nursery).ask(1)
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(2)
        async with desk.listen("token") as orders:
            assert await take(orders, 1) == [2]
            with pytest.raises(NotFound):
                await desk.submit(name(1), FINE)
            await desk.submit(name(2), FINE)


async def test_a_token_that_is_not_known_opens_nothing(desk: ServiceDesk) -> None:
    for token in ("", "Token", "token "):
        with pytest.raises(NotEntitled, match="the token is not known"):
            async with desk.listen(token):
                pass
        with pytest.raises(NotEntitled):
            await desk.emit(token, "said", {"text": "x"})


async def test_the_token_of_a_dismissed_instance_opens_nothing_more(desk: ServiceDesk) -> None:
    desk.dismiss(ECHO, "was stopped")
    desk.dismiss(ECHO, "was stopped")
    desk.enrol(MANIFEST, "another token")

    with pytest.raises(NotEntitled):
        async with desk.listen("token"):
            pass
    async with desk.listen("another token"):
        assert desk.is_listening(ECHO)


async def test_dismissing_a_service_aborts_its_tasks_and_ends_its_listeners(
    desk: ServiceDesk,
) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        async with desk.listen("token") as orders:
            await asked.ask(1, 2)
            await take(orders, 1)

            desk.dismiss(ECHO, "was stopped")

            with trio.fail_after(10):
                assert {order.inputs["number"] async for order in orders} <= {2}, "it ends"
            with pytest.raises(NotFound):
                await desk.submit(name(1), FINE)

    stopped = Failure("service_stopped", "echo was stopped", retryable=True)
    failures = {
        number: ending.failure
        for number, ending in asked.endings.items()
        if isinstance(ending, Aborted)
    }
    assert failures == {1: stopped, 2: stopped}
    with pytest.raises(ServiceStopped, match="echo is not running"):
        await desk.run(execution(3))


async def test_an_answer_counts_once_and_only_while_somebody_waits(desk: ServiceDesk) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(1)
        await desk.submit(name(1), FINE)
        with pytest.raises(NotFound, match="waits for a result"):
            await desk.submit(name(1), TaskOutput(error="changed my mind"))

    for unknown in (name(1), name(2), "", "x" * 1_000):
        with pytest.raises(NotFound):
            await desk.submit(unknown, FINE)
    assert isinstance(asked.endings[1], Succeeded)


async def test_a_tasks_own_error_is_cut_and_told(desk: ServiceDesk) -> None:
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(1)
        await desk.submit(name(1), TaskOutput(error="e" * 5_000))

    ending = asked.endings[1]
    assert isinstance(ending, Failed)
    assert ending.failure == Failure("task_failed", "e" * 2_000)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (TaskOutput("success", {"text": 5}), "must be a String"),
        (TaskOutput("success", {}), "is required"),
        (TaskOutput("nothing", {"text": "x"}), "no output 'nothing'"),
        (TaskOutput("success", {"text": "x" * JSON_BYTES_MAX}), "larger than"),
    ],
)
async def test_an_output_of_the_wrong_shape_fails_the_task_and_is_refused(
    desk: ServiceDesk, output: TaskOutput, words: str
) -> None:
    manifest = read_manifest(
        "{name: E, sid: echo, tasks: {say: {inputs: {}, outputs: {"
        "success: {data: {text: {type: String}}}, other: {data: {}}}}}}"
    )
    desk.enrol(manifest, "token of a stricter one")
    async with trio.open_nursery() as nursery:
        asked = Asked(desk, nursery)
        await asked.ask(1)
        with pytest.raises(InvalidInput, match=words):
            await desk.submit(name(1), output)

    ending = asked.endings[1]
    assert isinstance(ending, Failed)
    assert words in ending.failure.message


async def test_events_are_checked_and_numbered(desk: ServiceDesk, events: EventFeed) -> None:
    for event, data, error in (
        ("shouted", {"text": "x"}, NotFound),
        ("said", {}, InvalidInput),
        ("said", {"text": "x" * JSON_BYTES_MAX}, InvalidInput),
    ):
        with pytest.raises(error):
            await desk.emit("token", event, data)

    await desk.emit("token", "said", {"text": "1"})
    await desk.emit("token", "said", {"text": "2"})

    assert events.last(ECHO) == 2
