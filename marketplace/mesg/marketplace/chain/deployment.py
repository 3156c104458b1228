"""Putting the contracts on a chain, at the same addresses everywhere, and making sure that they are ours."""

import json
from dataclasses import dataclass

from eth_hash.auto import keccak

from mesg.marketplace.chain.abi import constructor_call
from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN, Contracts, Question
from mesg.marketplace.chain.rpc import JsonRpc, binary, quantity
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.chain.values import account_from
from mesg.marketplace.domain.errors import ChainUnavailable, Refused
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.ports import MarketAddresses

FACTORY = AccountAddress.parse("0x4e59b44847b379578588920cA78FbF26c0B4956C")
"""The deterministic deployment proxy that most chains have (and anvil from birth)."""
NO_SALT = bytes(32)


@dataclass(frozen=True, slots=True)
class Plan:
    """One contract to be deployed: its creation code decides its address."""

    contract: str
    init_code: bytes
    salt: bytes = NO_SALT

    @property
    def address(self) -> AccountAddress:
        """Where it will be (EIP-1014)."""
        inner = b"\xff" + FACTORY.raw + self.salt + keccak(self.init_code)
        return AccountAddress(keccak(inner)[12:])


def market_plans(
    *,
    treasury: AccountAddress,
    supply_to: AccountAddress,
    token: AccountAddress | None = None,
    commitment_blocks: int = 1,
    salt: bytes = NO_SALT,
) -> tuple[Plan, ...]:
    """Return what to deploy, in order; an existing token is used when given.

    A name must have been promised for `commitment_blocks` blocks: on a public chain enough to see a
    revealed name mined before anybody who read it can take it.
    """
    new_token = Plan(TOKEN, constructor_call(TOKEN, supply_to.raw), salt)
    used = token or new_token.address
    registry = Plan(
        REGISTRY, constructor_call(REGISTRY, used.raw, treasury.raw, commitment_blocks), salt
    )
    pay_code = constructor_call(PAY, used.raw, registry.address.raw, treasury.raw)
    pay = Plan(PAY, pay_code, salt)
    return (registry, pay) if token else (new_token, registry, pay)


async def deploy_market(
    transactions: Transactions,
    *,
    treasury: AccountAddress,
    supply_to: AccountAddress,
    token: AccountAddress | None = None,
    commitment_blocks: int = 1,
    salt: bytes = NO_SALT,
) -> MarketAddresses:
    """Deploy what is not there yet, check everything, and return where it is."""
    rpc = transactions.rpc
    if not await _code(rpc, FACTORY):
        raise Refused(f"the chain has no deployment factory at {FACTORY}")
    plans = market_plans(
        treasury=treasury,
        supply_to=supply_to,
        token=token,
        commitment_blocks=commitment_blocks,
        salt=salt,
    )
    for plan in plans:
        if not await _code(rpc, plan.address):
            action = f"deploy {plan.contract}"
            await transactions.send(FACTORY, plan.salt + plan.init_code, action=action)
    places = {plan.contract: plan.address for plan in plans}
    addresses = MarketAddresses(
        chain_id=transactions.chain_id,
        token=token or places[TOKEN],
        registry=places[REGISTRY],
        pay=places[PAY],
    )
    await check_market(rpc, addresses)
    return addresses


async def check_market(rpc: JsonRpc, addresses: MarketAddresses) -> None:
    """Raise Refused unless this is that chain and our very contracts are there, tied to each other."""
    chain_id = quantity(await rpc.call("eth_chainId"))
    if chain_id != addresses.chain_id:
        raise Refused(f"the node is on chain {chain_id}, not {addresses.chain_id}")
    await _check_code(rpc, REGISTRY, addresses.registry)
    await _check_code(rpc, PAY, addresses.pay)
    (token,), (registry,), (separator,), (fee_token,) = await Contracts(rpc, addresses).ask_all(
        [
            Question(PAY, "token"),
            Question(PAY, "registry"),
            Question(PAY, "domainSeparator"),
            Question(REGISTRY, "token"),
        ]
    )
    if account_from(token) != addresses.token:
        raise Refused(f"MesgPay at {addresses.pay} is paid in {token}, not {addresses.token}")
    if account_from(registry) != addresses.registry:
        raise Refused(f"MesgPay at {addresses.pay} uses the registry {registry}")
    if account_from(fee_token) != addresses.token:
        raise Refused(f"names at {addresses.registry} are paid in {fee_token}")
    if separator != addresses.domain.separator:
        raise Refused(f"MesgPay at {addresses.pay} has another signing domain")


def encode_deployment(addresses: MarketAddresses, *, block: int) -> str:
    """Return the text of `contracts/deployments/<chain id>.json`."""
    places = {TOKEN: addresses.token, REGISTRY: addresses.registry, PAY: addresses.pay}
    contracts = {name: {"address": str(place)} for name, place in places.items()}
    content = {"chainId": addresses.chain_id, "block": block, "contracts": contracts}
    return json.dumps(content, indent=2) + "\n"


def parse_deployment(text: str) -> tuple[MarketAddresses, int]:
    """Read such a text: where the contracts are, and the block to follow the chain from."""
    try:
        content = json.loads(text)
        places = {
            name: AccountAddress.parse(content["contracts"][name]["address"])
            for name in (TOKEN, REGISTRY, PAY)
        }
        chain_id, block = int(content["chainId"]), int(content["block"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"this is not a deployment: {error}") from error
    return MarketAddresses(chain_id, places[TOKEN], places[REGISTRY], places[PAY]), block


async def _check_code(rpc: JsonRpc, contract: str, address: AccountAddress) -> None:
    ours = artifact(contract)
    code = await _code(rpc, address)
    if not code:
        raise ChainUnavailable(f"there is no {contract} at {address} on this chain (yet)")
    if ours.masked(code) != ours.masked(ours.runtime_code):
        raise Refused(f"what is at {address} is not our {contract}")


async def _code(rpc: JsonRpc, address: AccountAddress) -> bytes:
    return binary(await rpc.call("eth_getCode", str(address), "latest"))
