"""Vouchers are cashed by themselves once they promise enough; one that the chain refuses is told of."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs
from tests.support.raw_peer import RawPeer
from tests.support.world import METERED, TestNode, World, open_world, write_service

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import ClaimRow, TransactionReceipt
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.usecases import claiming
from mesg.node.usecases.parts import Settings

MANIFEST = """
name: Echo
sid: echo
tasks: {say: {inputs: {text: {type: String}}, outputs: {success: {data: {}}}}}
"""
HALF, TEN = METERED.price, TokenAmount.parse("10 MESG")
SETTINGS = Settings("test", "test", poll_s=0.01, claim_after=HALF.times(2))


async def say(order: TaskOrder) -> TaskOutput:
    _ = order
    return TaskOutput("success", {})


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "LOOK_S", 0.05)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def operator(world: World) -> TestNode:
    operator = await world.open("operator", {"echo": say}, SETTINGS)
    await world.publish(operator, write_service(world.folder / "echo", MANIFEST), METERED)
    return operator


@pytest.fixture
async def payer(world: World, operator: TestNode) -> RawPeer:
    payer = RawPeer(world, "payer")
    await payer.greet(operator)
    return payer


async def opened(payer: RawPeer, operator: TestNode) -> ChannelConfig:
    config = await payer.open_channel(operator, TEN)
    await payer.tell(config)
    return config


async def pay(payer: RawPeer, operator: TestNode, config: ChannelConfig, calls: int) -> None:
    """Make a call under a voucher for that many in all."""
    payment = payer.payment(config, payer.voucher(config, HALF.times(calls)), HALF)
    assert (await payer.ask(payer.call(operator, payment=payment))).HasField("result")


async def test_nothing_is_claimed_before_enough_is_owed(
    operator: TestNode, payer: RawPeer
) -> None:
    config = await opened(payer, operator)

    await pay(payer, operator, config, 1)
    await trio.sleep(0.3)
    early = (await payer.ledger.channel(config)).claimed
    await pay(payer, operator, config, 2)
    await trio.sleep(0.3)

    assert (early, (await payer.ledger.channel(config)).claimed) == (TokenAmount(0), HALF.times(2))


async def test_a_row_that_is_refused_is_told_of_and_delays_no_other(
    operator: TestNode, payer: RawPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await opened(payer, operator), await opened(payer, operator)
    claim = MemoryLedger.claim

    async def picky(ledger: MemoryLedger, rows: list[ClaimRow]) -> TransactionReceipt:
        if any(row.config == bad for row in rows):
            raise TransactionReverted("claim: NotToday()")
        return await claim(ledger, rows)

    monkeypatch.setattr(MemoryLedger, "claim", picky)
    with capture_logs() as logs:
        for config in (bad, good):
            await pay(payer, operator, config, 1)
        await trio.sleep(0.3)

    assert (await payer.ledger.channel(good)).claimed == HALF
    channel = bad.channel_id(payer.ledger.addresses.domain).hex()
    (told,) = [one for one in logs if one["event"] == "not_claimed"]
    assert (told["log_level"], told["channel"], told["why"]) == (
        "warning",
        channel,
        "claim: NotToday()",
    )
