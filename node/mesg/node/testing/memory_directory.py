"""A directory shared by the nodes of one hub: `MemoryDirectory`, a twin of the DHT."""

from collections.abc import Sequence

import trio

from mesg.node.ports import FoundPeer
from mesg.node.testing.memory_network import MemoryHub, MemoryNetwork


class MemoryDirectory:
    """What a node tells of itself, every other node of the hub finds at once."""

    def __init__(self, hub: MemoryHub, network: MemoryNetwork) -> None:
        self._hub = hub
        self._network = network

    async def provide(self, key: bytes) -> None:
        """Tell the others that this node has what `key` names."""
        await trio.lowlevel.checkpoint()
        self._hub.provided.setdefault(key, {})[self._network.peer] = None

    async def withdraw(self, key: bytes) -> None:
        """Stop telling so."""
        await trio.lowlevel.checkpoint()
        self._hub.provided.get(key, {}).pop(self._network.peer, None)

    async def find(self, key: bytes, *, want: int) -> Sequence[FoundPeer]:
        """Return up to `want` other nodes; like records of the DHT, they may have left since."""
        await trio.lowlevel.checkpoint()
        others = [peer for peer in self._hub.provided.get(key, {}) if peer != self._network.peer]
        return [
            FoundPeer(peer, (address,) if (address := self._hub.address_of(peer)) else ())
            for peer in others[:want]
        ]
