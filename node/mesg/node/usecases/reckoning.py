"""Keeping accounts straight with operators: calls in doubt are asked after, and what was charged is confirmed.

A call whose answer never came stays in flight: it is asked for again under the same execution id,
without a payment. A known one gets its stored answer, an unknown one is refused and cost nothing.
When nothing is in flight, a voucher for exactly what was charged goes to the operator, so that he
can claim what he earned and need not cash a voucher that runs ahead.
"""

import hashlib
import json

import structlog
import trio

from mesg.marketplace.buying.purse import LANE, Purse
from mesg.marketplace.domain.errors import MesgError, Refused
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.ports import ExecutionKept
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession
from mesg.node.usecases.serving_calls import outputs_digest
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.reckoning")

LOOK_S = 1.0
ANSWER_S_MAX = 5.0
"""An operator who is still at work is asked again at the next look."""


class Reckoner:
    """Looks at the lanes we pay on, now and then and before a close."""

    def __init__(self, parts: Parts, sessions: Sessions, purse: Purse) -> None:
        self._parts = parts
        self._sessions = sessions
        self._purse = purse
        self._confirmed: dict[Digest, TokenAmount] = {}
        self.active: set[Digest] = set()
        """Executions that are being waited for: not in doubt."""

    async def run(self) -> None:
        """Straighten, for ever, the accounts with operators we have a session with."""
        while True:
            await trio.sleep(LOOK_S)
            for session in self._sessions.current():
                for kept in self._purse.channels():
                    if kept.config.operator == session.account:
                        await self.straighten(session, kept.channel)

    async def straighten(self, session: PeerSession, channel: Digest) -> None:
        """Do what can be done now for one channel; what fails is done at the next look."""
        try:
            with trio.move_on_after(ANSWER_S_MAX):
                for execution, _ in self._purse.lane(channel).in_flight:
                    if execution not in self.active:
                        await self._ask_after(session, channel, execution)
                await self._confirm(session, channel)
        except MesgError as error:
            log.info("not_straightened", channel=channel.hex(), why=error.message)

    async def _confirm(self, session: PeerSession, channel: Digest) -> None:
        lane = self._purse.lane(channel)
        if lane.in_flight or not lane.charged or lane.promised == lane.charged:
            return
        if self._confirmed.get(channel) == lane.charged:
            return
        voucher = self._purse.settlement(channel)
        settle = pb.Settle(channel_id=channel, lane=LANE, voucher=wire.voucher_out(voucher))
        await session.ask(pb.Frame(settle=settle))
        self._confirmed[channel] = lane.charged

    async def _ask_after(self, session: PeerSession, channel: Digest, id_: Digest) -> None:
        kept = self._parts.journal.execution(id_)
        if kept is None:
            return
        execution = kept.execution
        inputs = json.dumps(execution.inputs, separators=(",", ":"), ensure_ascii=False).encode()
        call = pb.Call(
            execution_id=id_,
            service=execution.service.sid,
            version=execution.version,
            task=execution.task,
            inputs=inputs,
            timeout_ms=int(ANSWER_S_MAX * 1000),
        )
        said = await session.exchange(pb.Frame(call=call))
        with trio.CancelScope(shield=True):
            if said.kind == "refusal":
                await self._parts.journal.save(self._purse.release(channel, id_))
                return
            await self._take(session, channel, kept, said.frame.result, inputs)
        log.info("call_in_doubt_settled", execution=id_.hex())

    async def _take(
        self,
        session: PeerSession,
        channel: Digest,
        kept: ExecutionKept,
        result: pb.Result,
        inputs: bytes,
    ) -> None:
        """Settle by the receipt of an answer that comes too late to be used."""
        execution = kept.execution
        receipt = wire.receipt_in(
            result.receipt, execution=execution.id, version=execution.version
        )
        failure = wire.failure_in(result.failure) if result.HasField("failure") else None
        outputs = outputs_digest(result.output_key, result.outputs, failure)
        if (receipt.inputs, receipt.outputs) != (hashlib.sha256(inputs).digest(), outputs):
            raise Refused("the receipt is for other inputs or outputs")
        if receipt.channel != channel or (failure is not None and receipt.charged):
            raise Refused("the receipt charges what was not agreed")
        if session.account is None:
            raise Refused("the operator has become anonymous")
        step = self._purse.settle(receipt, operator=session.account)
        await self._parts.journal.save(ExecutionKept(execution, receipt), step)
