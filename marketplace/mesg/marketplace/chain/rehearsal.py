"""Transactions that are only simulated, each after those before it, to show what they would do and cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mesg.marketplace.chain.abi import describe_call
from mesg.marketplace.chain.changes import log_from
from mesg.marketplace.chain.contracts import Contracts
from mesg.marketplace.chain.fees import market_fees
from mesg.marketplace.chain.reverts import meaning
from mesg.marketplace.chain.rpc import JsonRpc, RpcError, binary, member, quantity
from mesg.marketplace.chain.transactions import Mined
from mesg.marketplace.domain.errors import ChainUnavailable
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.ports import PlannedTransaction, Signer, TransactionReceipt

_METHOD_UNKNOWN = -32_601


@dataclass(slots=True)
class Rehearsal:
    """Stands in for `Transactions`; asks the chain (eth_simulateV1) and sends nothing."""

    contracts: Contracts
    signer: Signer
    planned: list[PlannedTransaction] = field(default_factory=list)
    _blocks: list[list[dict[str, str]]] = field(default_factory=list)

    @property
    def rpc(self) -> JsonRpc:
        """The chain that is asked."""
        return self.contracts.rpc

    async def send(self, to: AccountAddress, data: bytes, *, action: str) -> Mined:
        """Return what mining it next would say; raise TransactionReverted if it would be refused."""
        call = {"from": str(self.signer.address), "to": str(to), "data": f"0x{data.hex()}"}
        self._blocks.append([call])
        answer = await self._simulate(action)
        gas = quantity(member(answer, "gasUsed"))
        fees = await market_fees(self.rpc)
        self.planned.append(self._plan(to, data, action, gas, gas * fees.expected))
        logs = member(answer, "logs")
        receipt = TransactionReceipt(Digest(bytes(32)), 0, gas, action)
        return Mined(receipt, tuple(map(log_from, logs if isinstance(logs, list) else [])))

    def let_pass(self, blocks: int) -> None:
        """Simulate that many empty blocks before what is sent next."""
        self._blocks += [[] for _ in range(blocks)]

    async def _simulate(self, action: str) -> object:
        """Run all calls so far, each in a block of its own, and return what the last one said."""
        blocks = [{"calls": calls} for calls in self._blocks]
        try:
            told = await self.rpc.call("eth_simulateV1", {"blockStateCalls": blocks}, "latest")
        except RpcError as error:
            if error.code == _METHOD_UNKNOWN:
                raise ChainUnavailable(
                    "the chain's node cannot simulate transactions (eth_simulateV1)",
                    hint="use another RPC URL for a dry run",
                ) from error
            raise meaning(error, action=action) from error
        answer = _last(_last(told, "the simulation"), "its block", "calls")
        if quantity(member(answer, "status")) != 1:
            raise meaning(_refusal(answer), action=action)
        return answer

    def _plan(
        self, to: AccountAddress, data: bytes, action: str, gas: int, fee_wei: int
    ) -> PlannedTransaction:
        contract = self.contracts.name_at(to)
        described = describe_call(contract, data)
        return PlannedTransaction(
            action, contract, to, described.function, described.arguments, gas, fee_wei
        )


def _last(told: object, what: str, name: str = "") -> object:
    items = member(told, name) if name else told
    if not isinstance(items, Sequence) or isinstance(items, str) or not items:
        raise ChainUnavailable(f"the node told nothing of {what}")
    return items[-1]


def _refusal(answer: object) -> RpcError:
    """Return the refusal as `eth_call` would have told it."""
    error = member(answer, "error")
    data = error.get("data") if isinstance(error, dict) else None
    returned = data if isinstance(data, str) else member(answer, "returnData")
    return RpcError(3, str(member(error, "message")), binary(returned))
