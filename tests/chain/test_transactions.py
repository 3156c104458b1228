"""Transactions of one account: many at once, stuck ones, refused ones."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import trio
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import ALLOWANCE, CONTRACTS, POLL_S, deploy_test_market

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import TOKEN
from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.envelope import Envelope
from mesg.marketplace.chain.rpc import JsonRpc, open_rpc, quantity
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.errors import InsufficientFunds, TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.ports import MarketAddresses

FRIEND = AccountAddress(b"\xaa" * 20)
KEY = AccountKey.from_bytes(b"\x07" * 32)


@given(
    st.builds(
        Envelope,
        chain_id=st.integers(1, 2**40),
        nonce=st.integers(0, 2**40),
        tip=st.integers(0, 2**40),
        fee_cap=st.integers(2**41, 2**60),
        gas=st.integers(30_000, 2**24),
        to=st.binary(min_size=20, max_size=20).map(AccountAddress),
        data=st.binary(max_size=300),
    )
)
def test_an_envelope_is_signed_as_eth_account_signs_it(envelope: Envelope) -> None:
    expected = Account.from_key(b"\x07" * 32).sign_transaction(
        {
            "type": 2,
            "chainId": envelope.chain_id,
            "nonce": envelope.nonce,
            "maxPriorityFeePerGas": envelope.tip,
            "maxFeePerGas": envelope.fee_cap,
            "gas": envelope.gas,
            "to": str(envelope.to),
            "value": 0,
            "data": envelope.data,
        }
    )

    assert envelope.signed(KEY.sign(envelope.digest)) == bytes(expected.raw_transaction)


@dataclass(frozen=True)
class Scene:
    """A chain of its own, with a rich account."""

    rpc: JsonRpc
    addresses: MarketAddresses
    transactions: Transactions

    async def give(self, units: int) -> int:
        data = function(TOKEN, "transfer").call(FRIEND.raw, units)
        mined = await self.transactions.send(self.addresses.token, data, action="give")
        return mined.receipt.block


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    async with open_devchain(CONTRACTS) as chain:
        addresses = await deploy_test_market(chain)
        key = AccountKey.from_bytes(chain.private_keys[1])
        async with open_rpc(chain.url) as rpc:
            transactions = Transactions(rpc, key, chain.chain_id, patience_s=0.5, poll_s=POLL_S)
            yield Scene(rpc, addresses, transactions)


@pytest.mark.chain
async def test_many_at_once_share_the_nonces(scene: Scene) -> None:
    async with trio.open_nursery() as nursery:
        for units in range(1, 21):
            nursery.start_soon(scene.give, units)

    sent = await scene.rpc.call(
        "eth_getTransactionCount", str(scene.transactions.signer.address), "latest"
    )
    assert quantity(sent) == 20


@pytest.mark.chain
async def test_a_stuck_transaction_is_sent_again_for_more(scene: Scene) -> None:
    await scene.rpc.call("evm_setAutomine", False)
    blocks: list[int] = []

    async def give() -> None:
        blocks.append(await scene.give(1))

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(give)
            await trio.sleep(0.2)
            await scene.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(4 * 10**9))
            await scene.rpc.call("evm_mine")
            while not blocks:
                await trio.sleep(0.2)
                await scene.rpc.call("evm_mine")

    assert len(blocks) == 1


@pytest.mark.chain
async def test_what_must_fail_costs_nothing(scene: Scene) -> None:
    account = scene.transactions.signer.address

    with pytest.raises(TransactionReverted) as caught:
        await scene.give(ALLOWANCE.units + 1)

    assert caught.value.message == (
        f"give: ERC20InsufficientBalance(sender={account}, "
        f"balance={ALLOWANCE.units}, needed={ALLOWANCE.units + 1})"
    )
    assert quantity(await scene.rpc.call("eth_getTransactionCount", str(account), "latest")) == 0


@pytest.mark.chain
async def test_an_account_without_ether_is_told_so(scene: Scene) -> None:
    poor = Transactions(scene.rpc, KEY, scene.transactions.chain_id, poll_s=POLL_S)
    data = function(TOKEN, "approve").call(FRIEND.raw, 1)

    with pytest.raises(InsufficientFunds, match="cannot pay the network's fee"):
        await poor.send(scene.addresses.token, data, action="approve")
