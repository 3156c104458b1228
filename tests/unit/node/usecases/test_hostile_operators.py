"""Operators that answer falsely: the buyer believes nothing, settles nothing, and says whose fault it was."""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.raw_peer import RawPeer
from tests.support.world import METERED, TestNode, World, open_world, write_service

from mesg.marketplace.domain.errors import ChainUnavailable, MesgError
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.receipt import NO_CHANNEL, Receipt, ReceiptStatus
from mesg.node.domain.execution import Failure
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.usecases.serving_calls import outputs_digest

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
FAILURE = Failure("task_failed", "no")


class FalseOperator:
    """Serves `echo` rightly but for what `change` does to its results."""

    def __init__(self, world: World, author: TestNode, manifest: bytes) -> None:
        self.raw = RawPeer(world, "false operator")
        self.result: Callable[[pb.Call], pb.Result] = self.right
        self.refusals: list[str] = []
        self.told: list[bytes] = []
        self._author = author
        self._manifest = manifest
        self.raw.serve(self._answer)

    def right(
        self,
        call: pb.Call,
        *,
        outputs: bytes = b'{"text":"x"}',
        failure: Failure | None = None,
        signer: RawPeer | None = None,
        **changes: Any,
    ) -> pb.Result:
        """Return a result whose receipt differs as told, and is signed."""
        receipt = Receipt(
            execution=Digest(call.execution_id),
            version=Digest(call.version),
            inputs=Digest(hashlib.sha256(call.inputs).digest()),
            outputs=outputs_digest(
                "" if failure else "success", b"" if failure else outputs, failure
            ),
            status=ReceiptStatus.FAILED if failure else ReceiptStatus.SUCCEEDED,
            channel=Digest(call.payment.channel_id),
            charged=ZERO if failure else HALF,
            cumulative=ZERO if failure else HALF,
        )
        receipt = replace(receipt, **changes)
        by = signer or self.raw
        signature = by.signer.sign(receipt.digest(self.raw.ledger.addresses.domain))
        return pb.Result(
            execution_id=call.execution_id,
            output_key="" if failure else "success",
            outputs=b"" if failure else outputs,
            failure=wire.failure_out(failure) if failure else None,
            receipt=wire.receipt_out(receipt.signed(signature)),
        )

    def _answer(self, frame: pb.Frame) -> list[pb.Frame]:
        match frame.WhichOneof("body"):
            case "ask_adverts":
                advert = self.raw.advert(self._author, offer_index=0, price_per_call=HALF)
                adverts = [wire.advert_out(advert)]
                request = frame.ask_adverts.request
                return [pb.Frame(adverts=pb.Adverts(request=request, adverts=adverts))]
            case "fetch":
                size = len(self._manifest)
                chunk = pb.Chunk(request=frame.fetch.request, size=size, data=self._manifest)
                return [pb.Frame(chunk=chunk)]
            case "channel":
                self.told.append(frame.channel.salt)
                return []
            case "call" if self.refusals:
                failure = pb.Failure(code=self.refusals.pop(), message="as the test says")
                refusal = pb.Refusal(request=frame.call.request, failure=failure)
                return [pb.Frame(refusal=refusal)]
            case "call":
                result = self.result(frame.call)
                result.request = frame.call.request
                return [pb.Frame(result=result)]
            case _:
                return []


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def operator(world: World) -> FalseOperator:
    author = await world.open("author")
    folder = write_service(world.folder / "echo", MANIFEST)
    await world.publish(author, folder, METERED, start=False)
    (deployment,) = author.assembly.services.all()
    world.hub.provided.clear()
    return FalseOperator(world, author, deployment.manifest.canonical())


@pytest.fixture
async def buyer(world: World, operator: FalseOperator) -> TestNode:
    buyer = await world.open("buyer")
    await world.settle()
    await buyer.counter.open_channel("echo", amount=TEN, peer=None)
    return buyer


async def test_a_right_answer_is_believed(operator: FalseOperator, buyer: TestNode) -> None:
    outcome = await buyer.call("echo", "say", {"text": "x"})

    assert (outcome.execution.outputs, outcome.execution.charged) == ({"text": "x"}, HALF)


async def test_a_right_failure_is_believed_and_costs_nothing(
    operator: FalseOperator, buyer: TestNode
) -> None:
    operator.result = lambda call: operator.right(call, failure=FAILURE)

    with pytest.raises(MesgError) as caught:
        await buyer.call("echo", "say", {"text": "x"})

    (lane,) = buyer.assembly.parts.journal.given_lanes()
    assert (caught.value.code, lane.charged, lane.in_flight) == ("task_failed", ZERO, ())


DOUBLE = TokenAmount(HALF.units + 1)
FALSE: dict[str, dict[str, Any]] = {
    "more than agreed": {"charged": DOUBLE},
    "more than promised": {"cumulative": DOUBLE},
    "another execution": {"execution": Digest(b"\1" * 32)},
    "another version": {"version": Digest(b"\1" * 32)},
    "other inputs": {"inputs": Digest(b"\1" * 32)},
    "other outputs": {"outputs": Digest(b"\1" * 32)},
    "another status": {"status": ReceiptStatus.FAILED},
    "another channel": {"channel": Digest(b"\1" * 32)},
    "no channel": {"channel": NO_CHANNEL},
    "another lane": {"lane": 1},
    "a charge for a failure": {"failure": FAILURE, "charged": HALF, "cumulative": HALF},
    "a failure that succeeded": {"failure": FAILURE, "status": ReceiptStatus.SUCCEEDED},
    "an output of the wrong shape": {"outputs": b'{"text":5}'},
    "an output that is no JSON": {"outputs": b"{"},
}


@pytest.mark.parametrize("case", [*FALSE, "another signer", "no signature", "nothing"])
async def test_a_false_answer_is_the_operators_fault_and_charges_nothing(
    world: World, operator: FalseOperator, buyer: TestNode, case: str
) -> None:
    stranger = RawPeer(world, "stranger")

    def lie(call: pb.Call) -> pb.Result:
        if case == "nothing":
            return pb.Result()
        if case == "another signer":
            return operator.right(call, signer=stranger)
        result = operator.right(call, **_changed(FALSE.get(case, {}), call))
        if case == "no signature":
            result.receipt.signature = b""
        return result

    operator.result = lie

    with pytest.raises(MesgError) as caught:
        await buyer.call("echo", "say", {"text": "x"})

    (lane,) = buyer.assembly.parts.journal.given_lanes()
    (kept,) = buyer.assembly.parts.journal.executions(most=2)
    failure = kept.execution.failure
    assert "false answer" in caught.value.message
    assert (lane.charged, len(lane.in_flight)) == (ZERO, 1), "he may claim what was promised him"
    assert failure is not None
    assert (failure.code, kept.execution.charged, kept.receipt) == (
        "operator_at_fault",
        ZERO,
        None,
    )


def _changed(changes: dict[str, Any], call: pb.Call) -> dict[str, Any]:
    """Return the changes, having checked that the call is one of ours."""
    assert json.loads(call.inputs) == {"text": "x"}
    return changes


async def test_who_refuses_after_the_channel_was_told_is_told_it_again(
    operator: FalseOperator, buyer: TestNode
) -> None:
    """The refusal may have been of the channel: his chain may have been away."""
    operator.refusals = ["chain_unavailable"]
    with pytest.raises(ChainUnavailable):
        await buyer.call("echo", "say", {"text": "x"})

    outcome = await buyer.call("echo", "say", {"text": "x"})

    first, second = operator.told
    assert (outcome.execution.charged, first) == (HALF, second)
