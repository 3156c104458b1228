"""One call to one operator: promise, journal, send, check the result and its receipt, settle, journal."""

import hashlib
import json
from collections.abc import Sequence

import structlog
import trio

from mesg.marketplace.buying.purse import LANE, Purse
from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    NotEntitled,
    NotFound,
    PriceAboveMax,
    Refused,
)
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.domain.receipt import NO_CHANNEL, Receipt
from mesg.marketplace.ports import GivenStep
from mesg.node.domain.advert import Advert
from mesg.node.domain.execution import (
    Execution,
    Failed,
    Failure,
    Json,
    Started,
    Succeeded,
    advance,
)
from mesg.node.domain.manifest import Manifest
from mesg.node.domain.shape import check_data, choose_output, parse_json_object
from mesg.node.doors import CallRequest
from mesg.node.ports import ExecutionKept
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.usecases.access import Access
from mesg.node.usecases.channels import Channels
from mesg.node.usecases.failures import raise_failure
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession
from mesg.node.usecases.serving_calls import outputs_digest
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.remote_call")

_ANY_EXECUTION = Digest(bytes(32))
"""For asking a lane what it could cover."""


class Trouble(Refused):
    """The operator broke the rules (a false receipt, a result of the wrong shape): ask another."""

    code = "operator_at_fault"


