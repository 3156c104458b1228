"""Taking a name where promises must ripen: nobody is told the name before the chain lets only us take it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
from tests.conftest import CONTRACTS, POLL_S

from mesg.marketplace.chain import registration
from mesg.marketplace.chain.deployment import deploy_market
from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.ledger import EthereumLedger, open_ledger
from mesg.marketplace.chain.rpc import JsonRpc, open_rpc, quantity
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.errors import ChainUnavailable
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.signing import AccountKey

BLOCKS = 5
WEATHER = ServiceId("weather.acme")

pytestmark = pytest.mark.chain


@asynccontextmanager
async def market() -> AsyncGenerator[tuple[EthereumLedger, JsonRpc]]:
    async with open_devchain(CONTRACTS) as chain, open_rpc(chain.url) as rpc:
        keys = [AccountKey.from_bytes(raw) for raw in chain.private_keys]
        bank = Transactions(rpc, keys[0], chain.chain_id, poll_s=POLL_S)
        addresses = await deploy_market(
            bank,
            treasury=keys[-1].address,
            supply_to=keys[0].address,
            commitment_blocks=BLOCKS,
        )
        async with open_ledger([chain.url], addresses, keys[0], poll_s=POLL_S) as ledger:
            yield ledger, rpc


async def mine(rpc: JsonRpc) -> None:
    while True:
        await trio.sleep(0.05)
        await rpc.call("evm_mine")


async def test_a_name_is_told_to_nobody_before_its_promise_is_ripe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registration, "RIPE_POLL_S", 0.01)
    async with market() as (ledger, rpc), trio.open_nursery() as nursery:
        told: list[int] = []
        call = JsonRpc.call

        async def overheard(self: JsonRpc, method: str, *arguments: object) -> object:
            if WEATHER.sid.encode().hex() in repr(arguments):
                told.append(quantity(await call(rpc, "eth_blockNumber")))
            return await call(self, method, *arguments)

        monkeypatch.setattr(JsonRpc, "call", overheard)
        nursery.start_soon(mine, rpc)
        receipts = await ledger.register(WEATHER)
        nursery.cancel_scope.cancel()

    assert [receipt.action for receipt in receipts] == ["approve", "commit", "register"]
    promised, taken = receipts[1].block, receipts[2].block
    assert taken >= promised + BLOCKS
    assert min(told) >= promised + BLOCKS - 1


async def test_a_rehearsal_lets_the_blocks_pass() -> None:
    async with market() as (ledger, _):
        rehearsal = ledger.rehearsal()

        await rehearsal.register(WEATHER)

    assert [one.action for one in rehearsal.planned] == ["approve", "commit", "register"]


async def test_a_chain_that_makes_no_block_is_told_to_be_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registration, "RIPE_POLL_S", 0.01)
    monkeypatch.setattr(registration, "BLOCK_S_MAX", 0.2)
    async with market() as (ledger, _):
        with pytest.raises(ChainUnavailable, match=r"made no block in 0\.2 s"):
            await ledger.register(WEATHER)
