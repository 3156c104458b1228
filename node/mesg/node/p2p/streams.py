"""A session's stream as the rest of the node sees it: `PeerStream` over a libp2p stream."""

import trio
from libp2p.abc import INetStream
from libp2p.exceptions import BaseLibp2pError
from libp2p.stream_muxer.exceptions import MuxedStreamEOF

from mesg.marketplace.domain.errors import PeerUnavailable
from mesg.marketplace.domain.identity import PeerId

RECEIVE_BYTES_MAX = 256 * 1024
"""What one `receive_some` returns at most."""
END_S_MAX = 2.0
"""How long ending a stream may take."""


class SessionStream:
    """Reads and writes the muxed stream itself: libp2p's wrapper adds a lock to every call."""

    def __init__(self, stream: INetStream, peer: PeerId) -> None:
        self._stream = stream
        self._muxed = stream.muxed_stream  # type: ignore[attr-defined]
        self._peer = peer

    @property
    def peer(self) -> PeerId:
        """Who is at the other end, proven by the Noise handshake."""
        return self._peer

    async def receive_some(self) -> bytes:
        """Return the next bytes, empty at the end; raise PeerUnavailable if the peer is gone."""
        try:
            data: bytes = await self._muxed.read(RECEIVE_BYTES_MAX)
        except MuxedStreamEOF:
            return b""
        except BaseLibp2pError as error:
            raise self._gone(error) from error
        return data

    async def send_all(self, data: bytes) -> None:
        """Send all bytes; raise PeerUnavailable if the peer is gone. One task writes at a time."""
        try:
            await self._muxed.write(data)
        except BaseLibp2pError as error:
            raise self._gone(error) from error

    async def aclose(self) -> None:
        """End the stream both ways; what was sent still arrives; never raises."""
        with trio.move_on_after(END_S_MAX, shield=True):
            await end_stream(self._stream, gracefully=True)

    def _gone(self, error: Exception) -> PeerUnavailable:
        return PeerUnavailable(f"the peer {self._peer} went away: {error}")


async def end_stream(stream: INetStream, *, gracefully: bool) -> None:
    """Close or reset a stream, whatever its state; to be called shielded, for END_S_MAX at most."""
    try:
        await (stream.close() if gracefully else stream.reset())
    # A stream whose peer broke it may fail to end in any way; it is over all the same.
    except Exception:  # noqa: BLE001
        await stream.reset()
