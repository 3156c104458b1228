"""The provide scheduler: makes it true, and keeps it true, that the network knows what this node has.

libp2p's own sends once, says it worked, and is silently refused by peers it tells too much. Here each
key remembers who confirmed it; whoever is closest to the key and has not confirmed is told.
"""

import random
from collections import deque
from dataclasses import dataclass, field

import structlog
import trio
from libp2p.peer.id import ID

from mesg.node.p2p.kademlia import CLOSEST_PEERS, Kademlia
from mesg.node.p2p.records import multihash, tell_provided

PER_WINDOW = 9
WINDOW_S = 10.5
"""A peer refuses the eleventh record within 10 s from one sender, without a word."""
TOLD_AT_ONCE = 4
ANSWER_S_MAX = 5.0
"""What telling one peer may take, being dialled included."""
LOOKUP_S_MAX = 15.0
"""What looking for the closest peers may take; those known already are told in any case."""
REPEAT_S = 4 * 3600.0
"""Records live 48 h at others, but those who hold them come and go."""
RETRY_S = 15.0
"""How long a peer that did not confirm is left alone."""
LOOK_EVERY_S = 30.0
"""How often the scheduler looks for peers it should tell, if nothing wakes it earlier."""

log = structlog.get_logger("mesg.p2p")


@dataclass(slots=True)
class _Announced:
    """Who knows that we provide a key."""

    name: bytes
    confirmed: dict[ID, float] = field(default_factory=dict)
    tried: dict[ID, float] = field(default_factory=dict)
    looked_up_at: float = float("-inf")
    repeat_s: float = REPEAT_S


class Announcer:
    """Tells the peers closest to each key, at most about one key a second."""

    def __init__(self, kademlia: Kademlia, *, rng: random.Random) -> None:
        self._kademlia = kademlia
        self._rng = rng
        self._keys: dict[bytes, _Announced] = {}
        self._woken = trio.Event()
        self._recent: deque[float] = deque(maxlen=PER_WINDOW)

    def add(self, key: bytes) -> None:
        """Begin to announce a key."""
        if key not in self._keys:
            spread = REPEAT_S * self._rng.uniform(0.8, 1.2)
            self._keys[key] = _Announced(multihash(key), repeat_s=spread)
            self._kademlia.note_own(multihash(key))
            self.wake()

    def remove(self, key: bytes) -> None:
        """Stop announcing a key."""
        if self._keys.pop(key, None) is not None:
            self._kademlia.forget_own(multihash(key))

    def wake(self) -> None:
        """Look again for peers to tell: one was met, or a key was added."""
        self._woken.set()

    def holders(self, key: bytes) -> int:
        """Count the peers that confirmed a key."""
        announced = self._keys.get(key)
        return len(announced.confirmed) if announced else 0

    async def run(self) -> None:
        """Announce for ever."""
        while True:
            self._woken = trio.Event()
            for key in tuple(self._keys):
                await self._announce(key)
            with trio.move_on_after(LOOK_EVERY_S * self._rng.uniform(0.8, 1.2)):
                await self._woken.wait()

    async def _announce(self, key: bytes) -> None:
        announced = self._keys.get(key)
        if announced is None:
            return
        now = trio.current_time()
        closest = self._kademlia.closest_known(announced.name)
        if now - announced.looked_up_at >= announced.repeat_s and closest:
            closest = await self._look_up(announced, closest)
        due = [peer for peer in closest[:CLOSEST_PEERS] if _is_due(announced, peer, now)]
        if due:
            await self._keep_pace()
            # Others learn our addresses with the record, and addresses may have changed.
            self._kademlia.note_own(announced.name)
            await self._tell_all(announced, due)

    async def _look_up(self, announced: _Announced, known: list[ID]) -> list[ID]:
        found = known
        with trio.move_on_after(LOOKUP_S_MAX):
            found = await self._kademlia.closest_in_network(announced.name)
            announced.looked_up_at = trio.current_time()
        return list(dict.fromkeys([*found, *known]))

    async def _keep_pace(self) -> None:
        if len(self._recent) == PER_WINDOW:
            await trio.sleep_until(self._recent[0] + WINDOW_S)
        self._recent.append(trio.current_time())

    async def _tell_all(self, announced: _Announced, peers: list[ID]) -> None:
        limiter = trio.CapacityLimiter(TOLD_AT_ONCE)

        async def tell_in_turn(peer: ID) -> None:
            async with limiter:
                await self._tell(announced, peer)

        async with trio.open_nursery() as nursery:
            for peer in peers:
                nursery.start_soon(tell_in_turn, peer)

    async def _tell(self, announced: _Announced, peer: ID) -> None:
        announced.tried[peer] = trio.current_time()
        kademlia = self._kademlia
        try:
            with trio.fail_after(ANSWER_S_MAX):
                await tell_provided(kademlia.host, kademlia.protocol, peer, announced.name)
        # A stranger's answer may make protobuf or libp2p raise anything: it has not confirmed.
        except Exception as error:  # noqa: BLE001
            log.debug("provide_refused", peer=str(peer), why=repr(error))
            kademlia.expel(peer)
        else:
            announced.confirmed[peer] = trio.current_time()


def _is_due(announced: _Announced, peer: ID, now: float) -> bool:
    if now - announced.confirmed.get(peer, float("-inf")) < announced.repeat_s:
        return False
    return now - announced.tried.get(peer, float("-inf")) >= RETRY_S
