"""Dialling a peer tries all its addresses, newest first, and forgets a failure after 5 s.

As shipped only the first known address of a transport is tried, every dial waits 250 ms, and after a
failure the peer may not be dialled for 60 s, not even at an address just learnt.
"""

from collections.abc import Sequence

import trio
from libp2p.abc import INetConn
from libp2p.network.exceptions import SwarmException
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.peer.peerstore import PeerStoreError
from multiaddr.multiaddr import Multiaddr

from mesg.node.p2p.addresses import without_peer
from mesg.node.p2p.repairs.pinned import require_pinned_libp2p

STAGGER_S = 0.15
"""The head start an address has over the next one."""
DIAL_S_MAX = 8.0
"""All addresses together."""
ADDRESSES_MAX = 8
"""A peer may claim any number; only the newest are tried."""
FAILED_S = 5.0
"""How long the same addresses of a peer are not tried again."""

stock_dial_peer = Swarm.dial_peer
"""What is repaired."""


def repair_dialling() -> None:
    """Make the swarm dial as described above."""
    require_pinned_libp2p()
    Swarm.dial_peer = _dial_peer  # type: ignore[method-assign]


async def _dial_peer(self: Swarm, peer_id: ID) -> list[INetConn]:
    """Return a live connection, dialling if there is none; raise SwarmException."""
    while True:
        live = [
            connection for connection in self.get_connections(peer_id) if not connection.is_closed
        ]
        if live:
            return live
        ongoing = self._ongoing_dials.get(peer_id)
        if ongoing is None:
            break
        await ongoing.wait()
    done = self._ongoing_dials[peer_id] = trio.Event()
    try:
        return [await _dial_known(self, peer_id)]
    finally:
        del self._ongoing_dials[peer_id]
        done.set()


async def _dial_known(swarm: Swarm, peer_id: ID) -> INetConn:
    addresses = _dialable(swarm, peer_id)
    failed = swarm._negative_peer_cache  # noqa: SLF001
    failed._ttl = FAILED_S  # noqa: SLF001
    attempt = f"{peer_id} {' '.join(sorted(map(str, addresses)))}"
    if failed.is_blocked(attempt):
        raise SwarmException(f"{peer_id} could not be reached a moment ago")
    connection, failures = await _race(swarm, peer_id, addresses)
    if connection is None:
        failed.mark_failed(attempt)
        raise SwarmException("; ".join(failures) or "no answer in time")
    return connection


def _dialable(swarm: Swarm, peer_id: ID) -> list[Multiaddr]:
    try:
        known = swarm.peerstore.addrs(peer_id)
    except PeerStoreError as error:
        raise SwarmException("no address is known") from error
    newest_first = dict.fromkeys(without_peer(address) for address in reversed(known))
    addresses = [
        address
        for address in newest_first
        if swarm.transport_manager.transport_for_dialing(address) is not None
        and "p2p-circuit" not in str(address)
    ]
    if not addresses or peer_id == swarm.self_id:
        raise SwarmException("no address is known that can be dialled")
    return addresses[:ADDRESSES_MAX]


async def _race(
    swarm: Swarm, peer_id: ID, addresses: Sequence[Multiaddr]
) -> tuple[INetConn | None, list[str]]:
    """Dial one address after the other without waiting long for any; the first success wins."""
    won: list[INetConn] = []
    failures: list[str] = []

    async def attempt(address: Multiaddr, over: trio.Event) -> None:
        try:
            async with swarm._global_dial_limiter:  # noqa: SLF001
                won.append(await swarm._dial_addr_single_attempt(address, peer_id))  # noqa: SLF001
            nursery.cancel_scope.cancel()
        # A handshake fails with whatever a stranger's bytes provoke in Noise, protobuf, multistream.
        except Exception as error:  # noqa: BLE001
            failures.append(f"{address}: {error}")
        finally:
            over.set()

    with trio.move_on_after(DIAL_S_MAX):
        async with trio.open_nursery() as nursery:
            for address in addresses:
                over = trio.Event()
                nursery.start_soon(attempt, address, over)
                with trio.move_on_after(STAGGER_S):
                    await over.wait()
    return (won[0] if won else None), failures
