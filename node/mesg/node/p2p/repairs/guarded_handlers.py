"""An exception in a stream handler ends its stream, not the host.

As shipped it leaves every nursery up to `host.run()`: one malformed packet from one peer ends the node.
"""

import structlog
import trio
from libp2p.abc import INetStream
from libp2p.host.basic_host import BasicHost

from mesg.node.p2p.repairs.pinned import require_pinned_libp2p

RESET_S_MAX = 2.0
"""How long telling the peer may take."""

log = structlog.get_logger("mesg.p2p")
stock_stream_handler = BasicHost._swarm_stream_handler  # noqa: SLF001  # what is repaired


def guard_stream_handlers() -> None:
    """Put the guard around every protocol's handler."""
    require_pinned_libp2p()
    BasicHost._swarm_stream_handler = _guarded_stream_handler  # type: ignore[method-assign]  # noqa: SLF001


async def _guarded_stream_handler(self: BasicHost, net_stream: INetStream) -> None:
    try:
        await stock_stream_handler(self, net_stream)
    # Whatever a peer's bytes make a protocol's handler raise is that peer's loss only.
    except* Exception as errors:  # noqa: BLE001
        log.info(
            "stream_handler_failed",
            protocol=net_stream.get_protocol(),
            peer=str(net_stream.muxed_conn.peer_id),
            why=repr(errors.exceptions[0]),
        )
        with trio.move_on_after(RESET_S_MAX, shield=True):
            await net_stream.reset()
