"""What every `Directory` promises: the same tests on our DHT and on its in-memory twin."""

import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import pytest
import trio

from mesg.node.p2p.host import P2pHost, open_host
from mesg.node.p2p.identity import new_identity
from mesg.node.ports import Directory, FoundPeer, Network
from mesg.node.testing.memory_directory import MemoryDirectory
from mesg.node.testing.memory_network import open_memory_hub

LOOPBACK = ("/ip4/127.0.0.1/tcp/0",)
FOUND_S_MAX = 10.0


class Member(NamedTuple):
    network: Network
    directory: Directory


OpenMembers = Callable[[int], AbstractAsyncContextManager[list[Member]]]


@asynccontextmanager
async def _open_memory(size: int) -> AsyncGenerator[list[Member]]:
    async with open_memory_hub() as hub:
        networks = [hub.join() for _ in range(size)]
        yield [Member(network, MemoryDirectory(hub, network)) for network in networks]


@asynccontextmanager
async def _open_libp2p(size: int) -> AsyncGenerator[list[Member]]:
    """Open nodes that know nothing but the first one's address."""
    async with AsyncExitStack() as stack:
        hosts: list[P2pHost] = []
        for number in range(size):
            host = await stack.enter_async_context(
                open_host(
                    identity=new_identity(),
                    network_name="test",
                    listen=LOOPBACK,
                    bootstrap=[
                        f"{address}/p2p/{first.network.peer}"
                        for first in hosts[:1]
                        for address in first.network.addresses()
                    ],
                    rng=random.Random(number),  # noqa: S311
                )
            )
            hosts.append(host)
        yield [Member(host.network, host.directory) for host in hosts]


@pytest.fixture(params=[_open_memory, _open_libp2p], ids=["memory", "libp2p"])
def open_members(request: pytest.FixtureRequest) -> OpenMembers:
    opener: OpenMembers = request.param
    return opener


async def _find_until(directory: Directory, key: bytes, want: int) -> Sequence[FoundPeer]:
    with trio.fail_after(FOUND_S_MAX):
        # Being found takes a moment: records are told in the background.
        while len(found := await directory.find(key, want=want)) < want:
            await trio.sleep(0.05)
    return found


async def test_what_one_node_provides_another_finds_and_can_dial(
    open_members: OpenMembers,
) -> None:
    async with open_members(3) as (_bootstrap, provider, seeker):
        await provider.directory.provide(b"weather.acme")

        (found,) = await _find_until(seeker.directory, b"weather.acme", want=1)

        assert found == FoundPeer(provider.network.peer, provider.network.addresses())
        stream = await seeker.network.open_stream(found.peer, found.addresses)
        assert stream.peer == provider.network.peer


async def test_the_only_other_node_may_be_the_provider(open_members: OpenMembers) -> None:
    async with open_members(2) as (bootstrap, seeker):
        await bootstrap.directory.provide(b"key")

        (found,) = await _find_until(seeker.directory, b"key", want=1)

        assert found.peer == bootstrap.network.peer


async def test_the_bootstrap_node_itself_finds_what_others_provide(
    open_members: OpenMembers,
) -> None:
    async with open_members(2) as (bootstrap, provider):
        await provider.directory.provide(b"key")

        (found,) = await _find_until(bootstrap.directory, b"key", want=1)

        assert found.peer == provider.network.peer


async def test_several_providers_are_found_each_once_and_never_oneself(
    open_members: OpenMembers,
) -> None:
    async with open_members(4) as (_bootstrap, *others):
        for member in others:
            await member.directory.provide(b"key")
            await member.directory.provide(b"key")

        found = await _find_until(others[0].directory, b"key", want=2)
        all_found = await others[0].directory.find(b"key", want=9)

        expected = {member.network.peer for member in others[1:]}
        assert {each.peer for each in found} == expected
        assert sorted(each.peer for each in all_found) == sorted(expected)


async def test_nobody_has_what_nobody_provides(open_members: OpenMembers) -> None:
    async with open_members(2) as (_bootstrap, seeker):
        with trio.fail_after(FOUND_S_MAX):
            assert list(await seeker.directory.find(b"nothing", want=3)) == []


async def test_a_node_that_withdraws_says_so_no_more_when_asked_itself(
    open_members: OpenMembers,
) -> None:
    async with open_members(2) as (bootstrap, seeker):
        await bootstrap.directory.provide(b"key")
        await bootstrap.directory.provide(b"other")
        await bootstrap.directory.withdraw(b"key")
        await bootstrap.directory.withdraw(b"never provided")

        await _find_until(seeker.directory, b"other", want=1)

        told = [each.peer for each in await bootstrap.directory.find(b"key", want=1)]
        assert told == []
