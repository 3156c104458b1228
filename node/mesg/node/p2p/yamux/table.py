"""The streams of one connection: who opened which, how many, and how many bytes wait in them."""

from collections.abc import Callable

import trio
from libp2p.abc import IMuxedConn
from libp2p.stream_muxer.exceptions import MuxedConnUnavailable

from mesg.node.p2p.yamux.frames import ACK, RST, SYN, WINDOW, header
from mesg.node.p2p.yamux.outbox import Outbox
from mesg.node.p2p.yamux.stream import YamuxStream

STREAMS_MAX = 256
"""Streams a peer may open with us, and we with it; a peer's next one is reset."""
BUFFERED_BYTES_MAX = 16 * 1024 * 1024
"""Bytes of all streams of a connection that wait for their readers; above, the connection ends."""


class StreamTable:
    """Opens, accepts and forgets streams; also a stream's `Carrier`."""

    def __init__(self, connection: IMuxedConn, outbox: Outbox, *, opened_first: bool) -> None:
        self._connection = connection
        self._outbox = outbox
        self._next_id = 1 if opened_first else 2
        self._parity_of_peer = 0 if opened_first else 1
        self._streams: dict[int, YamuxStream] = {}
        self._opened_by_peer = 0
        self._buffered_bytes = 0
        self._is_over = False
        self._arrivals, self._accepted = trio.open_memory_channel[YamuxStream](STREAMS_MAX)
        self.enqueue: Callable[[bytes], None] = outbox.enqueue
        self.has_room: Callable[[], bool] = outbox.has_room

    @property
    def is_over(self) -> bool:
        """Whether the connection is gone."""
        return self._is_over

    @property
    def is_flooded(self) -> bool:
        """Whether the peer sent more than our readers read."""
        return self._buffered_bytes > BUFFERED_BYTES_MAX

    def get(self, stream_id: int) -> YamuxStream | None:
        """Return a live stream."""
        return self._streams.get(stream_id)

    async def wait_room(self) -> None:
        """Return when the outbox was emptied, or the connection ended."""
        await self._outbox.wait_room()

    def note_buffered(self, change: int) -> None:
        """Count the bytes that wait for a reader."""
        self._buffered_bytes += change

    def forget(self, stream: YamuxStream) -> None:
        """Drop a stream that ended both ways."""
        if self._streams.get(stream.stream_id) is stream:
            del self._streams[stream.stream_id]
            self._opened_by_peer -= not stream.opened_here

    def open(self) -> YamuxStream:
        """Open a stream; raise MuxedConnUnavailable if the connection is over or full."""
        if self._is_over:
            raise MuxedConnUnavailable("the connection is closed")
        if len(self._streams) - self._opened_by_peer >= STREAMS_MAX:
            raise MuxedConnUnavailable(f"{STREAMS_MAX} streams are open already")
        stream = YamuxStream(self._next_id, self._connection, self, opened_here=True)
        self._streams[self._next_id] = stream
        self._next_id += 2
        self._outbox.enqueue(header(WINDOW, SYN, stream.stream_id, 0))
        return stream

    def may_be_opened_by_peer(self, stream_id: int) -> bool:
        """Tell whether the rules let the peer open a stream with that id."""
        is_its_own = stream_id % 2 == self._parity_of_peer and stream_id > 0
        return is_its_own and stream_id not in self._streams

    def admit(self, stream_id: int) -> None:
        """Take a stream that the peer opens, or reset it if there are too many."""
        stream = YamuxStream(stream_id, self._connection, self, opened_here=False)
        if self._opened_by_peer >= STREAMS_MAX or not self._hand_over(stream):
            self._outbox.enqueue(header(WINDOW, RST, stream_id, 0))
            return
        self._streams[stream_id] = stream
        self._opened_by_peer += 1
        self._outbox.enqueue(header(WINDOW, ACK, stream_id, 0))

    def _hand_over(self, stream: YamuxStream) -> bool:
        try:
            self._arrivals.send_nowait(stream)
        except trio.WouldBlock:
            return False
        return True

    async def accept(self) -> YamuxStream:
        """Return the next stream the peer opens; raise MuxedConnUnavailable at the end."""
        try:
            return await self._accepted.receive()
        except trio.EndOfChannel:
            raise MuxedConnUnavailable("the connection is closed") from None

    def end(self) -> None:
        """Wake every stream: the connection is gone."""
        self._is_over = True
        self._arrivals.close()
        for stream in tuple(self._streams.values()):
            stream.on_connection_over()
        self._streams.clear()
