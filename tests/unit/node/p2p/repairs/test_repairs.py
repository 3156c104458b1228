"""Each repair, and whether libp2p itself still has the fault: when one of the `stock` tests fails, it can go."""

import random
import types
from typing import cast

import pytest
import trio
from libp2p.abc import IHost, INetStream, ISecureConn
from libp2p.custom_types import TProtocol
from libp2p.io import utils
from libp2p.io.abc import Reader
from libp2p.io.exceptions import IncompleteReadError
from libp2p.network.exceptions import SwarmException
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from multiaddr.multiaddr import Multiaddr
from tests.unit.node.p2p.hosts import open_plain_host

from mesg.node.p2p.repairs import (
    auto_connect,
    dialling,
    guarded_handlers,
    inbound_slots,
    pinned,
)
from mesg.node.p2p.repairs.install import install_repairs
from mesg.node.p2p.repairs.muxer import stock_yamux
from mesg.node.p2p.repairs.reading import stock_code
from mesg.node.p2p.yamux.frames import DATA, SYN, WINDOW, WINDOW_BYTES, header

FAILING = TProtocol("/test/failing/1")
DEAD = Multiaddr("/ip4/127.0.0.1/tcp/1")


@pytest.fixture(autouse=True)
def _repaired() -> None:
    install_repairs()


