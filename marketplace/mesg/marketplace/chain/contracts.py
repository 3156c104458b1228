"""Questions to the three contracts, one at a time or many in one round trip; never a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.reverts import meaning
from mesg.marketplace.chain.rpc import JsonRpc, Request, RpcError, binary
from mesg.marketplace.domain.errors import ChainUnavailable
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.ports import MarketAddresses

TOKEN = "MesgToken"  # noqa: S105 - a contract, not a password
REGISTRY = "ServiceRegistry"
PAY = "MesgPay"


@dataclass(frozen=True, slots=True)
class Question:
    """One view function of one contract with its arguments."""

    contract: str
    name: str
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Contracts:
    """The market's contracts on one chain, to be asked."""

    rpc: JsonRpc
    addresses: MarketAddresses

    def address_of(self, contract: str) -> AccountAddress:
        """Return where a contract is."""
        places = {
            TOKEN: self.addresses.token,
            REGISTRY: self.addresses.registry,
            PAY: self.addresses.pay,
        }
        return places[contract]

    def name_at(self, address: AccountAddress) -> str:
        """Return which contract is there; raise KeyError if none of ours is."""
        names = {self.address_of(name): name for name in (TOKEN, REGISTRY, PAY)}
        return names[address]

    async def ask(self, contract: str, name: str, *arguments: object) -> tuple[object, ...]:
        """Return one answer; raise TransactionReverted if the contract refuses the question."""
        (answer,) = await self.ask_all([Question(contract, name, arguments)])
        return answer

    async def ask_all(self, questions: Sequence[Question]) -> list[tuple[object, ...]]:
        """Return all answers, in order, from one round trip per hundred."""
        raw = await self.rpc.try_batch([self.request(question) for question in questions])
        return [read(question, each) for question, each in zip(questions, raw, strict=True)]

    def request(self, question: Question) -> Request:
        """Return the question as an RPC request, to be batched with others."""
        described = function(question.contract, question.name)
        data = described.call(*question.arguments).hex()
        call = {"to": str(self.address_of(question.contract)), "data": f"0x{data}"}
        return "eth_call", [call, "latest"]


def read(question: Question, raw: object) -> tuple[object, ...]:
    """Return the answer out of what the node said."""
    if isinstance(raw, RpcError):
        raise meaning(raw, action=question.name) from raw
    try:
        return function(question.contract, question.name).answer(binary(raw))
    except ValueError as error:
        raise ChainUnavailable(
            f"{question.contract}.{question.name} answered nonsense: is it deployed there?"
        ) from error
