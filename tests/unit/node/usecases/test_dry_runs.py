"""A dry run shows what would be sent, and leaves no trace: on chain, on disk, in memory, with peers."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.world import METERED, PASS, World, open_world, write_service

from mesg.marketplace.domain.errors import InsufficientFunds, PriceAboveMax, TransactionReverted
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.doors import DoneView, TaskOrder, TaskOutput, Trade

MANIFEST = """
name: Echo
sid: {sid}
tasks: {{say: {{inputs: {{}}, outputs: {{success: {{data: {{}}}}}}}}}}
"""
ONE, TEN = TokenAmount.parse("1 MESG"), TokenAmount.parse("10 MESG")


async def say(order: TaskOrder) -> TaskOutput:
    _ = order
    return TaskOutput("success", {})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    """Give an author who sold a pass and a call, and has another Service; a buyer with a channel."""
    async with open_world(tmp_path) as world:
        author = await world.open("author", {"echo": say})
        folder = write_service(tmp_path / "echo", MANIFEST.format(sid="echo"))
        await world.publish(author, folder, METERED, PASS)
        other = write_service(tmp_path / "other", MANIFEST.format(sid="other"))
        await author.counter.deploy(str(other), {})
        buyer = await world.open("buyer")
        await world.settle()
        await buyer.counter.open_channel("echo", amount=TEN, peer=None)
        await buyer.call("echo", "say", {})
        await buyer.counter.buy("echo", offer_index=None, max_price=PASS.price)
        await buyer.counter.deposit(TEN)
        world.market.advance(3_600)
        await world.settle()
        yield world


def traces(world: World) -> list[Any]:
    """Return all that an act may change."""
    kept: list[Any] = [len(world.market.mined), world.market.token.balances]
    for node in world.nodes.values():
        journal = node.assembly.parts.journal
        kept += [journal.channels(), journal.given_lanes(), journal.taken_lanes()]
        kept += [node.assembly.purse.channels(), node.assembly.till.channels()]
        kept += [node.assembly.purse.held(), journal.cursor()]
    return kept


def channel_of(world: World) -> str:
    (kept,) = world.nodes["buyer"].assembly.purse.channels()
    return kept.channel.hex()


Act = Callable[[Trade, World], Awaitable[DoneView]]
ACTS: dict[str, tuple[str, Act, list[str]]] = {
    "publish": (
        "author",
        lambda do, _: do.publish("other"),
        ["approve", "commit", "register", "publish"],
    ),
    "offer": ("author", lambda do, _: do.create_offer("echo", METERED), ["offer"]),
    "disable": ("author", lambda do, _: do.disable_offer("echo", 1), ["disable"]),
    "transfer": (
        "author",
        lambda do, world: do.transfer_service("echo", world.nodes["buyer"].account),
        ["transfer"],
    ),
    "claim": ("author", lambda do, _: do.claim(), ["claim"]),
    "settle": ("author", lambda do, _: do.settle(), ["settle_passes"]),
    "collect": ("author", lambda do, _: do.collect(), ["settle_passes", "collect_service"]),
    "buy": (
        "buyer",
        lambda do, _: do.buy("echo", offer_index=None, max_price=PASS.price),
        ["buy_pass"],
    ),
    "cancel": ("buyer", lambda do, _: do.cancel_pass("echo"), ["cancel_pass"]),
    "open": (
        "buyer",
        lambda do, _: do.open_channel("echo", amount=TokenAmount.parse("20"), peer=None),
        ["approve", "open"],
    ),
    "top up": (
        "buyer",
        lambda do, world: do.top_up(channel_of(world), ONE),
        ["approve", "top_up"],
    ),
    "close": (
        "buyer",
        lambda do, world: do.close_channel(channel_of(world), cooperative=True),
        ["start_close"],
    ),
    "close alone": (
        "buyer",
        lambda do, world: do.close_channel(channel_of(world), cooperative=False),
        ["start_close"],
    ),
    "withdraw channels": (
        "buyer",
        lambda do, _: do.finish_channels(None, to_wallet=True),
        ["withdraw"],
    ),
    "approve": ("buyer", lambda do, _: do.approve(TEN), ["approve"]),
    "deposit": ("buyer", lambda do, _: do.deposit(ONE), ["approve", "deposit"]),
    "withdraw": ("buyer", lambda do, _: do.withdraw(), ["withdraw"]),
}


@pytest.mark.parametrize("is_locked", [False, True], ids=["unlocked", "locked"])
@pytest.mark.parametrize("name", ACTS)
async def test_an_act_is_rehearsed_without_a_trace_and_without_a_password(
    world: World, name: str, is_locked: bool
) -> None:
    who, act, actions = ACTS[name]
    node = world.nodes[who]
    sessions = [list(one.assembly.sessions.current()) for one in world.nodes.values()]
    node.signer.is_locked = is_locked
    before = traces(world)

    view = await act(node.counter.rehearsal(), world)

    assert view.planned is not None
    assert [one.action for one in view.planned] == actions
    assert all(one.gas and one.fee_wei for one in view.planned)
    assert view.transactions == ()
    assert traces(world) == before
    after = [list(one.assembly.sessions.current()) for one in world.nodes.values()]
    assert after == sessions
    node.signer.is_locked = False


@pytest.mark.parametrize("name", set(ACTS) - {"close", "close alone", "transfer"})
async def test_what_was_rehearsed_is_what_is_done(world: World, name: str) -> None:
    who, act, _ = ACTS[name]
    counter = world.nodes[who].counter
    rehearsed = await act(counter.rehearsal(), world)

    done = await act(counter, world)

    assert rehearsed.planned is not None
    assert [one.action for one in done.transactions] == [one.action for one in rehearsed.planned]
    exact = set(done.facts) - {"channel", "expires_at", "settled", "refunded", "collected"}
    assert {key: done.facts[key] for key in exact} == {key: rehearsed.facts[key] for key in exact}


async def test_what_would_be_refused_is_refused_in_a_rehearsal_too(world: World) -> None:
    author, buyer = world.nodes["author"], world.nodes["buyer"]
    before = traces(world)

    with pytest.raises(PriceAboveMax):
        await author.counter.rehearsal().publish("other", max_fee=TokenAmount(1))
    with pytest.raises(PriceAboveMax):
        await buyer.counter.rehearsal().buy("echo", offer_index=1, max_price=ONE)
    with pytest.raises(TransactionReverted):
        await author.counter.rehearsal().cancel_pass("echo")
    with pytest.raises(InsufficientFunds):
        await buyer.counter.rehearsal().deposit(TokenAmount.parse("5000"))

    assert traces(world) == before


async def test_a_rehearsed_close_says_that_nobody_was_asked_for_his_consent(world: World) -> None:
    buyer = world.nodes["buyer"].counter.rehearsal()

    view = await buyer.close_channel(channel_of(world), cooperative=True)

    assert view.facts["phase"] == "open"
    assert view.facts["note"].startswith("tried without the operator")


async def test_a_rehearsal_begins_anew_each_time(world: World) -> None:
    counter = world.nodes["buyer"].counter

    for _ in range(2):
        view = await counter.rehearsal().withdraw()
        assert view.planned is not None
        assert len(view.planned) == 1
