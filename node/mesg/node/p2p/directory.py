"""The DHT as the node uses it: `Directory` over Kademlia."""

from collections.abc import Iterable, Sequence

import trio
from libp2p.peer.peerinfo import PeerInfo
from libp2p.peer.peerstore import PeerStoreError

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.p2p.addresses import as_texts, peer_text
from mesg.node.p2p.announcer import Announcer
from mesg.node.p2p.kademlia import Kademlia
from mesg.node.p2p.records import multihash
from mesg.node.p2p.walk import Walk
from mesg.node.ports import FoundPeer

FIND_S_MAX = 15.0
"""A walk that takes longer returns what it has, should the caller have set no earlier deadline."""


JOIN_S_MAX = 3.0
"""How long a search waits for the first peer, on a node that was given bootstrap nodes."""
JOIN_LOOK_S = 0.05


class KadDirectory:
    """Tells who has what, and asks; this node itself is never among those found."""

    def __init__(self, kademlia: Kademlia, announcer: Announcer, *, expects_peers: bool) -> None:
        self._kademlia = kademlia
        self._announcer = announcer
        self._join_s_max = JOIN_S_MAX if expects_peers else 0.0

    async def provide(self, key: bytes) -> None:
        """Tell the network that this node has what `key` names; returns at once.

        It is made true in the background as soon as there are peers, and repeated.
        """
        self._announcer.add(key)
        await trio.lowlevel.checkpoint()

    async def withdraw(self, key: bytes) -> None:
        """Stop telling so; others forget within 48 h."""
        self._announcer.remove(key)
        await trio.lowlevel.checkpoint()

    async def find(self, key: bytes, *, want: int) -> Sequence[FoundPeer]:
        """Return up to `want` distinct peers, as soon as they are known; empty if none answer.

        What others answer now comes before what peers told this node itself some time ago.
        """
        name = multihash(key)
        walk = Walk(self._kademlia, name, want=want)
        with trio.move_on_after(FIND_S_MAX):
            await self._wait_joined(name)
            await walk.run()
        told = self._kademlia.told_providers(name)
        return self._presentable([*walk.found.values(), *told])[:want]

    async def _wait_joined(self, name: bytes) -> None:
        """Give a node that has just started the time to meet its first peer."""
        with trio.move_on_after(self._join_s_max):
            # libp2p tells nobody that a peer was identified.
            while not self._kademlia.closest_known(name):  # noqa: ASYNC110
                await trio.sleep(JOIN_LOOK_S)

    def _presentable(self, providers: Iterable[PeerInfo]) -> list[FoundPeer]:
        found: dict[str, FoundPeer] = {}
        for provider in providers:
            try:
                peer = peer_text(provider.peer_id)
            except InvalidInput:
                continue
            if provider.peer_id != self._kademlia.host.get_id():
                found.setdefault(peer, FoundPeer(peer, self._addresses(provider)))
        return list(found.values())

    def _addresses(self, provider: PeerInfo) -> tuple[str, ...]:
        if provider.addrs:
            return as_texts(provider.addrs)
        try:
            return as_texts(self._kademlia.host.get_peerstore().addrs(provider.peer_id))
        except PeerStoreError:
            return ()
