"""One Yamux connection: a task reads and sorts frames, another writes whatever is queued at once.

    STARTING --start--> OPEN --end of bytes, violation, silence, close--> OVER        (no way back)

A hostile peer costs a bounded amount of memory: windows are enforced, streams and buffered bytes are
counted, and a peer that makes us queue answers it does not read is cut.
"""

from collections.abc import Awaitable, Callable

import structlog
import trio
from libp2p.abc import IMuxedConn, IMuxedStream, ISecureConn
from libp2p.connection_types import ConnectionType
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.peer.id import ID
from multiaddr.multiaddr import Multiaddr

from mesg.node.p2p.yamux.frames import (
    ACK,
    DATA,
    FIN,
    GO_AWAY,
    HEADER,
    PING,
    RST,
    SYN,
    WINDOW,
    WINDOW_BYTES_MAX,
    header,
)
from mesg.node.p2p.yamux.outbox import Outbox
from mesg.node.p2p.yamux.table import StreamTable

PING_EVERY_S = 10.0
SILENCE_S_MAX = 25.0
"""A peer that sends nothing for so long, not even the answer to a ping, is gone."""
CLOSE_S_MAX = 1.0
"""How long closing may take to send what is queued."""
OVER_S_MAX = 5.0
"""How long telling the swarm of the end may take."""

log = structlog.get_logger("mesg.p2p.yamux")


class YamuxViolation(ConnectionClosedError):
    """The peer broke the rules of Yamux; the connection ends."""