class RemoteCaller:
    """Calls operators and keeps their receipts."""

    def __init__(
        self, parts: Parts, sessions: Sessions, purse: Purse, access: Access, channels: Channels
    ) -> None:
        self._reckoner = channels.reckoner
        self._opening = trio.Lock()
        self._parts = parts
        self._sessions = sessions
        self._purse = purse
        self._access = access
        self._channels = channels

    async def call(
        self, execution: Execution, advert: Advert, manifest: Manifest, timeout_s: float
    ) -> ExecutionKept:
        """Run an execution on an operator's node; all that is returned is journaled already.

        Raise Refused or Unavailable; a call that the operator says he refused costs nothing, one
        that he never answered stays in flight on its channel.
        """
        session = await self._sessions.to(advert.peer, advert.addresses)
        channel = await self._channel_for(advert)
        execution = advance(execution, Started(advert.peer))
        self._reckoner.active.add(execution.id)  # before it is in flight: it is not in doubt
        try:
            payment = await self._promise(execution, advert, channel, session)
            inputs = _encode(execution.inputs)
            call = pb.Call(
                execution_id=execution.id,
                service=execution.service.sid,
                version=advert.version,
                task=execution.task,
                inputs=inputs,
                timeout_ms=int(timeout_s * 1000),
                payment=payment,
            )
            # A session that ends before the answer leaves the call in doubt: it stays in flight.
            said = await session.exchange(pb.Frame(call=call))
            if said.kind == "refusal":
                if channel is not None:
                    session.announced.discard(channel)  # tell it again: it may be what was refused
                await self._release(channel, execution.id)
                raise_failure(wire.failure_in(said.frame.refusal.failure))
            digest = Digest(hashlib.sha256(inputs).digest())
            return await self._take(
                execution, advert, manifest, said.frame.result, digest, channel
            )
        finally:
            self._reckoner.active.discard(execution.id)

    async def payable(self, adverts: Sequence[Advert], request: CallRequest) -> list[Advert]:
        """Return those we may and can pay, in their order, but those with a channel to open last.

        Raise, before anything is begun, why none of them could be paid.
        """
        at_once: list[Advert] = []
        later: list[Advert] = []
        trouble: Refused | None = None
        for advert in adverts:
            try:
                await self._check_price(advert, request)
                way = await self._way_to_pay(advert)
                if way is not None and not isinstance(way, Offer):
                    self._purse.lane(way).reserve(_ANY_EXECUTION, advert.price_per_call)
            except Refused as error:
                trouble = trouble or error
            else:
                (later if isinstance(way, Offer) else at_once).append(advert)
        if trouble is not None and not at_once and not later:
            raise trouble
        return [*at_once, *later]

    async def _check_price(self, advert: Advert, request: CallRequest) -> None:
        """Raise PriceAboveMax if this operator asks more than the caller allows; a pass pays for all."""
        most, price = request.max_price, advert.price_per_call
        if most is None or price <= most:
            return
        if not await self._access.has_pass(advert.service, self._parts.signer.address):
            raise PriceAboveMax(
                f"a call of {request.service} costs {price}, more than the {most} you allow",
                hint="raise --max-price",
            )

    async def _channel_for(self, advert: Advert) -> Digest | None:
        """Return the channel to pay on, opening one if that is allowed; None if the call is free."""
        way = await self._way_to_pay(advert)
        if not isinstance(way, Offer):
            return way
        async with self._opening:  # calls that come together open one channel, not one each
            way = await self._way_to_pay(advert)
            if not isinstance(way, Offer):
                return way
            amount = self._parts.settings.channel_amount
            return await self._channels.open(way, advert.binding.account, amount)

    async def _way_to_pay(self, advert: Advert) -> Digest | Offer | None:
        """Return the channel to pay on, the offer to open one under, or None for a free call."""
        if advert.offer_index is not None and not advert.price_per_call:
            return None
        if await self._access.has_pass(advert.service, self._parts.signer.address):
            return None
        offer = self._offer_of(advert)
        operator = advert.binding.account
        channel = self._purse.find(advert.service, operator, offer_digest=offer.digest)
        if channel is not None and self._purse.covers(channel, offer.terms.price):
            return channel
        settings = self._parts.settings
        amount = settings.channel_amount
        if amount and (self._purse.held() + amount) <= settings.channel_budget:
            return offer
        if channel is not None:
            return channel  # it says itself what it lacks
        raise InsufficientFunds(
            f"a call of {advert.service} costs {offer.terms.price} and no channel to {operator} is open",
            hint=f"open one with: mesg channel open {advert.service} --amount 10",
        )

    def _offer_of(self, advert: Advert) -> Offer:
        """Return the offer that the advert names, as the chain has it; raise NotEntitled or Trouble."""
        if advert.offer_index is None:
            raise NotEntitled(
                f"{advert.service} is sold by pass only",
                hint=f"buy one with: mesg market buy {advert.service}",
            )
        listing = self._parts.journal.listing(advert.service)
        offers = listing.offers if listing else ()
        for offer in offers:
            if offer.index == advert.offer_index:
                if offer.terms.price != advert.price_per_call:
                    raise Trouble("the advert's price is not that of its offer")
                offer.check_open(now_unix_s=self._parts.clock.now_unix_s())
                return offer
        raise NotFound(f"offer {advert.offer_index} of {advert.service} is not on chain (yet)")

    async def _promise(
        self, execution: Execution, advert: Advert, channel: Digest | None, session: PeerSession
    ) -> pb.Payment | None:
        """Journal the promise together with the execution, then return what goes with the call."""
        if channel is None:
            await self._parts.journal.save(ExecutionKept(execution))
            return None
        promise = self._purse.promise(channel, execution.id, advert.price_per_call)
        try:
            await self._parts.journal.save(promise.step, ExecutionKept(execution))
        except BaseException:
            self._purse.release(channel, execution.id)
            raise
        await self._channels.tell(session, channel)
        return pb.Payment(
            channel_id=channel,
            lane=promise.voucher.lane,
            max_charge=promise.max_charge.to_bytes(),
            voucher=wire.voucher_out(promise.voucher),
        )

    async def _release(self, channel: Digest | None, execution: Digest) -> None:
        if channel is not None:
            with trio.CancelScope(shield=True):
                await self._parts.journal.save(self._purse.release(channel, execution))

    async def _take(
        self,
        execution: Execution,
        advert: Advert,
        manifest: Manifest,
        result: pb.Result,
        inputs: Digest,
        channel: Digest | None,
    ) -> ExecutionKept:
        """Check the result against its receipt and manifest, settle, and journal all together."""
        try:
            receipt = wire.receipt_in(
                result.receipt, execution=execution.id, version=advert.version
            )
            failure = wire.failure_in(result.failure) if result.HasField("failure") else None
            outputs = self._outputs(manifest, execution, result, failure)
            self._check(receipt, result, inputs, failure)
            _check_charge(receipt, channel, failure)
            steps = self._settle(receipt, advert)
        except Refused as error:
            raise Trouble(f"{advert.peer} gave a false answer: {error.message}") from error
        now = self._parts.clock.now_unix_ns()
        ended = advance(
            execution,
            Failed(failure, now, receipt.charged)
            if failure
            else Succeeded(result.output_key, outputs, now, receipt.charged),
        )
        kept = ExecutionKept(ended, receipt)
        with trio.CancelScope(shield=True):
            await self._parts.journal.save(kept, *steps)
        return kept

    def _outputs(
        self, manifest: Manifest, execution: Execution, result: pb.Result, failure: Failure | None
    ) -> Json:
        if failure is not None:
            return {}
        outputs = parse_json_object(result.outputs, what="outputs")
        declared = choose_output(manifest.task(execution.task), result.output_key)
        check_data(declared.data, outputs, what="outputs")
        return outputs

    def _check(
        self, receipt: Receipt, result: pb.Result, inputs: Digest, failure: Failure | None
    ) -> None:
        expected = outputs_digest(result.output_key, result.outputs, failure)
        if (receipt.inputs, receipt.outputs) != (inputs, expected):
            raise Trouble("the receipt is for other inputs or outputs")
        if (receipt.status == 1) == (failure is not None):
            raise Trouble("the receipt states another ending")

    def _settle(self, receipt: Receipt, advert: Advert) -> tuple[GivenStep, ...]:
        operator = advert.binding.account
        if receipt.channel == NO_CHANNEL:
            receipt.check(self._parts.ledger.addresses.domain, operator=operator)
            return ()
        return (self._purse.settle(receipt, operator=operator),)


def _check_charge(receipt: Receipt, channel: Digest | None, failure: Failure | None) -> None:
    """Raise Trouble for a charge on another channel or lane, for free use, or for a failure."""
    if (receipt.channel, receipt.lane) != (channel or NO_CHANNEL, LANE):
        raise Trouble("the receipt is for another channel")
    if receipt.charged and (channel is None or failure is not None):
        raise Trouble("the receipt charges for what costs nothing")


def _encode(inputs: Json) -> bytes:
    return json.dumps(inputs, separators=(",", ":"), ensure_ascii=False).encode()
