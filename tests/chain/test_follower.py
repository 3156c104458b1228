"""Following a chain that changes its mind: what a reorganisation takes back is told, in order."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
from tests.conftest import CONTRACTS, POLL_S, deploy_test_market

from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.follower import Follower
from mesg.marketplace.chain.ledger import EthereumLedger, open_ledger
from mesg.marketplace.chain.rpc import JsonRpc, open_rpc
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.ports import Cursor, MarketChange, Observed, VersionPublished

pytestmark = pytest.mark.chain

WEATHER = ServiceId("weather.acme")
PACKAGE = Digest(b"p" * 32)


@dataclass(frozen=True)
class Scene:
    """A chain of its own, because it will be reorganised."""

    rpc: JsonRpc
    ledger: EthereumLedger

    async def publish(self, letter: str) -> MarketChange:
        manifest = Digest(letter.encode() * 32)
        version, _ = await self.ledger.publish_version(
            WEATHER, manifest=manifest, package=PACKAGE, uri=letter
        )
        return VersionPublished(WEATHER.number, version.index, manifest, PACKAGE, letter)


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    async with open_devchain(CONTRACTS) as chain:
        addresses = await deploy_test_market(chain)
        key = AccountKey.from_bytes(chain.private_keys[1])
        async with (
            open_rpc(chain.url) as rpc,
            open_ledger([chain.url], addresses, key, poll_s=POLL_S) as ledger,
        ):
            await ledger.register(WEATHER)
            yield Scene(rpc, ledger)


def told(changes: tuple[Observed, ...] | list[Observed]) -> list[tuple[MarketChange, bool]]:
    return [(seen.change, seen.dropped) for seen in changes]


async def test_a_reorganisation_drops_newest_first_and_then_adds(scene: Scene) -> None:
    _, cursor = await scene.ledger.changes(Cursor(0))
    first, second = await scene.publish("a"), await scene.publish("b")
    seen, cursor = await scene.ledger.changes(cursor)
    assert told(list(seen)) == [(first, False), (second, False)]

    await scene.rpc.call("anvil_reorg", 2, [])
    third = await scene.publish("c")
    seen, cursor = await scene.ledger.changes(cursor)

    assert told(list(seen)) == [(second, True), (first, True), (third, False)]
    assert list((await scene.ledger.changes(cursor))[0]) == []


async def test_blocks_that_vanish_are_noticed_before_new_ones_come(scene: Scene) -> None:
    _, cursor = await scene.ledger.changes(Cursor(0))
    gone = await scene.publish("a")
    _, cursor = await scene.ledger.changes(cursor)

    await scene.rpc.call("anvil_rollback", 1)
    seen, cursor = await scene.ledger.changes(cursor)

    assert told(list(seen)) == [(gone, True)]
    assert list((await scene.ledger.changes(cursor))[0]) == []


async def test_an_old_cursor_catches_up_and_a_new_follower_goes_on(scene: Scene) -> None:
    start = Cursor(0)
    await scene.publish("a")
    await scene.rpc.call("anvil_mine", "0x64")
    seen, cursor = await scene.ledger.changes(start)
    restarted = Follower(scene.ledger.contracts.rpc, scene.ledger.addresses)
    fresh = await scene.publish("b")

    again, _ = await restarted.changes(cursor)

    assert len(seen) == 2
    assert told(list(again)) == [(fresh, False)]
    assert len(cursor.recent) == 64
