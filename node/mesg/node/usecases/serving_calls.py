"""Serving calls: admit, journal, run, charge, journal, answer; a repeated execution gets its stored answer.

unknown --admit, save--> at work --ended, charge, save--> answered      (the work outlives the session)
"""

import hashlib
import json
from dataclasses import dataclass, replace

import structlog
import trio

from mesg.marketplace.domain.errors import (
    DeadlineExceeded,
    MesgError,
    NotEntitled,
    NotFound,
    PaymentRefused,
    Refused,
    ServiceStopped,
    Unavailable,
)
from mesg.marketplace.domain.identity import Digest, ServiceId, digest_from
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.ports import TakenStep
from mesg.marketplace.selling.till import Till
from mesg.node.domain.execution import (
    Aborted,
    Execution,
    Failed,
    Failure,
    Started,
    Succeeded,
    advance,
)
from mesg.node.domain.instance import Deployment
from mesg.node.domain.shape import check_data, parse_json_object
from mesg.node.ports import ExecutionKept, Record
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.protocol.session import Received
from mesg.node.usecases.access import Access
from mesg.node.usecases.announcing import Announcer
from mesg.node.usecases.desk import Ending, ServiceDesk
from mesg.node.usecases.failures import failure_of, raise_failure
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession

log = structlog.get_logger("mesg.serving")

