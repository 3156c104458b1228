"""What every `Network` promises: the same tests on the libp2p host and on its in-memory twin."""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import base58
import pytest
import trio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mesg.marketplace.domain.errors import PeerUnavailable
from mesg.marketplace.domain.identity import PeerId
from mesg.node.p2p.host import open_host
from mesg.node.p2p.identity import new_identity
from mesg.node.ports import Network, PeerStream
from mesg.node.testing.memory_network import open_memory_hub

LOOPBACK = ("/ip4/127.0.0.1/tcp/0",)
NOBODY = PeerId("12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X")

OpenNetworks = Callable[[int], AbstractAsyncContextManager[list[Network]]]


@asynccontextmanager
async def _open_memory(size: int) -> AsyncGenerator[list[Network]]:
    async with open_memory_hub() as hub:
        yield [hub.join() for _ in range(size)]


@asynccontextmanager
async def _open_libp2p(size: int) -> AsyncGenerator[list[Network]]:
    async with AsyncExitStack() as stack:
        hosts = [
            await stack.enter_async_context(
                open_host(
                    identity=new_identity(),
                    network_name="test",
                    listen=LOOPBACK,
                    rng=random.Random(number),  # noqa: S311
                )
            )
            for number in range(size)
        ]
        yield [host.network for host in hosts]


@pytest.fixture(params=[_open_memory, _open_libp2p], ids=["memory", "libp2p"])
def open_networks(request: pytest.FixtureRequest) -> OpenNetworks:
    opener: OpenNetworks = request.param
    return opener


async def _echo(stream: PeerStream) -> None:
    while data := await stream.receive_some():
        await stream.send_all(data)


async def _receive_exactly(stream: PeerStream, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        data = await stream.receive_some()
        assert data, f"the stream ended after {len(received)} of {size} bytes"
        received += data
    return bytes(received)


async def test_bytes_go_both_ways_and_each_side_knows_the_other(
    open_networks: OpenNetworks,
) -> None:
    seen: list[PeerId] = []

    async def handler(stream: PeerStream) -> None:
        seen.append(stream.peer)
        await _echo(stream)

    with trio.fail_after(20):
        async with open_networks(2) as (one, other):
            other.serve_streams(handler)

            stream = await one.open_stream(other.peer, other.addresses())
            await stream.send_all(b"hello")

            assert await _receive_exactly(stream, 5) == b"hello"
            assert stream.peer == other.peer
            assert seen == [one.peer]


async def test_five_megabytes_arrive_whole_and_in_order(open_networks: OpenNetworks) -> None:
    content = random.Random(5).randbytes(5_000_000)  # noqa: S311
    with trio.fail_after(30):
        async with open_networks(2) as (one, other):
            other.serve_streams(_echo)
            stream = await one.open_stream(other.peer, other.addresses())

            async with trio.open_nursery() as nursery:
                nursery.start_soon(stream.send_all, content)
                received = await _receive_exactly(stream, len(content))

            assert received == content


async def test_a_closed_stream_ends_for_the_other_side_after_what_was_sent(
    open_networks: OpenNetworks,
) -> None:
    received = bytearray()
    ended = trio.Event()

    async def handler(stream: PeerStream) -> None:
        while data := await stream.receive_some():
            received.extend(data)
        ended.set()

    with trio.fail_after(20):
        async with open_networks(2) as (one, other):
            other.serve_streams(handler)
            stream = await one.open_stream(other.peer, other.addresses())
            await stream.send_all(b"last words")

            await stream.aclose()
            await stream.aclose()

            await ended.wait()
            assert bytes(received) == b"last words"


async def test_when_the_handler_returns_the_stream_ends(open_networks: OpenNetworks) -> None:
    async def handler(stream: PeerStream) -> None:
        await stream.send_all(b"bye")

    with trio.fail_after(20):
        async with open_networks(2) as (one, other):
            other.serve_streams(handler)
            stream = await one.open_stream(other.peer, other.addresses())

            assert await _receive_exactly(stream, 3) == b"bye"
            assert await stream.receive_some() == b""


async def test_a_stream_opened_before_anybody_serves_waits(open_networks: OpenNetworks) -> None:
    with trio.fail_after(20):
        async with open_networks(2) as (one, other):
            stream = await one.open_stream(other.peer, other.addresses())
            await stream.send_all(b"early")

            other.serve_streams(_echo)

            assert await _receive_exactly(stream, 5) == b"early"


async def test_a_failing_handler_costs_its_stream_only(open_networks: OpenNetworks) -> None:
    async def handler(stream: PeerStream) -> None:
        if await stream.receive_some() == b"fail":
            raise ValueError("a bug in a handler")
        await stream.send_all(b"fine")

    with trio.fail_after(20):
        async with open_networks(2) as (one, other):
            other.serve_streams(handler)
            unlucky = await one.open_stream(other.peer, other.addresses())
            await unlucky.send_all(b"fail")
            with pytest.raises(PeerUnavailable):
                await unlucky.receive_some()

            lucky = await one.open_stream(other.peer)
            await lucky.send_all(b"ok")

            assert await _receive_exactly(lucky, 4) == b"fine"


async def test_a_peer_that_is_not_there_is_unavailable(open_networks: OpenNetworks) -> None:
    with trio.fail_after(20):
        async with open_networks(1) as (one,):
            with pytest.raises(PeerUnavailable):
                await one.open_stream(NOBODY, ["/ip4/127.0.0.1/tcp/1", "nonsense"])
            with pytest.raises(PeerUnavailable):
                await one.open_stream(one.peer, one.addresses())


async def test_a_cancelled_writer_does_not_tear_the_connection(
    open_networks: OpenNetworks,
) -> None:
    stalled: list[PeerStream] = []

    async def handler(stream: PeerStream) -> None:
        if (await stream.receive_some()).startswith(b"stall"):
            stalled.append(stream)
            await trio.sleep_forever()
        await stream.send_all(b"alive")

    with trio.fail_after(30):
        async with open_networks(2) as (one, other):
            other.serve_streams(handler)
            for _ in range(20):
                stream = await one.open_stream(other.peer, other.addresses())
                await stream.send_all(b"stall")
                with trio.move_on_after(0.02) as scope:
                    await stream.send_all(bytes(3_000_000))
                assert scope.cancelled_caught

            probe = await one.open_stream(other.peer)
            await probe.send_all(b"probe")

            assert await _receive_exactly(probe, 5) == b"alive"
            assert {each.peer for each in one.connections()} == {other.peer}


async def test_connections_are_shown_from_both_sides(open_networks: OpenNetworks) -> None:
    with trio.fail_after(20):
        async with open_networks(2) as (one, other):
            other.serve_streams(_echo)
            stream = await one.open_stream(other.peer, other.addresses())
            await stream.send_all(b"x")
            await stream.receive_some()

            (outbound,) = one.connections()
            (inbound,) = other.connections()

            assert (outbound.peer, outbound.direction) == (other.peer, "outbound")
            assert (inbound.peer, inbound.direction) == (one.peer, "inbound")
            assert outbound.address in other.addresses()


async def test_a_node_signs_with_the_key_its_id_is_made_of(open_networks: OpenNetworks) -> None:
    with trio.fail_after(20):
        async with open_networks(1) as (one,):
            public_key = base58.b58decode(one.peer)[-32:]

            signature = one.sign(b"message")

            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, b"message")
