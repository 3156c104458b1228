"""Joining the network and staying in it: the loops that meet peers and keep the routing table full."""

import random

import structlog
import trio
from libp2p.abc import INetConn, INetStream, INetwork, INotifee
from libp2p.exceptions import BaseLibp2pError
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from multiaddr.multiaddr import Multiaddr

from mesg.node.p2p.announcer import Announcer
from mesg.node.p2p.kademlia import Kademlia

RETRY_FIRST_S = 0.5
RETRY_LAST_S = 30.0
"""The back-off between attempts to reach a bootstrap node, for ever."""
WATCH_S = 5.0
"""How often a connected bootstrap node is looked at."""
TABLE_SMALL = 20
REFRESH_SMALL_S = 20.0
REFRESH_LARGE_S = 420.0
TABLE_LOOK_S = 0.5
"""How often we look whether the table grew."""
REFRESH_S_MAX = 60.0
"""What one refresh of the routing table may take."""
ADDRESS_TTL_S = 3600
MET_MAX = 256
"""New peers that wait to be looked at; more are met again at the next refresh."""
IDENTIFY_S_MAX = 10.0
IDENTIFY_LOOK_S = 0.05
"""How often we look whether a new peer has said which protocols it speaks."""

log = structlog.get_logger("mesg.p2p")


class Meetings(INotifee):
    """Hears of every new connection."""

    def __init__(self) -> None:
        self._met, self.peers = trio.open_memory_channel[ID](MET_MAX)

    async def connected(self, network: INetwork, conn: INetConn) -> None:  # noqa: ARG002
        """Pass on whom we are connected with; never blocks the connection."""
        try:
            self._met.send_nowait(conn.muxed_conn.peer_id)
        except trio.WouldBlock:
            log.debug("meeting_skipped", peer=str(conn.muxed_conn.peer_id))

    async def disconnected(self, network: INetwork, conn: INetConn) -> None:
        """Nothing to do: a peer that is away shows when it is asked."""

    async def opened_stream(self, network: INetwork, stream: INetStream) -> None:
        """Nothing to do."""

    async def closed_stream(self, network: INetwork, stream: INetStream) -> None:
        """Nothing to do."""

    async def listen(self, network: INetwork, multiaddr: Multiaddr) -> None:
        """Nothing to do."""

    async def listen_close(self, network: INetwork, multiaddr: Multiaddr) -> None:
        """Nothing to do."""


async def greet_peers(meetings: Meetings, kademlia: Kademlia, announcer: Announcer) -> None:
    """Admit every new peer that serves our DHT to the routing table, and tell it what we have."""

    async def greet(peer: ID) -> None:
        with trio.move_on_after(IDENTIFY_S_MAX):
            # libp2p tells nobody that a peer was identified.
            while not kademlia.serves(peer):  # noqa: ASYNC110
                await trio.sleep(IDENTIFY_LOOK_S)
            if await kademlia.admit(peer):
                announcer.wake()

    async with trio.open_nursery() as nursery:
        async for peer in meetings.peers:
            nursery.start_soon(greet, peer)


async def keep_bootstrapped(node: PeerInfo, kademlia: Kademlia, *, rng: random.Random) -> None:
    """Stay connected with one bootstrap node, for ever."""
    host = kademlia.host
    delay = RETRY_FIRST_S
    while True:
        if host.get_network().get_connections(node.peer_id):
            delay = RETRY_FIRST_S
            await trio.sleep(WATCH_S)
            continue
        host.get_peerstore().add_addrs(node.peer_id, node.addrs, ADDRESS_TTL_S)
        try:
            await host.connect(node)
        except BaseLibp2pError as error:
            log.info("bootstrap_unreachable", peer=str(node.peer_id), why=str(error))
            await trio.sleep(delay * rng.uniform(0.5, 1.5))
            delay = min(2 * delay, RETRY_LAST_S)


async def keep_refreshed(kademlia: Kademlia, announcer: Announcer, *, rng: random.Random) -> None:
    """Look for more peers: whenever we meet some while we know few, and from time to time."""
    known = 0
    refreshed_at = trio.current_time()
    while True:
        await trio.sleep(TABLE_LOOK_S * rng.uniform(0.8, 1.2))
        size = kademlia.size()
        wait = REFRESH_SMALL_S if size < TABLE_SMALL else REFRESH_LARGE_S
        is_growing = known < size < TABLE_SMALL
        if is_growing or trio.current_time() - refreshed_at >= wait * rng.uniform(0.8, 1.2):
            with trio.move_on_after(REFRESH_S_MAX):
                await kademlia.refresh()
            refreshed_at = trio.current_time()
            announcer.wake()
        known = kademlia.size()