WORK_S_MAX = 300.0
"""The longest deadline that is honoured; a caller that asks for more gets this."""
CHANNEL_WAIT_S_MAX = 5.0
"""A channel is told just before its first call; this is how long its check may take."""
KEEP_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A payment that covers a call, and what the call costs if it succeeds."""

    step: TakenStep
    price: TokenAmount


class CallServer:
    """Serves the `Call` frames of all peers."""

    def __init__(
        self, parts: Parts, announcer: Announcer, access: Access, desk: ServiceDesk, till: Till
    ) -> None:
        self._parts = parts
        self._announcer = announcer
        self._access = access
        self._desk = desk
        self._till = till
        self._at_work: dict[Digest, trio.Event] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Own the work that calls cause, until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    async def settle_unfinished(self) -> None:
        """End, uncharged, the work that a stop of this node cut off."""
        for kept in self._till.channels():
            for lane in self._till.lanes(kept.channel):
                for execution, _ in lane.at_work:
                    step = self._till.charge(kept.channel, lane.lane, execution, ZERO)
                    await self._parts.journal.save(step)

    async def serve(self, session: PeerSession, said: Received) -> None:
        """Answer one call with its result and receipt; raise what it is refused for, uncharged."""
        call = said.frame.call
        execution = digest_from(call.execution_id, what="execution_id")
        while execution in self._at_work:
            await self._at_work[execution].wait()
        kept = self._parts.journal.execution(execution)
        if kept is None:
            # Nobody else begins it while we ask the chain and the journal about it.
            done = self._at_work[execution] = trio.Event()
            try:
                await self._begin(session, call, execution)
            except BaseException:
                self._at_work.pop(execution).set()
                raise
            await done.wait()
            kept = self._parts.journal.execution(execution)
        await self._answer(session, call, kept)

    async def _answer(
        self, session: PeerSession, call: pb.Call, kept: ExecutionKept | None
    ) -> None:
        if kept is None or kept.execution.peer != session.peer:
            raise Refused("the execution id is in use", hint="choose a random one")
        if kept.execution.failure is not None and kept.receipt is None:
            raise_failure(kept.execution.failure)
        if kept.receipt is None:
            raise Refused("the execution was cut off; nothing was charged")
        result = pb.Result(
            request=call.request,
            execution_id=kept.execution.id,
            output_key=kept.execution.output_key,
            outputs=_encode(kept.execution),
            failure=wire.failure_out(kept.execution.failure) if kept.execution.failure else None,
            receipt=wire.receipt_out(kept.receipt),
        )
        await session.send(pb.Frame(result=result))

    async def _begin(self, session: PeerSession, call: pb.Call, id_: Digest) -> None:
        """Admit a new call and make it durable before any work; then let it run."""
        deployment = self._served(call)
        task = deployment.manifest.task(call.task)
        inputs = parse_json_object(call.inputs, what="inputs")
        check_data(task.inputs, inputs, what=f"inputs of {call.task}")
        if not self._desk.is_listening(deployment.service):
            raise ServiceStopped(f"{deployment.service} is not running here")
        if self._nursery is None:
            raise ServiceStopped("the node is stopping")
        payment = await self._entitle(session, deployment, call, id_)
        execution = Execution(
            id=id_,
            service=deployment.service,
            version=deployment.version,
            task=call.task,
            inputs=inputs,
            created_at_unix_ns=self._parts.clock.now_unix_ns(),
        )
        execution = advance(execution, Started(session.peer))
        try:
            await self._parts.journal.save(
                ExecutionKept(execution), *((payment.step,) if payment else ())
            )
        except BaseException:
            if payment is not None:
                lane = payment.step.lane
                self._till.charge(lane.channel, lane.lane, id_, ZERO)
            raise
        timeout_s = min(call.timeout_ms / 1000, WORK_S_MAX)
        work = (execution, payment, hashlib.sha256(call.inputs).digest(), timeout_s)
        self._nursery.start_soon(self._work, *work)

    def _served(self, call: pb.Call) -> Deployment:
        service = ServiceId(call.service)
        deployment = self._announcer.served(service)
        if deployment is None:
            raise NotFound(f"{service} is not served here")
        if call.version != deployment.version:
            raise Refused(
                f"another version of {service} runs here: {deployment.version.hex()}",
                hint="ask for the advert again",
            )
        return deployment

    async def _entitle(
        self, session: PeerSession, deployment: Deployment, call: pb.Call, execution: Digest
    ) -> _Admitted | None:
        """Return the admitted payment, or None if the call is free for this peer."""
        service = deployment.service
        offer = self._access.metered_offer(service)
        if offer is not None and not offer.terms.price:
            return None
        if not call.HasField("payment"):
            if await self._access.has_pass(service, session.account):
                return None
            price = f"; a call costs {offer.terms.price}" if offer else ""
            raise NotEntitled(f"calls of {service} need a pass or a channel{price}")
        channel = digest_from(call.payment.channel_id, what="channel_id")
        if not self._till.knows(channel):
            with trio.move_on_after(CHANNEL_WAIT_S_MAX):
                await session.wait_channel(channel)
        config = self._till.config(channel)
        if session.account != config.payer:
            raise PaymentRefused("the channel belongs to another account")
        # The channel's own offer counts, also when a cheaper one was made or it was disabled since.
        offer = self._access.offer_of(service, config.offer_digest)
        if offer is None:
            raise PaymentRefused(f"the channel is for no offer of {service}")
        step = self._till.admit(
            channel,
            call.payment.lane,
            execution,
            service=service,
            offer=offer,
            max_charge=TokenAmount.from_bytes(call.payment.max_charge),
            voucher=wire.voucher_in(call.payment),
        )
        return _Admitted(step, offer.terms.price)

    async def _work(
        self, execution: Execution, payment: _Admitted | None, inputs: bytes, timeout_s: float
    ) -> None:
        """Run the task to its one end, charge for it, and make that durable."""
        ending: Ending = self._aborted(DeadlineExceeded(f"not done within {timeout_s:.1f} s"))
        try:
            with trio.move_on_after(timeout_s):
                ending = await self._desk.run(execution)
        except MesgError as error:
            ending = self._aborted(error)
        try:
            await self._end(execution, payment, Digest(inputs), ending)
        finally:
            self._at_work.pop(execution.id).set()

    async def _end(
        self, execution: Execution, payment: _Admitted | None, inputs: Digest, ending: Ending
    ) -> None:
        charge = ZERO
        steps: tuple[TakenStep, ...] = ()
        if payment is not None:
            lane = payment.step.lane
            charge = payment.price if isinstance(ending, Succeeded) else ZERO
            steps = (self._till.charge(lane.channel, lane.lane, execution.id, charge),)
        if isinstance(ending, Succeeded | Failed):
            ending = replace(ending, charged=charge)
        ended = advance(execution, ending)
        receipt = None if isinstance(ending, Aborted) else self._receipt(ended, inputs, *steps)
        await self._keep(ended, ExecutionKept(ended, receipt), *steps)
        log.info("call_served", service=str(ended.service), task=ended.task, state=ended.state)

    async def _keep(self, ended: Execution, *entries: Record) -> None:
        """Save an ending, again and again while the disk refuses: nothing is told before."""
        while True:
            try:
                with trio.CancelScope(shield=True):
                    await self._parts.journal.save(*entries)
            except Unavailable as error:
                log.warning("ending_not_kept", execution=ended.id.hex(), why=error.message)
                await trio.sleep(KEEP_AGAIN_S)
            else:
                return

    def _receipt(self, ended: Execution, inputs: Digest, *steps: TakenStep) -> Receipt:
        succeeded = ended.failure is None
        receipt = Receipt(
            execution=ended.id,
            version=ended.version,
            inputs=inputs,
            outputs=outputs_digest(ended.output_key, _encode(ended), ended.failure),
            status=ReceiptStatus.SUCCEEDED if succeeded else ReceiptStatus.FAILED,
            charged=ended.charged,
        )
        for step in steps:
            lane = step.lane
            receipt = replace(
                receipt, channel=lane.channel, lane=lane.lane, cumulative=lane.charged
            )
        digest = receipt.digest(self._parts.ledger.addresses.domain)
        return receipt.signed(self._parts.signer.sign(digest))

    def _aborted(self, error: MesgError) -> Aborted:
        return Aborted(failure_of(error), self._parts.clock.now_unix_ns())


def outputs_digest(key: str, outputs: bytes, failure: Failure | None) -> Digest:
    """Return what a receipt binds: sha-256 of the output's key, a zero byte, and its JSON or error."""
    body = failure.message.encode() if failure else outputs
    return Digest(hashlib.sha256(key.encode() + b"\0" + body).digest())


def _encode(execution: Execution) -> bytes:
    if execution.failure is not None:
        return b""
    return json.dumps(execution.outputs, separators=(",", ":"), ensure_ascii=False).encode()
