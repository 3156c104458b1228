"""The host among honest, clumsy and hostile peers, over real sockets."""

import os
import random
import socket
from pathlib import Path

import pytest
import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.network.exceptions import SwarmException
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from libp2p.peer.peerstore import PeerStoreError
from libp2p.security.insecure.transport import PLAINTEXT_PROTOCOL_ID, InsecureTransport
from multiaddr.multiaddr import Multiaddr
from tests.unit.node.p2p.hosts import (
    NOBODY,
    answers,
    contact,
    echo,
    open_node,
    open_plain_host,
    port_of,
)

from mesg.marketplace.domain.errors import InvalidInput, PeerUnavailable, Unavailable
from mesg.marketplace.domain.identity import PeerId
from mesg.node.p2p.host import HostLimits
from mesg.node.p2p.identity import new_identity
from mesg.node.p2p.network import SESSION_PROTOCOL
from mesg.node.ports import Network, PeerStream


def _info(network: Network) -> PeerInfo:
    addresses = [Multiaddr(text) for text in network.addresses()]
    return PeerInfo(ID.from_base58(network.peer), addresses)


async def _found(seeker: Network, directory: object, key: bytes) -> PeerId:
    with trio.fail_after(20):
        while not (found := await directory.find(key, want=1)):  # type: ignore[attr-defined]
            await trio.sleep(0.05)
    assert await answers(seeker, found[0].peer, found[0].addresses)
    peer: PeerId = found[0].peer
    return peer


async def test_three_nodes_meet_find_and_talk_by_one_bootstrap_address() -> None:
    async with open_node() as bootstrap:
        known = [contact(bootstrap.network)]
        async with open_node(bootstrap=known) as provider, open_node(bootstrap=known) as seeker:
            for host in (bootstrap, provider, seeker):
                host.network.serve_streams(echo)
            await provider.directory.provide(b"key")

            found = await _found(seeker.network, seeker.directory, b"key")

            assert found == provider.network.peer
            assert await answers(provider.network, seeker.network.peer, seeker.network.addresses())


async def test_a_node_that_started_before_its_bootstrap_node_joins_later() -> None:
    identity = new_identity()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"/ip4/127.0.0.1/tcp/{port}"
    async with open_node(bootstrap=[f"{address}/p2p/{identity.peer}"]) as early:
        await early.directory.provide(b"key")
        async with open_node(identity=identity, listen=[address]) as late:
            early.network.serve_streams(echo)

            assert await _found(late.network, late.directory, b"key") == early.network.peer


async def test_networks_of_different_names_do_not_mix() -> None:
    async with open_node(network_name="one") as one:
        one.network.serve_streams(echo)
        await one.directory.provide(b"key")
        async with open_node(network_name="other", bootstrap=[contact(one.network)]) as other:
            assert await answers(other.network, one.network.peer, one.network.addresses())

            assert list(await other.directory.find(b"key", want=1)) == []


async def test_a_node_that_does_not_serve_the_dht_still_provides_and_finds() -> None:
    async with open_node() as server:
        known = [contact(server.network)]
        async with (
            open_node(bootstrap=known, serves_dht=False) as provider,
            open_node(bootstrap=known, serves_dht=False) as seeker,
        ):
            provider.network.serve_streams(echo)
            await provider.directory.provide(b"key")

            found = await _found(seeker.network, seeker.directory, b"key")

            assert found == provider.network.peer


async def test_a_peer_with_another_key_at_the_address_is_refused() -> None:
    async with open_node() as one, open_node() as other:
        with pytest.raises(PeerUnavailable):
            await one.network.open_stream(NOBODY, other.network.addresses())


async def test_one_good_address_among_dead_ones_is_enough() -> None:
    dead = [f"/ip4/127.0.0.1/tcp/{port}" for port in (1, 2, 3)]
    async with open_node() as one, open_node() as other:
        other.network.serve_streams(echo)

        addresses = [*dead[:2], *other.network.addresses(), dead[2]]
        assert await answers(one.network, other.network.peer, addresses)


async def test_an_address_learnt_after_a_failure_is_tried_at_once() -> None:
    async with open_node() as one, open_node() as other:
        other.network.serve_streams(echo)
        with pytest.raises(PeerUnavailable):
            await one.network.open_stream(other.network.peer, ["/ip4/127.0.0.1/tcp/1"])

        assert await answers(one.network, other.network.peer, other.network.addresses())


async def test_three_hundred_connections_come_and_go_and_the_next_is_accepted() -> None:
    limits = HostLimits(connections_max=12, connections_high=12)
    async with open_node(limits=limits) as node:
        node.network.serve_streams(echo)
        async with trio.open_nursery() as nursery:
            for _ in range(6):
                nursery.start_soon(_come_and_go, _info(node.network), 50)
        async with open_node() as fresh:
            assert await answers(fresh.network, node.network.peer, node.network.addresses())


async def _come_and_go(info: PeerInfo, times: int) -> None:
    async with open_plain_host() as host:
        for _ in range(times):
            await host.connect(info)
            await host.disconnect(info.peer_id)


async def test_a_client_without_encryption_is_refused() -> None:
    keys = create_new_key_pair()
    plain = {TProtocol(PLAINTEXT_PROTOCOL_ID): InsecureTransport(keys)}
    async with open_node() as node, open_plain_host(plain, keys) as host:
        with pytest.raises(SwarmException):
            await host.connect(_info(node.network))

        assert node.network.connections() == []


