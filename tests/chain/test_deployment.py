"""Deployment: the same place every time, and nobody else's contracts."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from tests.conftest import POLL_S

from mesg.marketplace.chain.deployment import (
    check_market,
    deploy_market,
    encode_deployment,
    parse_deployment,
)
from mesg.marketplace.chain.devchain import Devchain
from mesg.marketplace.chain.rpc import binary, open_rpc, quantity
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.errors import ChainUnavailable, Refused
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.ports import MarketAddresses

pytestmark = pytest.mark.chain
DEPLOYMENTS = Path(__file__).parents[2] / "contracts/deployments"


async def test_deploying_again_finds_everything_there(
    devchain: Devchain, deployed_market: MarketAddresses
) -> None:
    keys = [AccountKey.from_bytes(raw) for raw in devchain.private_keys]
    async with open_rpc(devchain.url) as rpc:
        before = quantity(await rpc.call("eth_blockNumber"))
        again = await deploy_market(
            Transactions(rpc, keys[5], devchain.chain_id, poll_s=POLL_S),
            treasury=keys[-1].address,
            supply_to=keys[0].address,
        )

        assert again == deployed_market
        assert quantity(await rpc.call("eth_blockNumber")) == before


async def test_another_chain_or_other_code_is_refused(
    devchain: Devchain, deployed_market: MarketAddresses
) -> None:
    nowhere = AccountAddress(b"\x01" * 20)
    async with open_rpc(devchain.url) as rpc:
        with pytest.raises(Refused, match="the node is on chain 31337, not 1"):
            await check_market(rpc, replace(deployed_market, chain_id=1))
        with pytest.raises(Refused, match="is not our MesgPay"):
            await check_market(rpc, replace(deployed_market, pay=deployed_market.token))
        with pytest.raises(Refused, match="is paid in"):
            await check_market(rpc, replace(deployed_market, token=deployed_market.pay))
        with pytest.raises(ChainUnavailable, match="there is no ServiceRegistry"):
            await check_market(rpc, replace(deployed_market, registry=nowhere))


def test_a_deployment_is_read_as_it_was_written() -> None:
    places = [AccountAddress(bytes((n,)) * 20) for n in (1, 2, 3)]
    addresses = MarketAddresses(5, *places)

    assert parse_deployment(encode_deployment(addresses, block=9)) == (addresses, 9)
    with pytest.raises(Refused, match="this is not a deployment"):
        parse_deployment("{}")


def test_the_known_deployment_of_a_development_chain_is_where_it_is_deployed(
    deployed_market: MarketAddresses,
) -> None:
    shipped = resources.files("mesg.marketplace.chain") / "deployments"
    text = (shipped / "31337.json").read_text()

    known, _ = parse_deployment(text)

    assert known == deployed_market, "write it again with: scripts/devnet write"


def test_every_known_deployment_ships_with_the_package() -> None:
    shipped = resources.files("mesg.marketplace.chain") / "deployments"

    known = {file.name: file.read_text() for file in DEPLOYMENTS.glob("*.json")}

    assert "31337.json" in known
    assert known == {file.name: file.read_text() for file in shipped.iterdir()}


async def test_a_contract_that_signs_for_another_domain_is_refused(
    devchain: Devchain, deployed_market: MarketAddresses
) -> None:
    elsewhere = replace(deployed_market, pay=AccountAddress(b"\x5e" * 20))
    async with open_rpc(devchain.url) as rpc:
        code = binary(await rpc.call("eth_getCode", str(deployed_market.pay), "latest"))
        forged = code.replace(deployed_market.pay.raw, elsewhere.pay.raw)
        assert forged != code
        await rpc.call("anvil_setCode", str(elsewhere.pay), "0x" + forged.hex())

        with pytest.raises(Refused, match="has another signing domain"):
            await check_market(rpc, elsewhere)
