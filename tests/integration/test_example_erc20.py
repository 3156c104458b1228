"""The example erc20 watches a real token on a real chain, as a process and in a container."""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import pytest
from tests.conftest import CONTRACTS, POLL_S, deploy_test_market
from tests.integration.places import Place, place, receive
from tests.support.instances import (
    EXAMPLES,
    RunningNode,
)

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import TOKEN
from mesg.marketplace.chain.devchain import Devchain, open_devchain
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import AccountKey
from mesg.node.domain.event import ServiceEvent

__all__ = ["place"]


@pytest.fixture
async def chain() -> AsyncGenerator[Devchain, None]:
    async with open_devchain(CONTRACTS, host="0.0.0.0") as chain:  # noqa: S104 - containers come too
        yield chain


@pytest.mark.chain
async def test_erc20_watches_a_token(place: Place, chain: Devchain) -> None:
    token = (await deploy_test_market(chain)).token
    sender, receiver = (AccountKey.from_bytes(raw) for raw in chain.private_keys[:2])
    amount = TokenAmount.parse("12.5 MESG")
    environment = {
        "ERC20_RPC_URL": f"http://{place.this_machine}:{urlsplit(chain.url).port}",
        "ERC20_TOKEN": str(token),
        "ERC20_FROM_BLOCK": "0",
        "ERC20_POLL_S": "0.1",
    }
    spec = await place.node.spec(EXAMPLES / "erc20", environment)

    await place.node.start_and_listen(spec)
    supply = await place.node.call("erc20", "totalSupply", {})
    before = await place.node.call("erc20", "balanceOf", {"address": str(receiver.address)})
    async with open_rpc(chain.url) as rpc:
        transactions = Transactions(rpc, sender, chain.chain_id, poll_s=POLL_S)
        data = function(TOKEN, "transfer").call(receiver.address.raw, amount.units)
        mined = await transactions.send(token, data, action="transfer")
    told = await transfer_of(place.node, str(amount.units))
    after = await place.node.call("erc20", "balanceOf", {"address": str(receiver.address)})
    wrong = await place.node.call("erc20", "balanceOf", {"address": "0x1"})

    assert supply.outputs == {"supply": str(250_000_000 * 10**18)}
    assert int(after.outputs["balance"]) - int(before.outputs["balance"]) == amount.units
    assert told.data == {
        "from": str(sender.address).lower(),
        "to": str(receiver.address).lower(),
        "value": str(amount.units),
        "block": mined.receipt.block,
        "transactionHash": f"0x{mined.receipt.transaction.hex()}",
    }
    assert (wrong.output_key, wrong.outputs) == (
        "error",
        {"message": "'0x1' is not an account address"},
    )


async def test_erc20_says_that_its_chain_is_away(place: Place) -> None:
    environment = {"ERC20_RPC_URL": "http://127.0.0.1:1", "ERC20_TOKEN": "0x" + "00" * 20}
    spec = await place.node.spec(EXAMPLES / "erc20", environment)
    await place.node.start_and_listen(spec)

    ended = await place.node.call("erc20", "totalSupply", {})

    assert ended.output_key == "error"
    assert "eth_call" in ended.outputs["message"]
    first = (await place.node.lines(spec.id))[0]
    assert first.stream == "stderr"
    assert first.text.startswith("looking again in 4 s: eth_blockNumber:")


async def transfer_of(node: RunningNode, value: str) -> ServiceEvent:
    async with node.memory.events("erc20", after=0) as events:
        while True:
            event = await receive(events)
            if event.data["value"] == value:
                return event