async def test_garbage_on_the_port_harms_nobody() -> None:
    async with open_node() as node, open_node() as friend:
        node.network.serve_streams(echo)
        assert await answers(friend.network, node.network.peer, node.network.addresses())

        async def throw_garbage(seed: int) -> None:
            content = random.Random(seed).randbytes(4096)  # noqa: S311
            stream = await trio.open_tcp_stream("127.0.0.1", port_of(node.network))
            async with stream:
                with trio.move_on_after(1):
                    await stream.send_all(content)
                    await stream.receive_some()

        async with trio.open_nursery() as nursery:
            for seed in range(50):
                nursery.start_soon(_tolerantly, throw_garbage, seed)

        assert await answers(friend.network, node.network.peer)
        async with open_node() as fresh:
            assert await answers(fresh.network, node.network.peer, node.network.addresses())


async def _tolerantly(throw: object, seed: int) -> None:
    try:
        await throw(seed)  # type: ignore[operator]
    except (trio.BrokenResourceError, OSError):
        return


async def test_unfinished_handshakes_do_not_keep_others_out() -> None:
    async with open_node() as node:
        node.network.serve_streams(echo)
        idle = [await trio.open_tcp_stream("127.0.0.1", port_of(node.network)) for _ in range(20)]

        async with open_node() as fresh:
            assert await answers(fresh.network, node.network.peer, node.network.addresses())
        for stream in idle:
            await stream.aclose()


async def test_garbage_within_a_session_or_the_dht_harms_nobody() -> None:
    async with open_node() as node, open_plain_host() as host:
        node.network.serve_streams(_strict)
        info = _info(node.network)
        await host.connect(info)
        kad = TProtocol("/mesg/test/kad/1.0.0")
        for protocol in (
            SESSION_PROTOCOL,
            kad,
            TProtocol("/ipfs/id/1.0.0"),
            TProtocol("/ipfs/ping/1.0.0"),
        ):
            for content in (b"\x05\xff\xff\xff\xff\xff", b"\xff" * 20, os.urandom(500)):
                stream = await host.new_stream(info.peer_id, [protocol])
                await stream.write(content)
                await stream.close()
        await trio.sleep(0.2)

        node.network.serve_streams(echo)
        async with open_node() as fresh:
            assert await answers(fresh.network, node.network.peer, node.network.addresses())


async def _strict(stream: PeerStream) -> None:
    await stream.receive_some()
    raise ValueError("this is no session")


async def test_only_our_protocols_are_offered() -> None:
    async with open_node() as node, open_plain_host() as host:
        info = _info(node.network)
        await host.connect(info)
        with trio.fail_after(10):
            while not _protocols(host, info.peer_id):
                await trio.sleep(0.05)

        offered = set(_protocols(host, info.peer_id))
        assert {str(SESSION_PROTOCOL), "/mesg/test/kad/1.0.0"} <= offered
        assert not any("ipfs/kad" in each or "meshsub" in each for each in offered)


def _protocols(host: object, peer: ID) -> list[str]:
    try:
        return list(host.get_peerstore().get_protocols(peer))  # type: ignore[attr-defined]
    except PeerStoreError:
        return []


async def test_a_slow_reader_is_waited_for() -> None:
    async def read_late(stream: PeerStream) -> None:
        await trio.sleep(0.5)
        size = 0
        while size < 3_000_000:
            size += len(await stream.receive_some())
        await stream.send_all(b"all")

    with trio.fail_after(20):
        async with open_node() as one, open_node() as other:
            other.network.serve_streams(read_late)
            stream = await one.network.open_stream(other.network.peer, other.network.addresses())
            await stream.send_all(bytes(3_000_000))
            assert await stream.receive_some() == b"all"


async def test_when_a_node_leaves_its_peers_streams_end_at_once() -> None:
    with trio.fail_after(20):
        async with open_node() as stayer:
            stayer.network.serve_streams(echo)
            async with open_node() as leaver:
                leaver.network.serve_streams(echo)
                stream = await stayer.network.open_stream(
                    leaver.network.peer, leaver.network.addresses()
                )
            with pytest.raises(PeerUnavailable):
                await stream.receive_some()
            assert stayer.network.connections() == []


async def test_leaving_leaves_no_task_and_no_open_file() -> None:
    async def life() -> None:
        async with open_node() as one, open_node(bootstrap=[contact(one.network)]) as other:
            one.network.serve_streams(echo)
            await other.directory.provide(b"key")
            assert await answers(other.network, one.network.peer)

    await life()
    tasks = trio.lowlevel.current_statistics().tasks_living
    files = _open_files()
    for _ in range(3):
        await life()

    assert trio.lowlevel.current_statistics().tasks_living == tasks
    assert _open_files() == files


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_cancelled_openings_leave_no_stream_behind() -> None:
    async with open_node() as one, open_node() as other:
        other.network.serve_streams(echo)
        assert await answers(one.network, other.network.peer, other.network.addresses())
        for number in range(300):
            with trio.move_on_after(0.0001 * (number % 30)):
                stream = await one.network.open_stream(other.network.peer)
                await stream.aclose()

        assert await answers(one.network, other.network.peer)


async def test_a_port_that_is_taken_is_reported() -> None:
    async with open_node() as node:
        with pytest.raises(Unavailable):
            async with open_node(listen=node.network.addresses()):
                pytest.fail("two nodes listen on one port")


@pytest.mark.parametrize("listen", ["nonsense", "/ip4/127.0.0.1/udp/4001"])
async def test_a_malformed_address_is_reported(listen: str) -> None:
    with pytest.raises(InvalidInput):
        async with open_node(listen=[listen]):
            pytest.fail("it listens on nonsense")


async def test_a_node_on_all_interfaces_announces_addresses_that_can_be_dialled() -> None:
    async with open_node(listen=["/ip4/0.0.0.0/tcp/0"]) as node, open_node() as other:
        node.network.serve_streams(echo)

        assert not any("/0.0.0.0/" in text for text in node.network.addresses())
        assert await answers(other.network, node.network.peer, node.network.addresses())
