"""The development chain: it is there when promised, and gone however its owner ends."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio
from tests.conftest import CONTRACTS

from mesg.marketplace.chain.devchain import Devchain, find_anvil, open_devchain
from mesg.marketplace.chain.rpc import open_rpc, quantity
from mesg.marketplace.domain.errors import ChainUnavailable

pytestmark = pytest.mark.chain

OWNER = f"""
import sys, trio
from pathlib import Path
from mesg.marketplace.chain.devchain import open_devchain
async def main():
    async with open_devchain(Path({str(CONTRACTS)!r})) as chain:
        print(chain.url, flush=True)
        await trio.sleep_forever()
trio.run(main)
"""


async def answers(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        stream = await trio.open_tcp_stream(host, int(port))
    except OSError:
        return False
    await stream.aclose()
    return True


async def test_the_chain_answers_inside_the_block_and_is_gone_after_it() -> None:
    async with open_devchain(CONTRACTS) as chain:
        async with open_rpc(chain.url) as rpc:
            assert quantity(await rpc.call("eth_chainId")) == chain.chain_id
        assert len(chain.private_keys) == 10

    assert not await answers(chain.url)


async def test_options_reach_anvil() -> None:
    async with open_devchain(CONTRACTS, options=["--accounts", "3"]) as chain:
        assert len(chain.private_keys) == 3


def test_keys_are_not_shown(devchain: Devchain) -> None:
    assert devchain.private_keys[0].hex() not in repr(devchain)


async def test_an_owner_that_is_killed_leaves_no_orphan() -> None:
    owner = await trio.lowlevel.open_process([sys.executable, "-c", OWNER], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    async with owner.stdout:
        url = (await owner.stdout.receive_some()).decode().strip()
        assert await answers(url)

        owner.kill()
        await owner.wait()

    with trio.fail_after(10):
        while await answers(url):
            await trio.sleep(0.05)


async def test_a_chain_that_cannot_start_says_why() -> None:
    with pytest.raises(ChainUnavailable, match="anvil did not start"):
        async with open_devchain(CONTRACTS, options=["--no-such-option"]):
            pass


async def test_the_environment_may_name_the_binary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANVIL", "/opt/anvil")

    assert await find_anvil(CONTRACTS) == Path("/opt/anvil")
