"""libp2p's Kademlia as routing table and record store, under our own protocol id.

libp2p ignores the prefix it is given and always speaks /ipfs/kad/1.0.0: one mis-dialled public node
and the network merges with that of IPFS. `_OwnProtocol` translates the id at the DHT's only two doors,
the host and the peerstore, so that several networks may even live in one process.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, cast

from libp2p.abc import IHost, INetStream, IPeerStore
from libp2p.custom_types import StreamHandlerFn, TProtocol
from libp2p.kad_dht.common import PROTOCOL_ID as STOCK_PROTOCOL
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.kad_dht.provider_store import ProviderRecord
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from libp2p.peer.peerstore import PeerStoreError

from mesg.node.p2p.records import ProvidersAnswer, ask_providers, tell_provided
from mesg.node.p2p.repairs.pinned import require_pinned_libp2p

CLOSEST_PEERS = 20
"""Kademlia's k: how many peers closest to a key hold its records."""
PROVIDED_KEYS_MAX = 50_000
"""Keys whose providers this node remembers for others; the one told longest ago is forgotten first."""


def kad_protocol(network_name: str) -> TProtocol:
    """Return the protocol id of a network's DHT; nodes of other networks do not speak it."""
    return TProtocol(f"/mesg/{network_name}/kad/1.0.0")


class Kademlia:
    """The routing table, and the provider records that others told us."""

    def __init__(self, host: IHost, network_name: str, *, is_server: bool) -> None:
        require_pinned_libp2p()
        self.host = host
        self.protocol = kad_protocol(network_name)
        self.service = KadDHT(
            cast("IHost", _OwnProtocol(host, self.protocol)),
            DHTMode.SERVER if is_server else DHTMode.CLIENT,
            strict_validation=True,
        )
        self.service.provider_store.providers = _BoundedProviders()

    def size(self) -> int:
        """Count the peers in the routing table."""
        return self.service.routing_table.size()

    def closest_known(self, key: bytes) -> list[ID]:
        """Return the known peers closest to a key; those connected count while we know few."""
        known = self.service.routing_table.find_local_closest_peers(key, CLOSEST_PEERS)
        if len(known) < CLOSEST_PEERS:
            known += [peer for peer in self.host.get_connected_peers() if self.serves(peer)]
        return list(dict.fromkeys(known))

    async def refresh(self) -> None:
        """Look for peers near ourselves and in every bucket."""
        await self.service.refresh_routing_table()

    async def closest_in_network(self, key: bytes) -> list[ID]:
        """Ask the network for the peers closest to a key."""
        return await self.service.peer_routing.find_closest_peers_network(key, CLOSEST_PEERS)

    async def ask(self, peer: ID, name: bytes) -> ProvidersAnswer:
        """Ask a peer who provides a name; raise what libp2p raises."""
        return await ask_providers(self.host, self.protocol, peer, name)

    async def tell(self, peer: ID, name: bytes) -> None:
        """Tell a peer that we provide a name; raise what libp2p raises if it refuses."""
        await tell_provided(self.host, self.protocol, peer, name)

    def serves(self, peer: ID) -> bool:
        """Tell whether the peer has said that it serves this DHT."""
        try:
            return self.protocol in self.host.get_peerstore().get_protocols(peer)
        except PeerStoreError:
            return False

    async def admit(self, peer: ID) -> bool:
        """Put a peer that serves this DHT into the routing table, if it has an address."""
        try:
            addresses = self.host.get_peerstore().addrs(peer)
        except PeerStoreError:
            return False
        info = PeerInfo(peer, addresses)
        return await self.service.routing_table.add_peer(info, skip_server_mode_check=True)

    def expel(self, peer: ID) -> None:
        """Forget a peer that does not answer."""
        self.service.routing_table.remove_peer(peer)

    def note_own(self, key: bytes) -> None:
        """Answer those who ask us that we provide the key."""
        own = PeerInfo(self.host.get_id(), self.host.get_addrs())
        self.service.provider_store.add_provider(key, own)

    def forget_own(self, key: bytes) -> None:
        """Stop answering so."""
        self.service.provider_store.providers.get(key, {}).pop(str(self.host.get_id()), None)

    def told_providers(self, key: bytes) -> Sequence[PeerInfo]:
        """Return the providers that told us themselves."""
        return self.service.provider_store.get_providers(key)


class _BoundedProviders(OrderedDict[bytes, dict[str, ProviderRecord]]):
    """Providers by key; as shipped it grows with every key that any peer names."""

    def __setitem__(self, key: bytes, value: dict[str, ProviderRecord]) -> None:
        super().__setitem__(key, value)
        if len(self) > PROVIDED_KEYS_MAX:
            self.popitem(last=False)


class _OwnProtocol:
    """The host as libp2p's DHT sees it, with the protocol id translated."""

    def __init__(self, host: IHost, protocol: TProtocol) -> None:
        self._host = host
        self._protocol = protocol
        self._peerstore = _OwnProtocolPeerstore(host.get_peerstore(), protocol)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the host has
        return getattr(self._host, name)

    def get_peerstore(self) -> "_OwnProtocolPeerstore":
        return self._peerstore

    def set_stream_handler(self, protocol_id: TProtocol, stream_handler: StreamHandlerFn) -> None:
        self._host.set_stream_handler(self._own(protocol_id), stream_handler)

    def remove_stream_handler(self, protocol_id: TProtocol) -> None:
        self._host.remove_stream_handler(self._own(protocol_id))

    async def new_stream(self, peer_id: ID, protocol_ids: Sequence[TProtocol]) -> INetStream:
        return await self._host.new_stream(peer_id, [self._own(each) for each in protocol_ids])

    def _own(self, protocol_id: TProtocol) -> TProtocol:
        return self._protocol if protocol_id == STOCK_PROTOCOL else protocol_id


class _OwnProtocolPeerstore:
    """The peerstore as libp2p's DHT sees it: peers that speak our id appear to speak the stock one."""

    def __init__(self, peerstore: IPeerStore, protocol: TProtocol) -> None:
        self._peerstore = peerstore
        self._protocol = protocol

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the peerstore has
        return getattr(self._peerstore, name)

    def get_protocols(self, peer_id: ID) -> list[str]:
        spoken = self._peerstore.get_protocols(peer_id)
        return [str(STOCK_PROTOCOL) if each == self._protocol else each for each in spoken]
