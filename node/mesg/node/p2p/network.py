"""The libp2p host as the node uses it: `Network`."""

from collections.abc import Sequence

import structlog
import trio
from libp2p.abc import IHost, INetConn, INetStream
from libp2p.custom_types import TProtocol
from libp2p.rcmgr import Direction

from mesg.marketplace.domain.errors import InvalidInput, PeerUnavailable
from mesg.marketplace.domain.identity import PeerId
from mesg.node.p2p.addresses import as_texts, libp2p_id, parse_hints, peer_text
from mesg.node.p2p.identity import Identity
from mesg.node.p2p.streams import END_S_MAX, SessionStream, end_stream
from mesg.node.ports import PeerConnection, PeerStream, StreamHandler

SESSION_PROTOCOL = TProtocol("/mesg/session/1.0.0")
OPEN_S_MAX = 20.0
"""Dialling and negotiating together, should the caller have set no earlier deadline."""
HANDLER_S_MAX = 10.0
"""How long a stream that comes before anybody serves streams is kept waiting."""
ADDRESS_TTL_S = 120
"""How long addresses that a caller names may be dialled."""

log = structlog.get_logger("mesg.p2p")


class Libp2pNetwork:
    """Encrypted connections between peers, and one protocol on them: the session."""

    def __init__(self, host: IHost, identity: Identity) -> None:
        self._host = host
        self._identity = identity
        self._peer = identity.peer
        self._handler: StreamHandler | None = None
        self._is_served = trio.Event()
        host.set_stream_handler(SESSION_PROTOCOL, self._on_stream)

    @property
    def peer(self) -> PeerId:
        """This node's id."""
        return self._peer

    def addresses(self) -> tuple[str, ...]:
        """Return the multiaddrs that others may dial, without the /p2p part."""
        return as_texts(self._host.get_addrs())

    def sign(self, message: bytes) -> bytes:
        """Sign with the node's ed25519 identity key."""
        return self._identity.sign(message)

    def connections(self) -> Sequence[PeerConnection]:
        """Return the live connections."""
        return [
            described
            for connection in self._host.get_network().get_connections()
            if not connection.is_closed and (described := _describe(connection)) is not None
        ]

    async def open_stream(self, peer: PeerId, addresses: Sequence[str] = ()) -> PeerStream:
        """Open a session stream, dialling all addresses if need be; raise PeerUnavailable."""
        if peer == self._peer:
            raise PeerUnavailable("a node opens no session with itself")
        peer_id = libp2p_id(peer)
        if hints := parse_hints(addresses):
            self._host.get_peerstore().add_addrs(peer_id, hints, ADDRESS_TTL_S)
        try:
            with trio.fail_after(OPEN_S_MAX):
                stream = await self._host.new_stream(peer_id, [SESSION_PROTOCOL])
        except trio.TooSlowError as error:
            raise PeerUnavailable(f"the peer {peer} did not answer in {OPEN_S_MAX:g} s") from error
        # Dialling and negotiating parse a stranger's bytes: libp2p, Noise, protobuf raise anything.
        except Exception as error:
            raise PeerUnavailable(f"the peer {peer} cannot be reached: {error}") from error
        return SessionStream(stream, peer)

    def serve_streams(self, handler: StreamHandler) -> None:
        """Set who serves session streams that others open; streams that came earlier wait for it."""
        self._handler = handler
        self._is_served.set()

    async def _on_stream(self, stream: INetStream) -> None:
        is_done = False
        try:
            peer = peer_text(stream.muxed_conn.peer_id)
            with trio.fail_after(HANDLER_S_MAX):
                await self._is_served.wait()
            if self._handler is not None:
                await self._handler(SessionStream(stream, peer))
            is_done = True
        except PeerUnavailable as error:
            log.debug("session_lost", why=str(error))
        except (InvalidInput, trio.TooSlowError) as error:
            log.info("session_refused", peer=str(stream.muxed_conn.peer_id), why=str(error))
        finally:
            with trio.move_on_after(END_S_MAX, shield=True):
                await end_stream(stream, gracefully=is_done)


def _describe(connection: INetConn) -> PeerConnection | None:
    try:
        peer = peer_text(connection.muxed_conn.peer_id)
    except InvalidInput:
        return None
    addresses = as_texts(connection.get_transport_addresses())
    is_inbound = getattr(connection, "direction", None) is Direction.INBOUND
    return PeerConnection(
        peer=peer,
        address=addresses[0] if addresses else "",
        direction="inbound" if is_inbound else "outbound",
    )
