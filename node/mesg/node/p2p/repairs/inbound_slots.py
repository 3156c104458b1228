"""A connection's inbound slot is free again when the connection ends; handshakes are capped per address.

As shipped the slot is kept for the life of the host: after 250 inbound connections, ever, all are
refused. And one address may hold every slot with handshakes it never finishes.
"""

from weakref import WeakKeyDictionary

import structlog
from libp2p.io.abc import ReadWriteCloser
from libp2p.metrics.swarm import SwarmEvent
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.network.swarm import Swarm
from multiaddr.multiaddr import Multiaddr

from mesg.node.p2p.repairs.pinned import require_pinned_libp2p
from mesg.node.p2p.yamux.connection import YamuxConnection

PENDING_HANDSHAKES_MAX = 32
"""Unfinished handshakes from one address; the next connection is closed, its peer may try again."""

log = structlog.get_logger("mesg.p2p")
stock_inbound_handler = Swarm._do_handle_inbound_connection  # noqa: SLF001  # what is repaired
_pending: WeakKeyDictionary[Swarm, dict[str, int]] = WeakKeyDictionary()


def release_inbound_slots() -> None:
    """Hold the slot of an inbound connection for as long as it lives."""
    require_pinned_libp2p()
    Swarm._do_handle_inbound_connection = _handle_inbound  # type: ignore[method-assign]  # noqa: SLF001


async def _handle_inbound(
    self: Swarm,
    read_write_closer: ReadWriteCloser,
    maddr: Multiaddr,
    failure_event: SwarmEvent,  # noqa: ARG001  # metrics are off
) -> None:
    """Upgrade the connection, then wait for its end: the caller holds the slot meanwhile."""
    try:
        connection = await _upgrade(self, read_write_closer, maddr)
    # A handshake fails with whatever a stranger's bytes provoke in Noise, protobuf or multistream.
    except Exception as error:  # noqa: BLE001
        log.debug("inbound_refused", why=repr(error))
        connection = None
    if connection is None:
        await read_write_closer.close()
    else:
        await connection.event_closed.wait()


async def _upgrade(
    swarm: Swarm, stream: ReadWriteCloser, listener: Multiaddr
) -> YamuxConnection | None:
    address = stream.get_remote_address()
    host = address[0] if address else "?"
    pending = _pending.setdefault(swarm, {})
    if pending.get(host, 0) >= PENDING_HANDSHAKES_MAX:
        return None
    pending[host] = pending.get(host, 0) + 1
    try:
        upgraded = await swarm.upgrade_inbound_raw_conn(RawConnection(stream, False), listener)
    finally:
        pending[host] -= 1
        if not pending[host]:
            del pending[host]
    return upgraded if isinstance(upgraded, YamuxConnection) else None
