"""What all tests share: one development chain for the session, and a market deployed on it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from anyio.from_thread import start_blocking_portal

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import TOKEN
from mesg.marketplace.chain.deployment import deploy_market
from mesg.marketplace.chain.devchain import Devchain, open_devchain
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.ports import MarketAddresses

# A shell starts what it runs in the background deaf to Ctrl-C, and so would be all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

CONTRACTS = Path(__file__).parent.parent / "contracts"
POLL_S = 0.01
ALLOWANCE = TokenAmount.parse("1000000 MESG")
"""What every account of a test market holds at first."""


@pytest.fixture(scope="session")
def devchain() -> Iterator[Devchain]:
    """Run one anvil for the whole session: ten accounts with ether, their keys in order."""
    with (
        start_blocking_portal("trio") as portal,
        portal.wrap_async_context_manager(open_devchain(CONTRACTS)) as chain,
    ):
        yield chain


@pytest.fixture(scope="session")
def deployed_market(devchain: Devchain) -> MarketAddresses:
    """Deploy the three contracts; the last account is the treasury, all hold tokens."""
    return trio.run(deploy_test_market, devchain)


async def deploy_test_market(chain: Devchain) -> MarketAddresses:
    """Deploy a market in which every account of the chain holds `ALLOWANCE`."""
    keys = [AccountKey.from_bytes(raw) for raw in chain.private_keys]
    async with open_rpc(chain.url) as rpc:
        transactions = Transactions(rpc, keys[0], chain.chain_id, poll_s=POLL_S)
        addresses = await deploy_market(
            transactions, treasury=keys[-1].address, supply_to=keys[0].address
        )
        for key in keys[1:]:
            data = function(TOKEN, "transfer").call(key.address.raw, ALLOWANCE.units)
            await transactions.send(addresses.token, data, action="fund")
    return addresses
