"""The provide scheduler, with neighbours made up and a clock of its own."""

import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio
from libp2p.peer.id import ID
from trio.testing import MockClock

from mesg.node.p2p.announcer import PER_WINDOW, WINDOW_S, Announcer
from mesg.node.p2p.records import multihash


class Neighbourhood:
    """Peers that confirm unless told to refuse."""

    def __init__(self, size: int) -> None:
        self.peers = [ID(bytes([number])) for number in range(size)]
        self.told: list[tuple[float, ID, bytes]] = []
        self.refusing = 0
        self.own: set[bytes] = set()

    def closest_known(self, key: bytes) -> list[ID]:  # noqa: ARG002
        return list(self.peers)

    async def closest_in_network(self, key: bytes) -> list[ID]:  # noqa: ARG002
        await trio.lowlevel.checkpoint()
        return list(self.peers)

    async def tell(self, peer: ID, name: bytes) -> None:
        await trio.sleep(0.01)
        if self.refusing:
            self.refusing -= 1
            raise ConnectionError("busy")
        self.told.append((trio.current_time(), peer, name))

    def expel(self, peer: ID) -> None:
        pass

    def note_own(self, key: bytes) -> None:
        self.own.add(key)

    def forget_own(self, key: bytes) -> None:
        self.own.discard(key)


@asynccontextmanager
async def _running(neighbourhood: Neighbourhood) -> AsyncGenerator[Announcer]:
    announcer = Announcer(neighbourhood, rng=random.Random(1))  # noqa: S311
    async with trio.open_nursery() as nursery:
        nursery.start_soon(announcer.run)
        yield announcer
        nursery.cancel_scope.cancel()


async def test_every_neighbour_is_told_every_key_once(autojump_clock: MockClock) -> None:
    neighbourhood = Neighbourhood(3)
    async with _running(neighbourhood) as announcer:
        announcer.add(b"one")
        announcer.add(b"two")
        announcer.add(b"two")
        await trio.sleep(600)

    told = Counter((peer, name) for _, peer, name in neighbourhood.told)
    names = (multihash(b"one"), multihash(b"two"))
    assert told == {(peer, name): 1 for peer in neighbourhood.peers for name in names}


async def test_a_key_provided_before_any_peer_is_known_is_told_to_the_first_one(
    autojump_clock: MockClock,
) -> None:
    neighbourhood = Neighbourhood(0)
    async with _running(neighbourhood) as announcer:
        announcer.add(b"key")
        await trio.sleep(100)
        neighbourhood.peers.append(ID(b"first"))
        announcer.wake()
        await trio.sleep(1)

    assert [(peer, name) for _, peer, name in neighbourhood.told] == [
        (ID(b"first"), multihash(b"key"))
    ]


async def test_no_peer_is_told_more_than_it_accepts(autojump_clock: MockClock) -> None:
    neighbourhood = Neighbourhood(1)
    async with _running(neighbourhood) as announcer:
        for number in range(50):
            announcer.add(b"key %d" % number)
        await trio.sleep(120)

    times = [at for at, _, _ in neighbourhood.told]
    assert len(times) == 50
    for first, later in zip(times, times[PER_WINDOW:], strict=False):
        assert later - first >= WINDOW_S - 0.5


async def test_a_peer_that_did_not_confirm_is_told_again(autojump_clock: MockClock) -> None:
    neighbourhood = Neighbourhood(1)
    neighbourhood.refusing = 3
    async with _running(neighbourhood) as announcer:
        announcer.add(b"key")
        await trio.sleep(60)

    assert len(neighbourhood.told) == 1


async def test_what_is_provided_is_repeated_within_hours_until_withdrawn(
    autojump_clock: MockClock,
) -> None:
    neighbourhood = Neighbourhood(1)
    async with _running(neighbourhood) as announcer:
        announcer.add(b"key")
        await trio.sleep(24 * 3600)
        told_in_a_day = len(neighbourhood.told)
        announcer.remove(b"key")
        await trio.sleep(24 * 3600)

    assert 5 <= told_in_a_day <= 8
    assert len(neighbourhood.told) == told_in_a_day
    assert neighbourhood.own == set()
