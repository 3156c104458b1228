"""An operator whose disk refuses: nothing is told before it is kept, nobody is charged wrongly, and he lives on."""

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from tests.support.raw_peer import RawPeer
from tests.support.world import METERED, TestNode, World, open_world, write_service

from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.store.journal import SqliteJournal

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


class Bench:
    """Where the task waits until the test lets it end."""

    def __init__(self) -> None:
        self.begun, self.may_end = trio.Event(), trio.Event()

    async def say(self, order: TaskOrder) -> TaskOutput:
        self.begun.set()
        await self.may_end.wait()
        return TaskOutput("success", {"text": order.inputs["text"]})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def bench() -> Bench:
    return Bench()


@pytest.fixture
async def operator(world: World, bench: Bench) -> TestNode:
    operator = await world.open("operator", {"echo": bench.say})
    await world.publish(operator, write_service(world.folder / "echo", MANIFEST), METERED)
    journal = operator.assembly.parts.journal
    assert isinstance(journal, SqliteJournal)

    def wait_for_nobody(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA busy_timeout=1")

    await journal._database.write(wait_for_nobody)
    return operator


@pytest.fixture
def disk(world: World, operator: TestNode) -> "Disk":
    return Disk(world.folder / "operator" / "node.db")


class Disk:
    """Another process that holds the database, so that every write is refused."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def refuse(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def recover(self) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


async def test_a_call_that_cannot_be_kept_is_refused_and_the_next_one_is_paid_once(
    operator: TestNode, bench: Bench, disk: Disk, world: World
) -> None:
    peer = RawPeer(world, "peer")
    await peer.greet(operator)
    config = await peer.open_channel(operator, TEN)
    await peer.tell(config)
    payment = peer.payment(config, peer.voucher(config, HALF), HALF)
    await until_accepted(operator)
    bench.may_end.set()
    disk.refuse()

    code = await peer.refused(peer.call(operator, payment=payment))
    disk.recover()
    answer = await peer.ask(peer.call(operator, payment=payment))

    assert (code, len(operator.runtime.runs)) == ("unavailable", 1)
    assert answer.result.receipt.charged == answer.result.receipt.cumulative == HALF.to_bytes()


async def test_an_ending_that_cannot_be_kept_is_told_once_it_is(
    operator: TestNode, bench: Bench, disk: Disk, world: World
) -> None:
    peer = RawPeer(world, "peer")
    await peer.greet(operator)
    config = await peer.open_channel(operator, TEN)
    await peer.tell(config)
    call = peer.call(operator, payment=peer.payment(config, peer.voucher(config, HALF), HALF))
    number = peer.number(call)
    await peer.send(call)
    await bench.begun.wait()
    disk.refuse()
    bench.may_end.set()
    channel = config.channel_id(peer.ledger.addresses.domain)
    with trio.fail_after(10):
        while not operator.assembly.till.lanes(channel)[0].charged:
            await trio.sleep(0.01)

    (kept,) = operator.assembly.parts.journal.executions(most=2)
    assert (kept.execution.charged, kept.receipt) == (ZERO, None), "nothing is kept yet"
    assert await peer.is_alive()
    disk.recover()
    answer = await peer.answer(number)

    assert answer.result.receipt.charged == HALF.to_bytes()
    (kept,) = operator.assembly.parts.journal.executions(most=2)
    assert kept.execution.charged == HALF


async def until_accepted(operator: TestNode) -> None:
    with trio.fail_after(10):
        while not operator.assembly.parts.journal.channels():
            await trio.sleep(0.01)