class Dribble(Reader):
    """A reader that gives one byte at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = iter(content)

    async def read(self, n: int | None = None) -> bytes:  # noqa: ARG002
        await trio.lowlevel.checkpoint()
        return bytes([byte]) if (byte := next(self._content, None)) is not None else b""


def _info(host: IHost) -> PeerInfo:
    return PeerInfo(host.get_id(), host.get_addrs())


def test_another_version_of_libp2p_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "LIBP2P_VERSION", "0.0.0")

    with pytest.raises(RuntimeError, match=r"the repairs are for libp2p 0\.0\.0, not 0\.8\.1"):
        pinned.require_pinned_libp2p()


async def test_read_exactly_has_patience() -> None:
    content = random.Random(1).randbytes(5000)  # noqa: S311

    assert await utils.read_exactly(Dribble(content), 5000) == content
    with pytest.raises(IncompleteReadError):
        await utils.read_exactly(Dribble(content), 5001)


async def test_stock_read_exactly_gives_up() -> None:
    stock = types.FunctionType(stock_code, vars(utils), "stock", utils.read_exactly.__defaults__)

    with pytest.raises(IncompleteReadError):
        await stock(Dribble(bytes(5000)), 5000, utils.DEFAULT_RETRY_READ_COUNT)


async def _fail(stream: INetStream) -> None:
    await stream.read(1)
    raise ValueError("malformed packet")


async def _provoke(host: IHost, victim: IHost) -> None:
    victim.set_stream_handler(FAILING, _fail)
    await host.connect(_info(victim))
    stream = await host.new_stream(victim.get_id(), [FAILING])
    await stream.write(b"x")
    await trio.sleep(0.2)


async def test_a_failing_stream_handler_is_survived() -> None:
    async with open_plain_host() as victim, open_plain_host() as host:
        await _provoke(host, victim)
        await _provoke(host, victim)
        assert host.get_connected_peers() == [victim.get_id()]


async def test_stock_host_dies_of_a_failing_stream_handler() -> None:
    with pytest.RaisesGroup(
        pytest.RaisesExc(ValueError, match="malformed packet"), flatten_subgroups=True
    ):
        async with open_plain_host() as host, open_plain_host() as victim:
            network = victim.get_network()
            network.set_stream_handler(
                types.MethodType(guarded_handlers.stock_stream_handler, victim)
            )
            await _provoke(host, victim)


async def _connect_often(host: IHost, server: IHost, times: int) -> int:
    limiter = server.get_network()._inbound_limiter  # type: ignore[attr-defined]
    for _ in range(times):
        await host.connect(_info(server))
        await host.disconnect(server.get_id())
        await trio.sleep(0.15)
    held: int = limiter.borrowed_tokens
    return held


async def test_an_inbound_slot_is_free_again_after_its_connection() -> None:
    async with open_plain_host() as server, open_plain_host() as host:
        assert await _connect_often(host, server, 5) == 0


async def test_stock_inbound_slots_are_never_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Swarm, "_do_handle_inbound_connection", inbound_slots.stock_inbound_handler
    )
    async with open_plain_host() as server, open_plain_host() as host:
        assert await _connect_often(host, server, 5) == 5


async def test_one_address_holds_few_unfinished_handshakes() -> None:
    async with open_plain_host() as server:
        port = int(server.get_addrs()[0].value_for_protocol("tcp") or 0)
        streams = [
            await trio.open_tcp_stream("127.0.0.1", port)
            for _ in range(inbound_slots.PENDING_HANDSHAKES_MAX + 5)
        ]
        refused = 0
        for stream in streams:
            with trio.move_on_after(0.2):
                # The multistream greeting comes first; a refused connection ends without a word.
                refused += not await stream.receive_some()
            await stream.aclose()

        assert refused == 5


async def test_every_address_is_dialled() -> None:
    async with open_plain_host() as host, open_plain_host() as other:
        peer = other.get_id()
        for address in (DEAD, *other.get_addrs(), Multiaddr("/ip4/127.0.0.1/tcp/2")):
            host.get_peerstore().add_addrs(peer, [address], 60)

        with trio.fail_after(2):
            await host.get_network().dial_peer(peer)

        assert host.get_connected_peers() == [peer]


async def test_a_dial_that_fails_is_not_repeated_at_once() -> None:
    async with open_plain_host() as host, open_plain_host() as other:
        host.get_peerstore().add_addrs(other.get_id(), [DEAD], 60)
        with pytest.raises(SwarmException):
            await host.get_network().dial_peer(other.get_id())
        with pytest.raises(SwarmException, match="a moment ago"):
            await host.get_network().dial_peer(other.get_id())


async def test_stock_dials_the_first_address_only() -> None:
    async with open_plain_host() as host, open_plain_host() as other:
        network = host.get_network()
        network.retry_config.max_retries = 0  # type: ignore[attr-defined]
        host.get_peerstore().add_addrs(other.get_id(), [DEAD, *other.get_addrs()], 60)
        with pytest.raises(SwarmException):
            await dialling.stock_dial_peer(network, other.get_id())  # type: ignore[arg-type]


async def test_the_swarm_dials_nobody_by_itself() -> None:
    async with open_plain_host() as host, open_plain_host() as other:
        host.get_peerstore().add_addrs(other.get_id(), other.get_addrs(), 60)
        connector = host.get_network().auto_connector  # type: ignore[attr-defined]
        await connector.maybe_connect()
        assert host.get_connected_peers() == []

        await auto_connect.stock_maybe_connect(connector)
        assert host.get_connected_peers() == [other.get_id()]


class Hose:
    """A secured connection from which DATA frames come without leave, then nothing."""

    def __init__(self, frames: bytes) -> None:
        self.is_initiator = False
        self._rest = frames

    async def read(self, n: int | None = None) -> bytes:
        await trio.lowlevel.checkpoint()
        if not self._rest:
            await trio.sleep_forever()
        data, self._rest = self._rest[:n], self._rest[n:] if n else b""
        return data

    async def write(self, data: bytes) -> None:  # noqa: ARG002
        await trio.lowlevel.checkpoint()

    async def close(self) -> None:
        await trio.lowlevel.checkpoint()


async def test_stock_muxer_keeps_what_nobody_gave_leave_to_send() -> None:
    # Ours is tested in test_connection.py: a peer that overflows a window is cut.
    body = bytes(60_000)
    flood = header(WINDOW, SYN, 1, 0) + (header(DATA, 0, 1, len(body)) + body) * 50
    connection = stock_yamux(cast("ISecureConn", Hose(flood)), ID(b"peer"), is_initiator=False)
    kept = 0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.start)
        with trio.move_on_after(10):
            while kept < 50 * len(body):
                await trio.sleep(0.01)
                kept = len(connection.stream_buffers.get(1, b""))
        nursery.cancel_scope.cancel()

    assert kept > 10 * WINDOW_BYTES
