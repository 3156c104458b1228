"""A caller cancelled while its stream opens leaves no stream behind.

As shipped the half-registered stream stays open until the connection ends; after 256 of them the peer
cannot be asked anything any more.
"""

import trio
from libp2p.network.connection.swarm_connection import SwarmConn
from libp2p.network.stream.net_stream import NetStream

from mesg.node.p2p.repairs.pinned import require_pinned_libp2p

RESET_S_MAX = 2.0
"""How long telling the peer may take."""

stock_new_stream = SwarmConn.new_stream
"""What is repaired."""


def repair_stream_opening() -> None:
    """Make `SwarmConn.new_stream` all or nothing."""
    require_pinned_libp2p()
    SwarmConn.new_stream = _new_stream  # type: ignore[method-assign]


async def _new_stream(self: SwarmConn) -> NetStream:
    muxed_stream = await self.muxed_conn.open_stream()
    try:
        return await self._add_stream(muxed_stream)
    except BaseException:
        self.streams = {each for each in self.streams if each.muxed_stream is not muxed_stream}
        with trio.move_on_after(RESET_S_MAX, shield=True):
            await muxed_stream.reset()
        raise
