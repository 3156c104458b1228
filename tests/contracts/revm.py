"""The compiled contracts running in this process (revm), called as the adapter calls them."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from eth_abi.abi import encode
from pyrevm import EVM, AccountInfo, BlockEnv

from mesg.marketplace.chain.abi import constructor_call, event, function
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.chain.reverts import reason
from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.permit import PERMIT2
from mesg.marketplace.ports import MarketAddresses

CHAIN_ID = 1
_OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")
DEPLOYER = AccountAddress(b"\xdd" * 20)
CONTRACTS = Path(__file__).parents[2] / "contracts"
TOKENS = Path(__file__).parent / "tokens"


@dataclass
class Revm:
    """One chain in memory; every call names its sender."""

    evm: EVM = field(default_factory=lambda: EVM(spec_id="CANCUN", gas_limit=2**63))
    places: dict[str, AccountAddress] = field(default_factory=dict)
    now_unix_s: int = 1_800_000_000
    block: int = 1

    def deploy(self, contract: str, *arguments: object) -> AccountAddress:
        return self.deploy_code(contract, constructor_call(contract, *arguments))

    def deploy_code(self, contract: str, code: bytes) -> AccountAddress:
        """Put code where a contract of ours is expected."""
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
        raw = self.send(sender, self.places[contract], described.call(*arguments))
        return described.answer(raw)

    def send(self, sender: AccountAddress, to: AccountAddress, data: bytes) -> bytes:
        """Return the raw answer to raw calldata; raise TransactionReverted."""
        try:
            return bytes(self.evm.message_call(_text(sender), _text(to), data))
        except RuntimeError as error:
            found = _OUTPUT.search(str(error))
            output = bytes.fromhex(found.group(1)) if found else b""
            raise TransactionReverted(reason(output) or str(error)) from error

    def view(self, contract: str, name: str, *arguments: object) -> object:
        return self.call(DEPLOYER, contract, name, *arguments)[0]

    def ask(self, contract: str, name: str, *arguments: object) -> bytes:
        """Return the raw words of an answer, fast; the arguments are remembered."""
        return self.send(DEPLOYER, self.places[contract], _calldata(contract, name, arguments))

    def logged(self, contract: str, name: str) -> list[dict[str, object]]:
        """Return the events of that name in the last call."""
        described = event(contract, name)
        return [
            described.fields(topics, data)
            for _, topics, data in self.logs()
            if topics and topics[0] == described.topic
        ]

    def logs(self) -> list[tuple[AccountAddress, tuple[bytes, ...], bytes]]:
        """Return where, topics and data of each log of the last call."""
        return [
            (
                AccountAddress.parse(log.address),
                tuple(bytes.fromhex(topic.removeprefix("0x")) for topic in log.topics),
                _log_data(log.data),
            )
            for log in (self.evm.result.logs if self.evm.result else ())
        ]


@cache
def _text(address: AccountAddress) -> str:
    return str(address)


@cache
def _calldata(contract: str, name: str, arguments: tuple[object, ...]) -> bytes:
    return function(contract, name).call(*arguments)


def _log_data(data: object) -> bytes:
    """Return the data of a log, which revm gives with its topics."""
    parts = data if isinstance(data, tuple) else (data,)
    return bytes(parts[-1])


def deploy_all(
    treasury: AccountAddress, *, token: str | None = None
) -> tuple[Revm, MarketAddresses]:
    """Return a chain with the three contracts; the deployer holds all tokens.

    Another token than ours is compiled from `tokens/`.
    """
    revm = Revm()
    revm.advance()
    if token is None:
        paid_in = revm.deploy(TOKEN, DEPLOYER.raw)
    else:
        code = _compiled(token) + encode(("address",), (DEPLOYER.raw,))
        paid_in = revm.deploy_code(TOKEN, code)
    registry = revm.deploy(REGISTRY, paid_in.raw, treasury.raw, 1)
    pay = revm.deploy(PAY, paid_in.raw, registry.raw, treasury.raw)
    return revm, MarketAddresses(CHAIN_ID, paid_in, registry, pay)


def install_permit2(revm: Revm) -> None:
    """Put the real Permit2 where it is on every chain."""
    subprocess.run(["node", "permit2.js"], check=True, cwd=CONTRACTS)
    built = json.loads((CONTRACTS / "out/Permit2.json").read_text("ascii"))
    code = bytes.fromhex(built["deployedBytecode"].removeprefix("0x"))
    revm.evm.insert_account_info(str(PERMIT2), AccountInfo(code=code))


def _compiled(token: str) -> bytes:
    done = subprocess.run(
        ["node", str(TOKENS / "compile.js"), str(TOKENS / f"{token}.sol")],
        check=True,
        capture_output=True,
        text=True,
    )
    return bytes.fromhex(done.stdout)
