"""Channels are filled up, closed alone, waited for, finished; the vault is filled and emptied."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.support.world import METERED, TOKENS, TestNode, World, open_world, write_service

from mesg.marketplace.domain.errors import Refused
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.node.doors import TaskOrder, TaskOutput

MANIFEST = """
name: Echo
sid: echo
tasks: {say: {inputs: {}, outputs: {success: {data: {}}}}}
"""
ONE, TEN = TokenAmount.parse("1 MESG"), TokenAmount.parse("10 MESG")


async def say(order: TaskOrder) -> TaskOutput:
    _ = order
    return TaskOutput("success", {})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        author = await world.open("author", {"echo": say})
        await world.publish(author, write_service(tmp_path / "echo", MANIFEST), METERED)
        yield world


@pytest.fixture
async def buyer(world: World) -> TestNode:
    buyer = await world.open("buyer")
    await world.settle()
    return buyer


async def opened(buyer: TestNode, amount: TokenAmount = ONE) -> str:
    return (await buyer.counter.open_channel("echo", amount=amount, peer=None)).facts["channel"]


async def test_a_channel_that_is_filled_up_pays_further_calls(
    world: World, buyer: TestNode
) -> None:
    channel = await opened(buyer)
    for _ in range(2):
        await buyer.call("echo", "say", {})

    done = await buyer.counter.top_up(channel, ONE)
    await world.settle()
    for _ in range(2):
        await buyer.call("echo", "say", {})

    assert done.facts == {
        "sid": "echo",
        "channel": channel,
        "added": "1 MESG",
        "reserved": "2 MESG",
    }
    (lane,) = buyer.assembly.parts.journal.given_lanes()
    assert (lane.reserved, lane.charged) == (TokenAmount.parse("2"), TokenAmount.parse("2"))
    (view,) = await buyer.counter.channels()
    assert view.reserved == TokenAmount.parse("2")


async def test_a_channel_that_closes_is_not_filled_up(buyer: TestNode) -> None:
    channel = await opened(buyer)
    await buyer.counter.close_channel(channel, cooperative=False)

    with pytest.raises(Refused) as refused:
        await buyer.counter.top_up(channel, ONE)

    assert (
        refused.value.message
        == f"channel {channel} is closing: nothing more can be reserved on it"
    )
    assert refused.value.hint == "open another: mesg channel open echo --amount 1 MESG"


async def test_a_close_is_finished_when_its_delay_is_over_and_the_rest_comes_home(
    world: World, buyer: TestNode
) -> None:
    channel = await opened(buyer, TEN)
    await buyer.call("echo", "say", {})
    await buyer.counter.close_channel(channel, cooperative=False)
    await world.settle()
    world.market.advance(METERED.close_delay_s)

    done = await buyer.counter.finish_channels(None, to_wallet=True)

    rest = TEN - METERED.price
    assert done.facts == {"finished": "1", "returned": str(rest), "withdrawn": str(rest)}
    after = await buyer.counter.balances()
    assert (after.tokens, after.vault) == (TOKENS - METERED.price, ZERO)
    (view,) = await buyer.counter.channels()
    assert view.phase == "closed"


async def test_what_is_finished_may_stay_in_the_vault(world: World, buyer: TestNode) -> None:
    channel = await opened(buyer)
    await buyer.counter.close_channel(channel, cooperative=False)
    world.market.advance(METERED.close_delay_s)

    done = await buyer.counter.finish_channels(channel, to_wallet=False)

    assert done.facts == {"finished": "1", "returned": "1 MESG"}
    assert (await buyer.counter.balances()).vault == ONE


async def test_too_early_says_when(world: World, buyer: TestNode) -> None:
    channel = await opened(buyer)
    closing = await buyer.counter.close_channel(channel, cooperative=False)
    at = int(closing.facts["closes_at"])
    world.market.advance(at - world.market.now_unix_s - 720)

    for named in (None, channel):
        with pytest.raises(Refused) as refused:
            await buyer.counter.finish_channels(named, to_wallet=True)
        assert refused.value.message.startswith(
            f"it is too early: channel {channel} can be finished in 12 min, at 2027-"
        )
        assert refused.value.hint == "try again then: mesg channel withdraw"


async def test_those_that_are_ready_are_finished_and_the_next_is_told(
    world: World, buyer: TestNode
) -> None:
    first, second = await opened(buyer), await opened(buyer)
    await buyer.counter.close_channel(first, cooperative=False)
    world.market.advance(METERED.close_delay_s)
    late = await buyer.counter.close_channel(second, cooperative=False)

    done = await buyer.counter.finish_channels(None, to_wallet=True)

    assert done.facts == {
        "finished": "1",
        "returned": "1 MESG",
        "withdrawn": "1 MESG",
        "next_at": late.facts["closes_at"],
    }


async def test_while_nothing_is_ready_the_vault_alone_comes_home(
    world: World, buyer: TestNode
) -> None:
    channel = await opened(buyer)
    late = await buyer.counter.close_channel(channel, cooperative=False)
    await buyer.counter.deposit(ONE)

    with pytest.raises(Refused, match="it is too early"):
        await buyer.counter.finish_channels(None, to_wallet=False)
    done = await buyer.counter.finish_channels(None, to_wallet=True)

    assert done.facts == {
        "finished": "0",
        "returned": "0 MESG",
        "withdrawn": "1 MESG",
        "next_at": late.facts["closes_at"],
    }
    assert [one.action for one in world.market.mined][-1] == "withdraw"


async def test_nothing_to_finish_says_so(buyer: TestNode) -> None:
    channel = await opened(buyer)

    with pytest.raises(Refused) as nothing:
        await buyer.counter.finish_channels(None, to_wallet=True)
    with pytest.raises(Refused) as is_open:
        await buyer.counter.finish_channels(channel, to_wallet=True)

    assert nothing.value.message.startswith("no channel is closing, and the vault is empty")
    assert is_open.value.message == f"channel {channel} is open: there is nothing to wait for"
    assert is_open.value.hint == f"close it: mesg channel close {channel[:14]}"


async def test_the_vault_is_filled_and_emptied(buyer: TestNode) -> None:
    await buyer.counter.approve(TEN)
    await buyer.counter.deposit(TEN)
    friend = buyer.ledger.addresses.token

    part = await buyer.counter.withdraw(ONE, friend)
    rest = await buyer.counter.withdraw()

    assert part.facts == {"withdrawn": "1 MESG", "to": str(friend)}
    assert rest.facts == {"withdrawn": "9 MESG", "to": str(buyer.account)}
    after = await buyer.counter.balances()
    assert (after.tokens, after.vault) == (TOKENS - ONE, ZERO)
    with pytest.raises(Refused, match="the vault is empty"):
        await buyer.counter.withdraw()
    with pytest.raises(Refused, match="above 0"):
        await buyer.counter.deposit(ZERO)
