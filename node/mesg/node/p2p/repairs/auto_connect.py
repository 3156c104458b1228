"""The swarm dials nobody by itself.

As shipped it dials every known peer until it has hundreds of connections, so that a small network
becomes a full mesh. Here the bootstrap loop and the DHT decide whom the node knows.
"""

import trio
from libp2p.network.auto_connector import AutoConnector

from mesg.node.p2p.repairs.pinned import require_pinned_libp2p

stock_maybe_connect = AutoConnector.maybe_connect
"""What is repaired."""


def stop_auto_connect() -> None:
    """Make the auto-connector's turn do nothing."""
    require_pinned_libp2p()
    AutoConnector.maybe_connect = _stay  # type: ignore[method-assign]


async def _stay(self: AutoConnector) -> None:  # noqa: ARG001  # a method
    await trio.lowlevel.checkpoint()
