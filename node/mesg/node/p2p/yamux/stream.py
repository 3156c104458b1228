"""One Yamux stream: ordered bytes both ways, each with a window that bounds what is in flight."""

from types import TracebackType
from typing import Protocol, Self

import trio
from libp2p.abc import IMuxedConn, IMuxedStream
from libp2p.stream_muxer.exceptions import MuxedStreamClosed, MuxedStreamEOF, MuxedStreamReset

from mesg.node.p2p.yamux.frames import (
    BODY_BYTES_MAX,
    DATA,
    FIN,
    RST,
    WINDOW,
    WINDOW_BYTES,
    WINDOW_BYTES_MAX,
    header,
)


class Carrier(Protocol):
    """What a stream needs from its connection."""

    @property
    def is_over(self) -> bool:
        """Whether the connection is gone."""
        ...

    def enqueue(self, frame: bytes) -> None:
        """Queue one whole frame; never blocks, never splits it."""
        ...

    def has_room(self) -> bool:
        """Tell whether the queue is short enough for more data."""
        ...

    async def wait_room(self) -> None:
        """Return when the queue was emptied, or the connection ended."""
        ...

    def note_buffered(self, change: int) -> None:
        """Count the bytes that wait for a reader."""
        ...

    def forget(self, stream: "YamuxStream") -> None:
        """Drop a stream that ended both ways."""
        ...


class YamuxStream(IMuxedStream):
    """A stream; its reader and its writer are one task each, and may be cancelled at any time."""

    def __init__(
        self, stream_id: int, connection: IMuxedConn, carrier: Carrier, *, opened_here: bool
    ) -> None:
        self.stream_id = stream_id
        self.muxed_conn = connection
        self.opened_here = opened_here
        self._carrier = carrier
        self._received = bytearray()
        self._receive_window = WINDOW_BYTES
        self._window_goal = WINDOW_BYTES
        self._send_window = WINDOW_BYTES
        self._ended_by_peer = False
        self._ended_here = False
        self._discarding = False
        self._reset = False
        self._changed: trio.Event | None = None

    @property
    def is_closed(self) -> bool:
        """Whether both directions ended."""
        return self._reset or (self._ended_by_peer and self._ended_here)

    @property
    def receive_window(self) -> int:
        """How many bytes the peer may still send."""
        return self._receive_window

    async def read(self, n: int | None = None) -> bytes:
        """Return what has arrived, at most n bytes; raise MuxedStreamEOF at the end, else MuxedStreamReset."""
        while not self._received:
            if self._ended_by_peer:
                raise MuxedStreamEOF("the stream ended")
            if self._reset or self._carrier.is_over:
                raise MuxedStreamReset("the stream was reset")
            await self._wait_change()
        size = len(self._received) if n is None or n < 0 else min(n, len(self._received))
        data = bytes(memoryview(self._received)[:size])
        del self._received[:size]
        self._carrier.note_buffered(-size)
        self._grant_window()
        return data

    def _grant_window(self) -> None:
        """Let the peer send more once half the window was consumed; grow it for a keen reader."""
        grant = self._window_goal - len(self._received) - self._receive_window
        if grant >= self._window_goal // 2 and not (self._ended_by_peer or self._reset):
            self._window_goal = min(2 * self._window_goal, WINDOW_BYTES_MAX)
            grant = self._window_goal - len(self._received) - self._receive_window
            self._receive_window += grant
            self._carrier.enqueue(header(WINDOW, 0, self.stream_id, grant))

    async def write(self, data: bytes) -> None:
        """Queue all bytes, frame by frame; if cancelled, whole frames were queued."""
        rest = memoryview(data)
        while rest:
            if self._reset or self._carrier.is_over:
                raise MuxedStreamReset("the stream was reset")
            if self._ended_here:
                raise MuxedStreamClosed("the stream is closed for writing")
            if self._send_window <= 0:
                await self._wait_change()
            elif not self._carrier.has_room():
                await self._carrier.wait_room()
            else:
                size = min(self._send_window, BODY_BYTES_MAX, len(rest))
                self._send_window -= size
                self._carrier.enqueue(header(DATA, 0, self.stream_id, size) + rest[:size])
                rest = rest[size:]
        await trio.lowlevel.checkpoint()

    async def close_write(self) -> None:
        """Say that nothing more will be written."""
        if not (self._ended_here or self._reset):
            self._ended_here = True
            self._carrier.enqueue(header(WINDOW, FIN, self.stream_id, 0))
            self._note_change()
        await trio.lowlevel.checkpoint()

    async def close(self) -> None:
        """End both ways; what was written still arrives, what the peer sends from now on does not."""
        self._discarding = True
        self._drop_received()
        await self.close_write()

    async def reset(self) -> None:
        """End at once; what was not yet read, here or there, is lost."""
        self.abort(tell_peer=True)
        await trio.lowlevel.checkpoint()

    def abort(self, *, tell_peer: bool) -> None:
        """Reset without blocking."""
        if tell_peer and not self.is_closed:
            self._carrier.enqueue(header(WINDOW, RST, self.stream_id, 0))
        self._reset = True
        self._drop_received()
        self._note_change()

    def _drop_received(self) -> None:
        self._carrier.note_buffered(-len(self._received))
        self._received.clear()

    def on_data(self, body: memoryview) -> None:
        """Take bytes from the peer; the connection has checked the window."""
        self._receive_window -= len(body)
        if self._discarding:
            self.abort(tell_peer=True)
            return
        self._received += body
        self._carrier.note_buffered(len(body))
        self._note_change()

    def on_window(self, grant: int) -> None:
        """Take the peer's leave to send more."""
        self._send_window += grant
        self._note_change()

    def on_fin(self) -> None:
        """The peer will write no more."""
        self._ended_by_peer = True
        self._note_change()

    def on_connection_over(self) -> None:
        """Wake whoever waits; what has arrived may still be read."""
        self._note_change()

    async def _wait_change(self) -> None:
        if self._changed is None:
            self._changed = trio.Event()
        await self._changed.wait()

    def _note_change(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None
        if self.is_closed:
            self._carrier.forget(self)

    def set_deadline(self, ttl: int) -> None:
        """Refuse: deadlines are cancel scopes here."""
        raise NotImplementedError("use a trio cancel scope")

    def get_remote_address(self) -> tuple[str, int] | None:
        """Return the address at the other end of the connection."""
        address: tuple[str, int] | None = getattr(
            self.muxed_conn, "get_remote_address", lambda: None
        )()
        return address

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        # It only queues a frame: the deadline is never reached.
        with trio.move_on_after(1, shield=True):
            await self.close()
