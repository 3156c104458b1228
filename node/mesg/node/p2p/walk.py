"""The walk towards a key: ask the closest peers we know, then those they name, until enough is found.

Unlike libp2p's own, it stops as soon as `want` distinct providers are known, bypasses caches of earlier
answers, waits little for any one peer, and never trusts more than it must: answers are hints.
"""

from collections.abc import Iterable

import trio
from libp2p.kad_dht.utils import sort_peer_ids_by_distance
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo

from mesg.node.p2p.kademlia import CLOSEST_PEERS, Kademlia
from mesg.node.p2p.records import ProvidersAnswer

ASKED_AT_ONCE = 4
"""Kademlia's alpha."""
ASKED_MAX = 40
"""Peers asked in one walk: a few times what a network of a million nodes needs."""
ANSWER_S_MAX = 3.0
"""What one peer may take, being dialled included."""
ADDRESS_TTL_S = 600
"""How long addresses that a walk met may be dialled."""


class Walk:
    """One search for the providers of a name."""

    def __init__(self, kademlia: Kademlia, name: bytes, *, want: int) -> None:
        self.found: dict[ID, PeerInfo] = {}
        self._kademlia = kademlia
        self._name = name
        self._want = want
        self._own = kademlia.host.get_id()
        self._asked = {self._own}
        self._candidates: list[ID] = []
        self._running = 0
        self._progress = trio.Event()

    async def run(self) -> None:
        """Fill `found`; return when it holds enough or nobody is left to ask."""
        self._consider(self._kademlia.closest_known(self._name))
        async with trio.open_nursery() as nursery:
            while len(self.found) < self._want:
                peer = self._next()
                if peer is not None:
                    self._asked.add(peer)
                    self._running += 1
                    nursery.start_soon(self._ask, peer)
                elif self._running:
                    self._progress = trio.Event()
                    await self._progress.wait()
                else:
                    break
            nursery.cancel_scope.cancel()

    def _next(self) -> ID | None:
        if self._running >= ASKED_AT_ONCE or len(self._asked) > ASKED_MAX:
            return None
        return next((peer for peer in self._candidates if peer not in self._asked), None)

    def _consider(self, peers: Iterable[ID]) -> None:
        fresh = dict.fromkeys(peer for peer in peers if peer not in self._asked)
        pool = list(dict.fromkeys([*self._candidates, *fresh]))
        self._candidates = sort_peer_ids_by_distance(self._name, pool)[: 2 * CLOSEST_PEERS]

    async def _ask(self, peer: ID) -> None:
        try:
            with trio.fail_after(ANSWER_S_MAX):
                answer = await self._kademlia.ask(peer, self._name)
            self._learn(answer)
        # A stranger's answer may make protobuf, multiaddr or libp2p raise anything: it is no answer.
        except Exception:  # noqa: BLE001
            self._kademlia.expel(peer)
        finally:
            self._running -= 1
            self._progress.set()

    def _learn(self, answer: ProvidersAnswer) -> None:
        peerstore = self._kademlia.host.get_peerstore()
        for each in (*answer.providers, *answer.closer):
            if each.addrs and each.peer_id != self._own:
                peerstore.add_addrs(each.peer_id, each.addrs, ADDRESS_TTL_S)
        for provider in answer.providers:
            if provider.peer_id != self._own:
                self.found.setdefault(provider.peer_id, provider)
        self._consider(each.peer_id for each in answer.closer)
