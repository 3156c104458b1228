"""The provide scheduler: makes it true, and keeps it true, that the network knows what this node has.

libp2p's own sends once, says it worked, and is silently refused by peers it tells too much. Here each
key remembers who confirmed it; whoever is closest to the key and has not confirmed is told.
"""

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

import structlog
import trio
from libp2p.peer.id import ID

from mesg.node.p2p.records import multihash

HOLDERS = 20
"""How many peers should hold a record: Kademlia's k."""
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
RETRY_S = 5.0
"""How long a peer that did not confirm is left alone; the pace while nobody has confirmed a key."""
LOOK_EVERY_S = 30.0
"""How often the scheduler looks for peers it should tell, if nothing wakes it earlier."""

log = structlog.get_logger("mesg.p2p")


class Neighbours(Protocol):
    """What the scheduler needs of the DHT."""

    def closest_known(self, key: bytes) -> list[ID]:
        """Return the known peers closest to a name."""
        ...

    async def closest_in_network(self, key: bytes) -> list[ID]:
        """Ask the network for the peers closest to a name."""
        ...

    async def tell(self, peer: ID, name: bytes) -> None:
        """Tell a peer that we provide a name; raise anything if it does not confirm."""
        ...

    def expel(self, peer: ID) -> None:
        """Forget a peer that does not answer."""
        ...

    def note_own(self, key: bytes) -> None:
        """Answer those who ask us that we provide the name."""
        ...

    def forget_own(self, key: bytes) -> None:
        """Stop answering so."""
        ...


@dataclass(slots=True)
class _Announced:
    """Who knows that we provide a name."""

    name: bytes
    repeat_s: float
    confirmed: dict[ID, float] = field(default_factory=dict)
    tried: dict[ID, float] = field(default_factory=dict)
    looked_up_at: float = float("-inf")

    def is_due(self, peer: ID, now: float) -> bool:
        """Tell whether the peer should be told now."""
        confirmed_at = self.confirmed.get(peer, float("-inf"))
        tried_at = self.tried.get(peer, float("-inf"))
        return now - confirmed_at >= self.repeat_s and now - tried_at >= RETRY_S

    def drop_old(self, now: float) -> None:
        """Forget peers that were last told long ago, so that churn does not fill memory."""
        for times in (self.confirmed, self.tried):
            for peer in [peer for peer, at in times.items() if now - at > 2 * REPEAT_S]:
                del times[peer]


class Announcer:
    """Tells the peers closest to each key, at most about one key a second."""

    def __init__(self, neighbours: Neighbours, *, rng: random.Random) -> None:
        self._neighbours = neighbours
        self._rng = rng
        self._keys: dict[bytes, _Announced] = {}
        self._woken = trio.Event()
        self._recent: deque[float] = deque(maxlen=PER_WINDOW)

    def add(self, key: bytes) -> None:
        """Begin to announce a key."""
        if key not in self._keys:
            repeat_s = REPEAT_S * self._rng.uniform(0.8, 1.2)
            announced = self._keys[key] = _Announced(multihash(key), repeat_s)
            self._neighbours.note_own(announced.name)
            self.wake()

    def remove(self, key: bytes) -> None:
        """Stop announcing a key."""
        if self._keys.pop(key, None) is not None:
            self._neighbours.forget_own(multihash(key))

    def wake(self) -> None:
        """Look again for peers to tell: one was met, or a key was added."""
        self._woken.set()

    async def run(self) -> None:
        """Announce for ever."""
        while True:
            self._woken = trio.Event()
            for key in tuple(self._keys):
                await self._announce(key)
            everyone_heard = all(each.confirmed for each in self._keys.values())
            delay = LOOK_EVERY_S if everyone_heard else RETRY_S
            with trio.move_on_after(delay * self._rng.uniform(1.0, 1.2)):
                await self._woken.wait()

    async def _announce(self, key: bytes) -> None:
        announced = self._keys.get(key)
        if announced is None:
            return
        closest = self._neighbours.closest_known(announced.name)
        now = trio.current_time()
        if closest and now - announced.looked_up_at >= announced.repeat_s:
            closest = await self._look_up(announced, closest)
        due = [peer for peer in closest[:HOLDERS] if announced.is_due(peer, now)]
        if due:
            await self._keep_pace()
            # Addresses travel with the record, and ours may have changed.
            self._neighbours.note_own(announced.name)
            await self._tell_all(announced, due)
            announced.drop_old(trio.current_time())

    async def _look_up(self, announced: _Announced, known: list[ID]) -> list[ID]:
        found = known
        with trio.move_on_after(LOOKUP_S_MAX):
            found = await self._neighbours.closest_in_network(announced.name)
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
        try:
            with trio.fail_after(ANSWER_S_MAX):
                await self._neighbours.tell(peer, announced.name)
        # A stranger's answer may make protobuf or libp2p raise anything: it has not confirmed.
        except Exception as error:  # noqa: BLE001
            log.debug("provide_refused", peer=str(peer), why=repr(error))
            self._neighbours.expel(peer)
        else:
            announced.confirmed[peer] = trio.current_time()
