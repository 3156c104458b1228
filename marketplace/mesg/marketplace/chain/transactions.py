"""All transactions of one account: one owner of its nonces, fees raised until they are mined."""

from dataclasses import dataclass, field, replace

import trio
from eth_hash.auto import keccak

from mesg.marketplace.chain.changes import Log, log_from
from mesg.marketplace.chain.envelope import Envelope
from mesg.marketplace.chain.fees import Fees, market_fees
from mesg.marketplace.chain.reverts import meaning, reason
from mesg.marketplace.chain.rpc import JsonRpc, RpcError, binary, member, quantity
from mesg.marketplace.domain.errors import ChainUnavailable, InsufficientFunds, TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.ports import Signer, TransactionReceipt

MINED_S_MAX = 600.0
"""After this a transaction counts as lost; it may still be mined, so the caller looks before it repeats."""
PATIENCE_S = 30.0
"""How long a fee gets its chance before it is raised."""
POLL_S = 0.25
FEE_WEI_MAX = 500 * 10**9
"""Per gas; a market above this is waited out, not paid."""


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that succeeded, and what the contracts logged meanwhile."""

    receipt: TransactionReceipt
    logs: tuple[Log, ...]


@dataclass(slots=True)
class Transactions:
    """Sends transactions in the name of one account; only one of these per account and chain."""

    rpc: JsonRpc
    signer: Signer
    chain_id: int
    patience_s: float = PATIENCE_S
    poll_s: float = POLL_S
    _nonces: trio.Lock = field(default_factory=trio.Lock, repr=False)
    _next_nonce: int = 0
    _in_flight: int = 0

    async def send(self, to: AccountAddress, data: bytes, *, action: str) -> Mined:
        """Return once it is mined and succeeded.

        Raise TransactionReverted or InsufficientFunds before anything is spent where that can be
        foreseen, and ChainUnavailable if it is not mined in time.
        """
        gas = await self._estimate(to, data, action)
        fees = await market_fees(self.rpc)
        async with self._nonces:
            nonce = await self._nonce()
            first = Envelope(self.chain_id, nonce, fees.tip, fees.cap, gas, to, data)
            sent = [await self._broadcast(first, action)]
            self._next_nonce = nonce + 1
            self._in_flight += 1
        try:
            receipt = await self._wait_mined(first, sent, action)
        finally:
            self._in_flight -= 1
        if quantity(member(receipt, "status")) != 1:
            raise await self._failure(first, receipt, action)
        return _mined(receipt, action)

    async def _estimate(self, to: AccountAddress, data: bytes, action: str) -> int:
        """Ask before a nonce is taken, so that what must fail costs nothing."""
        call = {"from": str(self.signer.address), "to": str(to), "data": "0x" + data.hex()}
        try:
            # The block to come: what holds there is what counts.
            estimate = quantity(await self.rpc.call("eth_estimateGas", call, "pending"))
        except RpcError as error:
            raise meaning(error, action=action) from error
        return estimate * 6 // 5

    async def _nonce(self) -> int:
        known = quantity(
            await self.rpc.call("eth_getTransactionCount", str(self.signer.address), "pending")
        )
        # With nothing of ours under way the chain is right, also after a reorganisation.
        return max(known, self._next_nonce) if self._in_flight else known

    async def _broadcast(self, envelope: Envelope, action: str) -> Digest:
        raw = envelope.signed(self.signer.sign(envelope.digest))
        try:
            await self.rpc.call("eth_sendRawTransaction", "0x" + raw.hex())
        except RpcError as error:
            if not _already_there(error):
                raise meaning(error, action=action) from error
        return Digest(keccak(raw))

    async def _wait_mined(self, current: Envelope, sent: list[Digest], action: str) -> object:
        """Return the receipt of whichever variant is mined; raise the fee when none is."""
        give_up = trio.current_time() + MINED_S_MAX
        while trio.current_time() < give_up:
            receipt = await self._poll_receipt(sent)
            if receipt is not None:
                return receipt
            current = await self._raise_fee(current, sent, action)
        raise ChainUnavailable(
            f"{action}: transaction 0x{sent[-1].hex()} is not mined after {MINED_S_MAX:g} s"
        )

    async def _poll_receipt(self, sent: list[Digest]) -> object | None:
        asked = [("eth_getTransactionReceipt", ["0x" + each.hex()]) for each in sent]
        receipt: object | None = None
        with trio.move_on_after(self.patience_s):
            while receipt is None:
                receipt = next((each for each in await self.rpc.batch(asked) if each), None)
                if receipt is None:
                    await trio.sleep(self.poll_s)
        return receipt

    async def _raise_fee(self, current: Envelope, sent: list[Digest], action: str) -> Envelope:
        """Send the same again for more, unless that is too much; earlier variants still count."""
        fees = Fees(current.tip, current.fee_cap).raised(await market_fees(self.rpc))
        if fees.cap > FEE_WEI_MAX:
            return current
        raised = replace(current, tip=fees.tip, fee_cap=fees.cap)
        try:
            sent.append(await self._broadcast(raised, action))
        except (ChainUnavailable, InsufficientFunds):
            return current  # most likely an earlier variant was mined meanwhile
        return raised

    async def _failure(
        self, envelope: Envelope, receipt: object, action: str
    ) -> TransactionReverted:
        """Replay what was mined but reverted, to learn why."""
        call = {
            "from": str(self.signer.address),
            "to": str(envelope.to),
            "data": "0x" + envelope.data.hex(),
        }
        why = "it ran out of gas or lost a race"
        try:
            await self.rpc.call("eth_call", call, member(receipt, "blockNumber"))
        except RpcError as error:
            why = reason(error.data) or error.message
        return TransactionReverted(f"{action}: {why}")


def _mined(receipt: object, action: str) -> Mined:
    logs = member(receipt, "logs")
    return Mined(
        TransactionReceipt(
            transaction=Digest(binary(member(receipt, "transactionHash"))),
            block=quantity(member(receipt, "blockNumber")),
            gas_used=quantity(member(receipt, "gasUsed")),
            action=action,
        ),
        tuple(map(log_from, logs if isinstance(logs, list) else [])),
    )


def _already_there(error: RpcError) -> bool:
    message = error.message.lower()
    return "already known" in message or "already imported" in message
