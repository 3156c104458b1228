"""Peers that break the rules: each is refused with its code or ends only its own session, and nothing is lost."""

import os
import tracemalloc
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from tests.support.raw_peer import RawPeer
from tests.support.world import METERED, TestNode, World, open_world, write_service

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import PeerUnavailable
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.voucher import Voucher
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.protocol.frames import encode
from mesg.node.protocol.session import REQUESTS_OPEN_MAX
from mesg.node.usecases.credits import ANSWERS_BUFFERED_MAX
from mesg.node.usecases.peer_session import CHANNELS_CHECKED_MAX, QUEUED_BYTES_MAX

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
events:
  said:
    data:
      text: {type: String}
"""
HALF = TokenAmount.parse("0.5 MESG")
TEN = TokenAmount.parse("10 MESG")


async def say(order: TaskOrder) -> TaskOutput:
    return TaskOutput("success", {"text": order.inputs["text"]})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def operator(world: World) -> TestNode:
    """The author runs `echo` for half a token per call."""
    operator = await world.open("operator", {"echo": say})
    folder = write_service(world.folder / "echo", MANIFEST)
    (folder / "data.bin").write_bytes(os.urandom(1 << 20))
    await world.publish(operator, folder, METERED)
    return operator


@pytest.fixture
async def buyer(world: World, operator: TestNode) -> TestNode:
    buyer = await world.open("buyer")
    await world.settle()
    await buyer.counter.open_channel("echo", amount=TEN, peer=None)
    return buyer


@pytest.fixture
async def attacker(world: World, operator: TestNode) -> RawPeer:
    attacker = RawPeer(world, "attacker")
    await attacker.greet(operator)
    return attacker


@pytest.fixture
async def config(operator: TestNode, attacker: RawPeer) -> ChannelConfig:
    """A channel that the attacker has rightly opened and told."""
    config = await attacker.open_channel(operator, TEN)
    await attacker.tell(config)
    return config


async def honest_calls_go_on(operator: TestNode, buyer: TestNode) -> None:
    """Make a call, and check that it was the only one that ran and was charged."""
    before = len(operator.runtime.runs)

    outcome = await buyer.call("echo", "say", {"text": "honest"})

    assert outcome.execution.charged == HALF
    assert [run.inputs for run in operator.runtime.runs[before:]] == [{"text": "honest"}]


def charged(operator: TestNode, config: ChannelConfig, attacker: RawPeer) -> TokenAmount:
    channel = config.channel_id(attacker.ledger.addresses.domain)
    return TokenAmount(sum(lane.charged.units for lane in operator.assembly.till.lanes(channel)))


async def test_the_raw_peer_can_pay_rightly(
    operator: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)

    answer = await attacker.ask(attacker.call(operator, payment=payment))

    assert answer.result.receipt.charged == HALF.to_bytes()
    assert charged(operator, config, attacker) == HALF


async def test_a_call_without_payment_is_not_entitled(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    assert await attacker.refused(attacker.call(operator)) == "not_entitled"

    assert operator.runtime.runs == []
    await honest_calls_go_on(operator, buyer)


def forged(good: Voucher, case: str) -> Voucher:
    match case:
        case "no signature":
            return replace(good, signature=b"")
        case "65 bytes":
            return replace(good, signature=good.signature + b"\0")
        case "noise":
            return replace(good, signature=b"\x17" * 64)
        case "high s":
            return replace(good, signature=good.signature[:32] + b"\x7f" + b"\xff" * 31)
        case "r of no point":
            return replace(good, signature=b"\xff" * 32 + good.signature[32:])
        case _:
            return replace(good, cumulative=good.cumulative + TokenAmount(1))


@pytest.mark.parametrize(
    "case", ["no signature", "65 bytes", "noise", "high s", "r of no point", "another amount"]
)
async def test_a_forged_voucher_is_refused(
    operator: TestNode, buyer: TestNode, attacker: RawPeer, config: ChannelConfig, case: str
) -> None:
    voucher = forged(attacker.voucher(config, HALF), case)
    payment = attacker.payment(config, voucher, HALF)

    assert await attacker.refused(attacker.call(operator, payment=payment)) == "bad_signature"

    assert (operator.runtime.runs, charged(operator, config, attacker)) == ([], ZERO)
    await honest_calls_go_on(operator, buyer)


async def test_a_voucher_by_another_key_or_for_another_channel_is_refused(
    world: World, operator: TestNode, buyer: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    friend = RawPeer(world, "friend")
    other = await attacker.open_channel(operator, TEN)
    await attacker.tell(other)

    for voucher in (friend.voucher(config, HALF), attacker.voucher(other, HALF)):
        payment = attacker.payment(config, voucher, HALF)
        assert await attacker.refused(attacker.call(operator, payment=payment)) == "bad_signature"

    assert (operator.runtime.runs, charged(operator, config, attacker)) == ([], ZERO)
    await honest_calls_go_on(operator, buyer)


@pytest.mark.parametrize(
    ("promised", "most"),
    [
        ("10.000000000000000001", "0.5"),  # above the reserve
        ("0.499999999999999999", "0.5"),  # below what the call needs
        ("0.5", "0.500000000000000001"),  # agrees to more than is promised
        ("0.5", "0.499999999999999999"),  # agrees to less than the price
        ("0", "0"),
        ("0.5", "340282366920938463463.374607431768211455"),  # 2^128 - 1 units
    ],
)
async def test_a_voucher_that_does_not_cover_the_call_is_refused(
    operator: TestNode,
    buyer: TestNode,
    attacker: RawPeer,
    config: ChannelConfig,
    promised: str,
    most: str,
) -> None:
    voucher = attacker.voucher(config, TokenAmount.parse(promised))
    payment = attacker.payment(config, voucher, TokenAmount.parse(most))

    code = await attacker.refused(attacker.call(operator, payment=payment))

    assert code in ("payment_refused", "invalid_input")
    assert (operator.runtime.runs, charged(operator, config, attacker)) == ([], ZERO)
    await honest_calls_go_on(operator, buyer)


async def test_an_old_voucher_pays_nothing_again(
    operator: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)
    await attacker.ask(attacker.call(operator, payment=payment))

    again = await attacker.refused(attacker.call(operator, payment=payment))
    bare = attacker.payment(config, None, HALF)
    without = await attacker.refused(attacker.call(operator, payment=bare))

    assert (again, without) == ("payment_refused", "payment_refused")
    assert (len(operator.runtime.runs), charged(operator, config, attacker)) == (1, HALF)


async def test_lanes_together_promise_no_more_than_the_reserve(
    operator: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    first = attacker.payment(config, attacker.voucher(config, TEN), HALF)
    await attacker.ask(attacker.call(operator, payment=first))

    second = attacker.payment(config, attacker.voucher(config, HALF, lane=1), HALF)

    assert await attacker.refused(attacker.call(operator, payment=second)) == "payment_refused"


async def test_a_channel_of_another_account_pays_for_nobody_else(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    (kept,) = buyer.assembly.purse.channels()
    await attacker.tell(kept.config)
    payment = attacker.payment(kept.config, attacker.voucher(kept.config, HALF), HALF)

    assert await attacker.refused(attacker.call(operator, payment=payment)) == "payment_refused"

    assert operator.runtime.runs == []
    await honest_calls_go_on(operator, buyer)
    await buyer.call("echo", "say", {"text": "known now"})
    assert await attacker.refused(attacker.call(operator, payment=payment)) == "payment_refused"


async def test_a_channel_that_the_chain_does_not_know_pays_nothing(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    config = await attacker.config(operator.assembly.parts.signer.address)
    await attacker.tell(config)
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)

    assert await attacker.refused(attacker.call(operator, payment=payment)) == "payment_refused"

    assert operator.runtime.runs == []
    await honest_calls_go_on(operator, buyer)


async def test_a_channel_to_another_operator_pays_nothing(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    config = await attacker.config(attacker.account)
    attacker.ledger.market.fund(attacker.account, TEN)
    await attacker.ledger.open_channel(config, TEN)
    await attacker.tell(config)
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)

    assert await attacker.refused(attacker.call(operator, payment=payment)) == "payment_refused"


async def test_a_closing_channel_pays_for_nothing_more_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        folder = write_service(world.folder / "echo", MANIFEST)
        attacker = RawPeer(world, "attacker")
        async with world.node("operator", {"echo": say}) as operator:
            await world.publish(operator, folder, METERED)
            await attacker.greet(operator)
            config = await attacker.open_channel(operator, TEN)
            await attacker.tell(config)
            payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)
            await attacker.ask(attacker.call(operator, payment=payment))
            await attacker.ledger.start_close(config)
            await world.settle()
        async with world.node("operator", {"echo": say}) as operator:
            await world.settle()
            await attacker.greet(operator)
            one = attacker.payment(config, attacker.voucher(config, HALF.times(2)), HALF)

            code = await attacker.refused(attacker.call(operator, payment=one))

    assert (code, operator.runtime.runs) == ("payment_refused", [])


async def test_behind_his_consent_to_close_an_operator_works_no_more(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    channel = config.channel_id(attacker.ledger.addresses.domain)
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)
    await attacker.ask(attacker.call(operator, payment=payment))

    consent = await attacker.ask(pb.Frame(ask_close=pb.AskClose(channel_id=channel)))
    more = attacker.payment(config, attacker.voucher(config, TEN), HALF)
    code = await attacker.refused(attacker.call(operator, payment=more))

    assert consent.close_consent.final_claimed == HALF.to_bytes()
    assert code == "payment_refused"
    kept = [one for one in operator.assembly.parts.journal.channels() if one.channel == channel]
    assert [one.is_closing for one in kept] == [True], "a restart does not forget it"


async def test_only_the_payer_may_ask_to_close(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    await buyer.call("echo", "say", {"text": "so that it is known"})
    (kept,) = operator.assembly.till.channels()

    for channel, code in ((kept.channel, "not_entitled"), (b"short", "invalid_input")):
        asked = pb.Frame(ask_close=pb.AskClose(channel_id=channel))
        assert await attacker.refused(asked) == code
    await honest_calls_go_on(operator, buyer)


async def test_a_channel_goes_on_under_its_own_offer_when_a_cheaper_one_is_made(
    world: World, operator: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    await operator.counter.create_offer("echo", replace(METERED, price=TokenAmount(1)))
    await world.settle()
    payment = attacker.payment(config, attacker.voucher(config, TEN), TEN)

    answer = await attacker.ask(attacker.call(operator, payment=payment))

    assert answer.result.receipt.charged == HALF.to_bytes(), "the price, not the most"


async def test_an_anonymous_peer_pays_with_nobodys_channel(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    nobody = RawPeer(world, "nobody")
    await nobody.greet(operator, anonymous=True)
    config = await nobody.open_channel(operator, TEN)
    await nobody.tell(config)
    payment = nobody.payment(config, nobody.voucher(config, HALF), HALF)

    assert await nobody.refused(nobody.call(operator)) == "not_entitled"
    assert await nobody.refused(nobody.call(operator, payment=payment)) == "payment_refused"
    assert operator.runtime.runs == []
    await honest_calls_go_on(operator, buyer)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": b"\7" * 32}, "refused"),
        ({"version": b""}, "refused"),
        ({"service": "nothing.here"}, "not_found"),
        ({"service": "Not A Sid"}, "invalid_input"),
        ({"task": "shout"}, "not_found"),
        ({"inputs": b"{"}, "invalid_input"),
        ({"inputs": b"[" * 100_000}, "invalid_input"),
        ({"inputs": b'{"text": 5}'}, "invalid_input"),
        ({"inputs": b'{"text": "' + b"x" * (1 << 20) + b'"}'}, "invalid_input"),
        ({"execution_id": b"short"}, "invalid_input"),
        ({"payment": pb.Payment(channel_id=b"short")}, "invalid_input"),
        ({"payment": pb.Payment(max_charge=b"\1" * 17)}, "invalid_input"),
    ],
)
async def test_a_call_that_fits_nothing_is_refused(
    operator: TestNode,
    buyer: TestNode,
    attacker: RawPeer,
    config: ChannelConfig,
    changes: dict[str, object],
    code: str,
) -> None:
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)
    call = attacker.call(operator, payment=payment)
    for name, value in changes.items():
        if isinstance(value, pb.Payment):
            call.call.payment.MergeFrom(value)
        else:
            setattr(call.call, name, value)

    assert await attacker.refused(call) == code

    assert (operator.runtime.runs, charged(operator, config, attacker)) == ([], ZERO)
    assert await attacker.is_alive()
    await honest_calls_go_on(operator, buyer)


async def test_an_execution_of_another_peer_is_not_told(
    operator: TestNode, buyer: TestNode, attacker: RawPeer, config: ChannelConfig
) -> None:
    execution = Digest(b"\5" * 32)
    await buyer.call("echo", "say", {"text": "secret"}, execution=execution)
    payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)
    call = attacker.call(operator, payment=payment)
    call.call.execution_id = execution

    answer = await attacker.ask(call)

    assert answer.refusal.failure.message == "the execution id is in use"
    assert (len(operator.runtime.runs), charged(operator, config, attacker)) == (1, ZERO)


async def test_an_execution_that_is_asked_for_twice_at_once_runs_and_costs_once(
    operator: TestNode, attacker: RawPeer
) -> None:
    config = await attacker.open_channel(operator, TEN)
    payment = attacker.payment(config, attacker.voucher(config, HALF.times(4)), HALF)
    first = attacker.call(operator, payment=payment)
    second = pb.Frame()
    second.CopyFrom(first)
    numbers = attacker.number(first), attacker.number(second)

    await attacker.send(first, second)
    await attacker.is_alive()  # both wait for the channel now
    await attacker.tell(config)
    answers = [await attacker.receive_kind("result") for _ in numbers]

    assert {answer.result.request for answer in answers} == set(numbers)
    assert answers[0].result.receipt == answers[1].result.receipt
    assert (len(operator.runtime.runs), charged(operator, config, attacker)) == (1, HALF)


@pytest.mark.parametrize("number", [0, 7])
async def test_a_request_number_of_zero_or_in_use_ends_the_session(
    operator: TestNode, buyer: TestNode, attacker: RawPeer, number: int
) -> None:
    waits = pb.Frame(subscribe=pb.Subscribe(request=7, service="echo", from_now=True))
    again = pb.Frame(ask_adverts=pb.AskAdverts(request=number, service="echo"))

    await attacker.send(waits, again)

    assert await attacker.last_words() == "protocol_violation"
    await honest_calls_go_on(operator, buyer)


async def test_more_open_requests_than_allowed_are_refused_as_overloaded(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    for number in range(1, REQUESTS_OPEN_MAX + 1):
        waits = pb.Subscribe(request=number, service="echo", from_now=True)
        await attacker.send(pb.Frame(subscribe=waits))
    asked = pb.Frame(ask_adverts=pb.AskAdverts(request=1_000, service="echo"))

    await attacker.send(asked)
    refusal = (await attacker.answer(1_000)).refusal.failure
    await attacker.send(pb.Frame(cancel=pb.Cancel(request=1)))
    await attacker.is_alive()
    asked.ask_adverts.request = 1_001
    await attacker.send(asked)

    assert (refusal.code, refusal.retryable) == ("overloaded", True)
    assert len((await attacker.answer(1_001)).adverts.adverts) == 1
    await honest_calls_go_on(operator, buyer)


async def test_answers_and_steering_that_nobody_waits_for_are_passed_over(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    await attacker.send(
        pb.Frame(result=pb.Result(request=1, output_key="success", outputs=b"{}")),
        pb.Frame(event=pb.Event(request=2, sequence=2**64 - 1)),
        pb.Frame(adverts=pb.Adverts(request=3)),
        pb.Frame(chunk=pb.Chunk(request=4, data=b"x" * 1_000)),
        pb.Frame(refusal=pb.Refusal(request=5)),
        pb.Frame(close_consent=pb.CloseConsent(request=6)),
        pb.Frame(cancel=pb.Cancel(request=7)),
        pb.Frame(credit=pb.Credit(request=8, count=2**32 - 1)),
        pb.Frame(pong=pb.Pong(nonce=9)),
    )
    await attacker.send_bytes(b"\x05\xfa\x07\x02\x08\x01")  # a field that nobody knows
    await attacker.send_bytes(b"\x00")  # an empty frame

    assert await attacker.is_alive()
    await honest_calls_go_on(operator, buyer)


async def test_events_wait_in_the_log_not_in_memory_for_a_peer_that_gives_no_credit(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    mute = pb.Frame(subscribe=pb.Subscribe(service="echo"))
    greedy = pb.Frame(subscribe=pb.Subscribe(service="echo", credit=2**32 - 1))
    await attacker.ask(mute)
    number = attacker.number(greedy)
    await attacker.send(greedy)
    await attacker.answer(number)
    token = operator.runtime.tokens["echo"]

    for _ in range(3 * ANSWERS_BUFFERED_MAX):
        await operator.assembly.desk.emit(token, "said", {"text": "x" * 1_000})
    await attacker.send(pb.Frame(credit=pb.Credit(request=number, count=2**32 - 1)))
    received = [await attacker.receive_kind("event") for _ in range(2 * ANSWERS_BUFFERED_MAX)]
    await attacker.send(pb.Frame(ping=pb.Ping(nonce=5)))
    next_one = await attacker.receive()

    assert {frame.event.request for frame in received} == {number}
    assert next_one.WhichOneof("body") == "pong", "nothing beyond the most that may be credited"
    await honest_calls_go_on(operator, buyer)


async def test_a_package_is_in_memory_once_however_many_fetch_it_and_never_give_credit(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    (deployment,) = operator.assembly.services.all()
    size = len(await operator.assembly.parts.shelf.get(deployment.package))
    tracemalloc.start()
    try:
        for number in range(1, 65):
            asked = pb.Fetch(request=number, service="echo", digest=deployment.package, credit=1)
            await attacker.send(pb.Frame(fetch=asked))
        for _ in range(64):
            await attacker.receive_kind("chunk")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > 1 << 20
    assert held < 8 * size
    await honest_calls_go_on(operator, buyer)


async def test_a_package_is_whole_for_whoever_gives_credit(
    operator: TestNode, attacker: RawPeer
) -> None:
    (deployment,) = operator.assembly.services.all()
    asked = pb.Frame(
        fetch=pb.Fetch(service="echo", digest=deployment.package, credit=80, offset=100)
    )

    first = (await attacker.ask(asked)).chunk
    content = first.data
    while len(content) < first.size - 100:
        content += (await attacker.receive_kind("chunk")).chunk.data

    assert content == (await operator.assembly.parts.shelf.get(deployment.package))[100:]


async def test_numbers_that_nothing_can_count_to_are_refused(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    (deployment,) = operator.assembly.services.all()
    size = len(await operator.assembly.parts.shelf.get(deployment.package))

    for after in (2**63, 2**64 - 1):
        asked = pb.Frame(subscribe=pb.Subscribe(service="echo", after=after))
        assert await attacker.refused(asked) == "invalid_input"
    for offset in (size, size + 1, 2**64 - 1):
        fetch = pb.Fetch(service="echo", digest=deployment.package, offset=offset, credit=1)
        assert await attacker.refused(pb.Frame(fetch=fetch)) == "refused"
    for digest in (b"", b"\1" * 32):
        fetch = pb.Fetch(service="echo", digest=digest, credit=1)
        assert await attacker.refused(pb.Frame(fetch=fetch)) in ("invalid_input", "not_found")
    await honest_calls_go_on(operator, buyer)


async def test_who_asks_on_without_reading_is_cut_off(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    with pytest.raises(PeerUnavailable):
        await ask_without_reading(attacker, 60 * QUEUED_BYTES_MAX)

    await honest_calls_go_on(operator, buyer)


async def ask_without_reading(attacker: RawPeer, bytes_max: int) -> None:
    bad = pb.Frame(ask_adverts=pb.AskAdverts(service="X" * 80))
    sent = 0
    while sent < bytes_max:
        batch = bytearray()
        for _ in range(500):
            attacker.number(bad)
            batch += encode(bad)
        await attacker.send_bytes(bytes(batch))
        sent += len(batch)


async def test_more_channels_at_once_than_anybody_has_end_the_session(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    config = await attacker.config(operator.assembly.parts.signer.address)
    frames = [
        pb.Frame(channel=wire.config_out(replace(config, salt=attacker.new_execution())))
        for _ in range(CHANNELS_CHECKED_MAX + 1)
    ]

    await attacker.send(*frames)

    assert await attacker.last_words() == "protocol_violation"
    assert operator.assembly.till.channels() == []
    await honest_calls_go_on(operator, buyer)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff" * 64,
        b"\x81\x80\x80\x01",  # a length of 2 MiB and one byte
        b"\x04\x0a\xff\xff\xff",  # no protobuf
        b"\x16\x03\x01\x02\x00" + b"\x01" * 60,  # the beginning of TLS
    ],
)
async def test_garbage_ends_only_its_own_session(
    operator: TestNode, buyer: TestNode, attacker: RawPeer, garbage: bytes
) -> None:
    await attacker.send_bytes(garbage)

    assert await attacker.last_words() == "protocol_violation"
    await honest_calls_go_on(operator, buyer)


async def test_a_second_hello_ends_the_session(
    operator: TestNode, buyer: TestNode, attacker: RawPeer
) -> None:
    await attacker.send_bytes(attacker.hello())

    assert await attacker.last_words() == "protocol_violation"
    await honest_calls_go_on(operator, buyer)


async def test_a_peer_that_does_not_greet_keeps_nobody_waiting(
    world: World, operator: TestNode, buyer: TestNode
) -> None:
    silent = RawPeer(world, "silent")
    await silent.dial(operator)

    await honest_calls_go_on(operator, buyer)

    assert (await silent.receive()).WhichOneof("body") == "hello"
    assert silent.network.peer not in {
        session.peer for session in operator.assembly.sessions.current()
    }


async def test_a_peer_that_dials_again_is_asked_on_its_newest_session(
    world: World, operator: TestNode, attacker: RawPeer
) -> None:
    """Whoever has the smaller peer id: the older session may be dead and nobody has noticed yet."""
    await attacker.greet(operator)
    assert await attacker.is_alive()

    session = await operator.assembly.sessions.to(attacker.network.peer)
    await session.send(pb.Frame(ping=pb.Ping(nonce=77)))

    assert (await attacker.receive_kind("ping")).ping.nonce == 77


async def test_nodes_that_dial_each_other_at_once_can_both_ask(world: World) -> None:
    for round_ in range(4):
        left = await world.open(f"left {round_}")
        right = await world.open(f"right {round_}")
        usable: list[bool] = []

        async def dial(ours: TestNode, theirs: TestNode, usable: list[bool] = usable) -> None:
            session = await ours.assembly.sessions.to(theirs.assembly.parts.network.peer)
            usable.append(session.is_usable)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(dial, left, right)
            nursery.start_soon(dial, right, left)

        assert usable == [True, True]


async def test_an_output_that_grows_beyond_the_limit_when_written_out_is_not_charged(
    tmp_path: Path,
) -> None:
    async def grow(_: TaskOrder) -> TaskOutput:
        return TaskOutput("success", {"text": "", "more": [1e15] * 200_000})

    async with open_world(tmp_path) as world:
        operator = await world.open("operator", {"echo": grow})
        folder = write_service(world.folder / "echo", MANIFEST)
        await world.publish(operator, folder, METERED)
        attacker = RawPeer(world, "attacker")
        await attacker.greet(operator)
        config = await attacker.open_channel(operator, TEN)
        await attacker.tell(config)
        payment = attacker.payment(config, attacker.voucher(config, HALF), HALF)

        answer = await attacker.ask(attacker.call(operator, payment=payment))

        assert answer.result.failure.code == "task_failed"
        assert (answer.result.receipt.charged, charged(operator, config, attacker)) == (b"", ZERO)
