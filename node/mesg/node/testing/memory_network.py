"""Several nodes in one process without sockets: `MemoryNetwork`, a twin of the libp2p host.

Nodes that joined one hub reach each other by peer id; addresses are for show.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count

import base58
import structlog
import trio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mesg.marketplace.domain.errors import PeerUnavailable
from mesg.marketplace.domain.identity import PeerId, parse_peer_id
from mesg.node.ports import PeerConnection, PeerStream, StreamHandler

PIPE_BYTES_MAX = 256 * 1024
"""What may wait for a reader before its writer waits, as on a real stream."""
_ED25519_PEER_ID = bytes.fromhex("002408011220")
"""An identity multihash of a libp2p public key of type ed25519; the key's 32 bytes follow."""

log = structlog.get_logger("mesg.testing")


class _Pipe:
    """Bytes one way: ended by the writer, or broken by either side's leaving."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._is_ended = False
        self._is_broken = False
        self._changed = trio.lowlevel.ParkingLot()

    async def send(self, data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        rest = memoryview(data)
        while rest:
            if self._is_broken or self._is_ended:
                raise PeerUnavailable("the peer went away")
            room = PIPE_BYTES_MAX - len(self._bytes)
            if room <= 0:
                await self._changed.park()
                continue
            self._bytes += rest[:room]
            rest = rest[room:]
            self._changed.unpark_all()

    async def receive(self) -> bytes:
        await trio.lowlevel.checkpoint()
        while not self._bytes:
            if self._is_ended:
                return b""
            if self._is_broken:
                raise PeerUnavailable("the peer went away")
            await self._changed.park()
        data = bytes(self._bytes)
        self._bytes.clear()
        self._changed.unpark_all()
        return data

    def end(self) -> None:
        self._is_ended = True
        self._changed.unpark_all()

    def shut(self) -> None:
        """Say that the reader is gone: what was sent is lost, and a writer is told."""
        self._is_broken = True
        self._bytes.clear()
        self._changed.unpark_all()


class MemoryStream:
    """One end of a stream between two nodes of a hub."""

    def __init__(self, peer: PeerId, incoming: _Pipe, outgoing: _Pipe) -> None:
        self._peer = peer
        self._incoming = incoming
        self._outgoing = outgoing
        self.is_closed = False

    @property
    def peer(self) -> PeerId:
        """Who is at the other end."""
        return self._peer

    async def receive_some(self) -> bytes:
        """Return the next bytes, empty at the end; raise PeerUnavailable if the peer is gone."""
        return await self._incoming.receive()

    async def send_all(self, data: bytes) -> None:
        """Send all bytes; raise PeerUnavailable if the peer is gone. One task writes at a time."""
        await self._outgoing.send(data)

    async def aclose(self) -> None:
        """End the stream both ways; never raises."""
        self.is_closed = True
        self._outgoing.end()
        self._incoming.shut()

    def sever(self) -> None:
        """Break both ways, as when a cable is cut."""
        self.is_closed = True
        self._outgoing.shut()
        self._incoming.shut()


class MemoryNetwork:
    """A node's `Network` on a hub."""

    def __init__(self, hub: "MemoryHub", seed: bytes, number: int) -> None:
        self._hub = hub
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
        public = self._key.public_key().public_bytes_raw()
        self._peer = parse_peer_id(base58.b58encode(_ED25519_PEER_ID + public).decode())
        self._number = number
        self._handler: StreamHandler | None = None
        self._is_served = trio.Event()
        self._streams: list[tuple[MemoryStream, str]] = []

    @property
    def peer(self) -> PeerId:
        """This node's id."""
        return self._peer

    def addresses(self) -> tuple[str, ...]:
        """Return an address that is this node's alone."""
        return (f"/ip4/127.0.0.1/tcp/{self._number}",)

    def sign(self, message: bytes) -> bytes:
        """Sign with the node's ed25519 identity key."""
        return self._key.sign(message)

    def connections(self) -> Sequence[PeerConnection]:
        """Return one connection for each peer that a stream is open with."""
        live = [(stream.peer, way) for stream, way in self._streams if not stream.is_closed]
        first_ways = dict(reversed(live))
        return [
            PeerConnection(peer, self._hub.address_of(peer), way)
            for peer, way in first_ways.items()
        ]

    async def open_stream(self, peer: PeerId, addresses: Sequence[str] = ()) -> PeerStream:  # noqa: ARG002
        """Open a session stream with a node of the hub; raise PeerUnavailable."""
        await trio.lowlevel.checkpoint()
        if peer == self._peer:
            raise PeerUnavailable("a node opens no session with itself")
        other = self._hub.find(peer)
        if other is None:
            raise PeerUnavailable(f"the peer {peer} cannot be reached: it is not on this hub")
        there, back = _Pipe(), _Pipe()
        self._streams = [each for each in self._streams if not each[0].is_closed]
        stream = MemoryStream(peer, back, there)
        self._streams.append((stream, "outbound"))
        other.receive(MemoryStream(self._peer, there, back))
        return stream

    def serve_streams(self, handler: StreamHandler) -> None:
        """Set who serves streams; those that came earlier wait for it."""
        self._handler = handler
        self._is_served.set()

    def receive(self, stream: MemoryStream) -> None:
        """Take a stream that another node opens."""
        self._streams.append((stream, "inbound"))
        self._hub.start(self._serve, stream)

    async def _serve(self, stream: MemoryStream) -> None:
        try:
            await self._is_served.wait()
            if self._handler is not None:
                await self._handler(stream)
            await stream.aclose()
        # As on the real network, a handler's failure ends its stream and nothing else.
        except* Exception as errors:  # noqa: BLE001
            log.info("stream_handler_failed", why=repr(errors.exceptions[0]))
            stream.sever()

    def leave(self) -> None:
        """Cut this node off, as a crash does."""
        self._hub.forget(self)
        for stream, _ in self._streams:
            stream.sever()


class MemoryHub:
    """What connects the nodes; also the table their directories share."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.start = nursery.start_soon
        self.provided: dict[bytes, dict[PeerId, None]] = {}
        self._nodes: dict[PeerId, MemoryNetwork] = {}
        self._numbers = count(1)

    def join(self, seed: bytes | None = None) -> MemoryNetwork:
        """Add a node; its key is made from the seed, else from its number."""
        number = next(self._numbers)
        node = MemoryNetwork(self, seed or b"memory node %d" % number, number)
        self._nodes[node.peer] = node
        return node

    def find(self, peer: PeerId) -> MemoryNetwork | None:
        """Return the node with that id, if it is here."""
        return self._nodes.get(peer)

    def address_of(self, peer: PeerId) -> str:
        """Return the node's address, empty if it left."""
        node = self._nodes.get(peer)
        return node.addresses()[0] if node else ""

    def forget(self, node: MemoryNetwork) -> None:
        """Remove a node."""
        self._nodes.pop(node.peer, None)


@asynccontextmanager
async def open_memory_hub() -> AsyncGenerator[MemoryHub]:
    """Give a hub; leaving the block ends all its streams."""
    async with trio.open_nursery() as nursery:
        yield MemoryHub(nursery)
        nursery.cancel_scope.cancel()
