"""What was earned on a channel is claimed before it closes, whatever goes wrong first and however its payer hurries."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from tests.support.raw_peer import RawPeer
from tests.support.world import METERED, TestNode, World, open_world, write_service

from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.settling import consent
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.protocol import session_pb2 as pb
from mesg.node.usecases import last_claims

MANIFEST = """
name: Echo
sid: echo
tasks: {say: {inputs: {text: {type: String}}, outputs: {success: {data: {}}}}}
"""
HALF, TEN = METERED.price, TokenAmount.parse("10 MESG")
CALLS = 5


class Gate:
    """A task that lasts until the test says."""

    def __init__(self) -> None:
        self.is_open = trio.Event()
        self.begun = 0

    async def say(self, order: TaskOrder) -> TaskOutput:
        _ = order
        self.begun += 1
        await self.is_open.wait()
        return TaskOutput("success", {})


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_claims, "PAUSE_S_FIRST", 0.05)
    monkeypatch.setattr(last_claims, "PAUSE_S_MAX", 0.2)
    monkeypatch.setattr(consent, "CONFIRM_S_MAX", 0.05)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def operator(world: World, gate: Gate) -> TestNode:
    operator = await world.open("operator", {"echo": gate.say})
    await world.publish(operator, write_service(world.folder / "echo", MANIFEST), METERED)
    return operator


@pytest.fixture
async def attacker(world: World, operator: TestNode) -> RawPeer:
    attacker = RawPeer(world, "attacker")
    await attacker.greet(operator)
    return attacker


@pytest.fixture
async def config(attacker: RawPeer, operator: TestNode) -> ChannelConfig:
    config = await attacker.open_channel(operator, TEN)
    await attacker.tell(config)
    return config


async def until(holds: Callable[[], bool]) -> None:
    with trio.fail_after(5):
        while not holds():
            await trio.sleep(0.01)


async def begin_calls(
    attacker: RawPeer, operator: TestNode, config: ChannelConfig, gate: Gate
) -> list[int]:
    """Send calls in parallel, each on a lane of its own, and wait until all are at work."""
    numbers = []
    for lane in range(CALLS):
        payment = attacker.payment(config, attacker.voucher(config, HALF, lane=lane), HALF)
        call = attacker.call(operator, payment=payment)
        numbers.append(attacker.number(call))
        await attacker.send(call)
    await until(lambda: gate.begun == CALLS)
    return numbers


async def one_call(attacker: RawPeer, operator: TestNode, config: ChannelConfig) -> None:
    """Make a call that costs half a token and has its answer."""
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)
    assert (await attacker.ask(attacker.call(operator, payment=payment))).HasField("result")


def ask_close(attacker: RawPeer, config: ChannelConfig) -> pb.Frame:
    channel = config.channel_id(attacker.ledger.addresses.domain)
    return pb.Frame(ask_close=pb.AskClose(channel_id=channel))


def claimed(world: World, config: ChannelConfig) -> TokenAmount:
    pay = world.market.pay
    return TokenAmount(pay.channels[config.channel_id(world.market.addresses.domain)].claimed)


async def test_a_buyer_who_closes_while_his_calls_are_at_work_pays_for_all_of_them(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig, gate: Gate
) -> None:
    await begin_calls(attacker, operator, config, gate)
    asked = ask_close(attacker, config)
    attacker.number(asked)
    await attacker.send(asked)
    await trio.sleep(0.3)
    gate.is_open.set()

    told = (await attacker.receive_kind("close_consent")).close_consent
    total = TokenAmount.from_bytes(told.final_claimed)
    await attacker.ledger.close_cooperative(config, total, told.signature)

    assert total == HALF.times(CALLS)
    assert (await attacker.ledger.channel(config)).claimed == HALF.times(CALLS)


async def test_a_consent_that_would_wait_too_long_is_refused_and_no_call_is_taken_any_more(
    world: World,
    operator: TestNode,
    attacker: RawPeer,
    config: ChannelConfig,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consent, "WORK_S_MAX", 0.1)
    numbers = await begin_calls(attacker, operator, config, gate)

    answer = await attacker.ask(ask_close(attacker, config))
    payment = attacker.payment(config, attacker.voucher(config, HALF, lane=CALLS), HALF)
    late = await attacker.refused(attacker.call(operator, payment=payment))
    gate.is_open.set()
    for _ in numbers:
        assert (await attacker.receive_kind("result")).result.receipt.charged == HALF.to_bytes()
    again = await attacker.ask(ask_close(attacker, config))

    failure = answer.refusal.failure
    assert (failure.code, failure.retryable) == ("overloaded", True)
    assert failure.message == "calls are at work on the channel"
    assert late == "payment_refused"
    assert again.close_consent.final_claimed == HALF.times(CALLS).to_bytes()


async def test_a_second_wish_to_close_meanwhile_costs_no_second_claim(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig, gate: Gate
) -> None:
    await begin_calls(attacker, operator, config, gate)
    first = ask_close(attacker, config)
    number = attacker.number(first)
    await attacker.send(first)
    await trio.sleep(0.1)

    assert await attacker.refused(ask_close(attacker, config)) == "overloaded"

    gate.is_open.set()
    while not (frame := await attacker.answer(number)).HasField("close_consent"):
        pass
    assert frame.close_consent.final_claimed == HALF.times(CALLS).to_bytes()
    assert [one.action for one in world.market.mined].count("claim") == 1


async def test_after_a_restart_consent_is_given_to_what_was_earned_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "WORK_S_MAX", 0.1)
    async with open_world(tmp_path) as world:
        gate, attacker = Gate(), RawPeer(world, "attacker")
        async with world.node("operator", {"echo": gate.say}) as operator:
            folder = write_service(tmp_path / "echo", MANIFEST)
            await world.publish(operator, folder, METERED)
            await attacker.greet(operator)
            config = await attacker.open_channel(operator, TEN)
            await attacker.tell(config)
            gate.is_open.set()
            await one_call(attacker, operator, config)
            gate.is_open = trio.Event()
            gate.begun = 0
            payment = attacker.payment(config, attacker.voucher(config, HALF, lane=1), HALF)
            call = attacker.call(operator, payment=payment)
            attacker.number(call)
            await attacker.send(call)
            await until(lambda: gate.begun == 1)
            assert await attacker.refused(ask_close(attacker, config)) == "overloaded"
        async with world.node("operator", {"echo": gate.say}) as operator:
            await world.settle()
            await attacker.greet(operator)

            more = attacker.payment(config, attacker.voucher(config, TEN), HALF)
            late = await attacker.refused(attacker.call(operator, payment=more))
            told = await attacker.ask(ask_close(attacker, config))

    assert late == "payment_refused"
    assert told.close_consent.final_claimed == HALF.to_bytes()


async def test_calls_that_were_at_work_when_the_close_began_are_claimed_when_they_end(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig, gate: Gate
) -> None:
    await begin_calls(attacker, operator, config, gate)
    await attacker.ledger.start_close(config)
    await world.settle()
    await trio.sleep(0.2)
    assert claimed(world, config) == ZERO

    gate.is_open.set()

    await until(lambda: claimed(world, config) == HALF.times(CALLS))


async def test_a_claim_that_is_refused_before_a_close_is_made_again_until_it_works(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig, gate: Gate
) -> None:
    gate.is_open.set()
    await one_call(attacker, operator, config)
    operator.signer.is_locked = True

    with capture_logs() as logs:
        await attacker.ledger.start_close(config)
        await world.settle()
        await until(lambda: len(failures(logs)) > 1)
    at = (await attacker.ledger.channel(config)).closes_at_unix_s
    operator.signer.is_locked = False

    await until(lambda: claimed(world, config) == HALF)
    told = failures(logs)[0]
    assert (told["log_level"], told["owed"], told["closes_at_unix_s"]) == (
        "warning",
        str(HALF),
        at,
    )
    assert told["channel"] == config.channel_id(world.market.addresses.domain).hex()
    assert (told["code"], told["why"]) == ("keystore_locked", "the wallet is locked")


async def test_a_restart_forgets_no_claim_before_a_close(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        gate, attacker = Gate(), RawPeer(world, "attacker")
        gate.is_open.set()
        async with world.node("operator", {"echo": gate.say}) as operator:
            folder = write_service(tmp_path / "echo", MANIFEST)
            await world.publish(operator, folder, METERED)
            await attacker.greet(operator)
            config = await attacker.open_channel(operator, TEN)
            await attacker.tell(config)
            await one_call(attacker, operator, config)
            operator.signer.is_locked = True
            await attacker.ledger.start_close(config)
            await world.settle()
        assert claimed(world, config) == ZERO

        async with world.node("operator", {"echo": gate.say}) as operator:
            await until(lambda: claimed(world, config) == HALF)
            kept = operator.assembly.parts.journal.channels()

    assert [one.is_closing for one in kept] == [True]


async def test_what_is_lost_is_not_looked_at_for_ever(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig, gate: Gate
) -> None:
    gate.is_open.set()
    await one_call(attacker, operator, config)
    operator.signer.is_locked = True
    await attacker.ledger.start_close(config)
    await world.settle()
    world.market.advance(METERED.close_delay_s)
    await attacker.ledger.finalize_close(config)
    await world.settle()
    assert (await attacker.ledger.channel(config)).phase is ChannelPhase.CLOSED
    await trio.sleep(0.3)

    with capture_logs() as logs:
        await trio.sleep(0.5)

    assert failures(logs) == []


def failures(logs: list[Any]) -> list[Any]:
    return [one for one in logs if one["event"] == "closing_channel_not_claimed"]
