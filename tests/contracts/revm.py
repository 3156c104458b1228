"""The compiled contracts running in this process (revm), called as the adapter calls them."""

import re
from dataclasses import dataclass, field

from pyrevm import EVM, BlockEnv

from mesg.marketplace.chain.abi import constructor_call, event, function
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.chain.reverts import reason
from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.ports import MarketAddresses

CHAIN_ID = 1
_OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")
DEPLOYER = AccountAddress(b"\xdd" * 20)


@dataclass
class Revm:
    """One chain in memory; every call names its sender."""

    evm: EVM = field(default_factory=lambda: EVM(spec_id="CANCUN", gas_limit=2**63))
    places: dict[str, AccountAddress] = field(default_factory=dict)
    now_unix_s: int = 1_800_000_000
    block: int = 1

    def deploy(self, contract: str, *arguments: object) -> AccountAddress:
        code = constructor_call(contract, *arguments)
        self.places[contract] = AccountAddress.parse(self.evm.deploy(str(DEPLOYER), code))
        return self.places[contract]

    def advance(self, *, seconds: int = 0, blocks: int = 0) -> None:
        self.now_unix_s += seconds
        self.block += blocks
        self.evm.set_block_env(BlockEnv(number=self.block, timestamp=self.now_unix_s))

    def call(
        self, sender: AccountAddress, contract: str, name: str, *arguments: object
    ) -> tuple[object, ...]:
        """Return the answer; raise TransactionReverted with the contract's error and numbers."""
        described = function(contract, name)
        try:
            raw = self.evm.message_call(
                str(sender), str(self.places[contract]), described.call(*arguments)
            )
        except RuntimeError as error:
            found = _OUTPUT.search(str(error))
            output = bytes.fromhex(found.group(1)) if found else b""
            raise TransactionReverted(reason(output) or str(error)) from error
        return described.answer(bytes(raw))

    def view(self, contract: str, name: str, *arguments: object) -> object:
        return self.call(DEPLOYER, contract, name, *arguments)[0]

    def logged(self, contract: str, name: str) -> list[dict[str, object]]:
        """Return the events of that name in the last call."""
        described = event(contract, name)
        found = []
        for log in self.evm.result.logs if self.evm.result else ():
            topics = [bytes.fromhex(topic.removeprefix("0x")) for topic in log.topics]
            if topics and topics[0] == described.topic:
                found.append(described.fields(topics, _log_data(log.data)))
        return found


def _log_data(data: object) -> bytes:
    """Return the data of a log, which revm gives with its topics."""
    parts = data if isinstance(data, tuple) else (data,)
    return bytes(parts[-1])


def deploy_all(treasury: AccountAddress) -> tuple[Revm, MarketAddresses]:
    """Return a chain with the three contracts; the deployer holds all tokens."""
    revm = Revm()
    revm.advance()
    token = revm.deploy(TOKEN, DEPLOYER.raw)
    registry = revm.deploy(REGISTRY)
    pay = revm.deploy(PAY, token.raw, registry.raw, treasury.raw)
    return revm, MarketAddresses(CHAIN_ID, token, registry, pay)