class YamuxConnection(IMuxedConn):
    """What libp2p calls a muxed connection; made for it by its name and signature."""

    def __init__(
        self,
        conn: ISecureConn,
        peer_id: ID,
        is_initiator: bool | None = None,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.secured_conn = conn
        self.peer_id = peer_id
        self.on_close = on_close
        self.event_started = trio.Event()
        self.event_closed = trio.Event()
        self._opened_first = conn.is_initiator if is_initiator is None else is_initiator
        self._outbox = Outbox()
        self._streams = StreamTable(self, self._outbox, opened_first=self._opened_first)
        self._heard_at = 0.0
        self._is_closing = False
        self._scope = trio.CancelScope()

    @property
    def is_initiator(self) -> bool:
        """Whether this side dialled."""
        return self._opened_first

    @property
    def is_established(self) -> bool:
        """Whether streams may be opened."""
        return self.event_started.is_set() and not self.is_closed

    @property
    def is_closed(self) -> bool:
        """Whether the connection is over."""
        return self.event_closed.is_set()

    def get_transport_addresses(self) -> list[Multiaddr]:
        """Return the address at the other end."""
        return self.secured_conn.get_transport_addresses()

    def get_connection_type(self) -> ConnectionType:
        """Return whether the connection is direct."""
        return self.secured_conn.get_connection_type()

    def get_remote_address(self) -> tuple[str, int] | None:
        """Return the host and port at the other end."""
        return self.secured_conn.get_remote_address()

    async def open_stream(self) -> IMuxedStream:
        """Open a stream; raise MuxedConnUnavailable if the connection is over or full."""
        # First the checkpoint: a caller cancelled here must not leave an open stream behind.
        await trio.lowlevel.checkpoint()
        return self._streams.open()

    async def accept_stream(self) -> IMuxedStream:
        """Return the next stream the peer opens; raise MuxedConnUnavailable at the end."""
        return await self._streams.accept()

    async def start(self) -> None:
        """Carry frames until the connection is over."""
        self._heard_at = trio.current_time()
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write_frames)
                    nursery.start_soon(self._keep_alive)
                    self.event_started.set()
                    await self._read_frames()
                    nursery.cancel_scope.cancel()
        # Whatever a peer's bytes provoke (a bad tag, a reset, a violation) ends its connection only.
        except* Exception as errors:  # noqa: BLE001
            log.debug("connection_over", peer=str(self.peer_id), why=repr(errors.exceptions[0]))
        finally:
            self.event_started.set()
            with trio.move_on_after(OVER_S_MAX, shield=True):
                await self._end()

    async def close(self) -> None:
        """Tell the peer, send what is queued, and end; idempotent."""
        if self.is_established and not self._is_closing:
            self._is_closing = True
            self._outbox.finish(header(GO_AWAY, 0, 0, 0))
            with trio.move_on_after(CLOSE_S_MAX):
                await self.event_closed.wait()
        self._scope.cancel()
        await self._end()

    async def _end(self) -> None:
        if self.is_closed:
            return
        self.event_closed.set()
        self._outbox.close()
        self._streams.end()
        try:
            await self.secured_conn.close()
            if self.on_close is not None:
                await self.on_close()
        # A socket that fails to close, or a listener of the swarm, must not end the swarm.
        except Exception as error:  # noqa: BLE001
            log.debug("connection_end_failed", peer=str(self.peer_id), why=repr(error))

    async def _write_frames(self) -> None:
        await self._outbox.drain(self.secured_conn.write)
        self._scope.cancel()

    async def _keep_alive(self) -> None:
        while True:
            await trio.sleep(PING_EVERY_S)
            if trio.current_time() - self._heard_at > SILENCE_S_MAX:
                raise ConnectionClosedError(f"silent for {SILENCE_S_MAX} s")
            self._outbox.enqueue(header(PING, SYN, 0, 0))

    async def _read_frames(self) -> None:
        # Bytes that came in the same record as the muxer's negotiation; libp2p has no door to them.
        buffer = bytearray(self.secured_conn._drain(None))  # type: ignore[attr-defined]  # noqa: SLF001
        read_record = self.secured_conn.conn.read_msg  # type: ignore[attr-defined]
        while True:
            del buffer[: self._sort_frames(buffer)]
            if self._outbox.is_flooded or self._streams.is_flooded:
                raise YamuxViolation("yamux: too many bytes are waiting")
            record = await read_record()
            if not record:
                return
            self._heard_at = trio.current_time()
            buffer += record

    def _sort_frames(self, buffer: bytearray) -> int:
        """Act on every whole frame and return how many bytes they were."""
        start = 0
        while len(buffer) - start >= HEADER.size:
            version, kind, flags, stream_id, length = HEADER.unpack_from(buffer, start)
            if version or kind > GO_AWAY:
                raise YamuxViolation(f"yamux: version {version}, kind {kind}")
            body = start + HEADER.size
            end = body
            if kind == DATA:
                self._check_window(stream_id, length)
                end = body + length
                if end > len(buffer):
                    break
            start = end
            if kind in (DATA, WINDOW):
                grant = length if kind == WINDOW else 0
                with memoryview(buffer) as view, view[body:end] as content:
                    self._on_stream_frame(flags, stream_id, content, grant)
            elif kind == PING:
                if flags & SYN:
                    self._outbox.enqueue(header(PING, ACK, 0, length))
            else:
                raise ConnectionClosedError(f"the peer went away with code {length}")
        return start

    def _check_window(self, stream_id: int, length: int) -> None:
        stream = self._streams.get(stream_id)
        # The window of a stream we have forgotten is forgotten too; the largest bounds the buffer.
        allowed = WINDOW_BYTES_MAX if stream is None else stream.receive_window
        if length > allowed:
            raise YamuxViolation(f"yamux: {length} bytes overflow a window of {allowed}")

    def _on_stream_frame(self, flags: int, stream_id: int, body: memoryview, grant: int) -> None:
        if flags & SYN:
            if not self._streams.may_be_opened_by_peer(stream_id):
                raise YamuxViolation(f"yamux: stream {stream_id} may not be opened")
            self._streams.admit(stream_id)
            self._check_window(stream_id, len(body))
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        if grant:
            stream.on_window(grant)
        if body:
            stream.on_data(body)
        if flags & RST:
            stream.abort(tell_peer=False)
        elif flags & FIN:
            stream.on_fin()
