"""The running libp2p host: TCP, Noise and Yamux only, our session protocol, and our own DHT."""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import trio
from libp2p import new_host
from libp2p.abc import IHost
from libp2p.crypto.x25519 import create_new_key_pair as new_noise_key
from libp2p.network.config import ConnectionConfig
from libp2p.rcmgr.manager import ResourceLimits, ResourceManager
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE_PROTOCOL
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.tools.anyio_service import background_trio_service
from multiaddr.multiaddr import Multiaddr

from mesg.marketplace.domain.errors import Unavailable
from mesg.node.p2p.addresses import parse_address, parse_bootstrap, reachable
from mesg.node.p2p.announcer import Announcer
from mesg.node.p2p.directory import KadDirectory
from mesg.node.p2p.identity import Identity
from mesg.node.p2p.joining import Meetings, greet_peers, keep_bootstrapped, keep_refreshed
from mesg.node.p2p.kademlia import Kademlia
from mesg.node.p2p.network import Libp2pNetwork
from mesg.node.p2p.repairs.install import install_repairs
from mesg.node.ports import Directory, Network

STREAMS_MAX = 1 << 16
"""Streams of all connections; libp2p makes the next one wait, so each connection has a cap below."""
HANDSHAKE_S_MAX = 5.0
NEGOTIATION_S_MAX = 10.0
CLOSE_S_MAX = 5.0
"""How long taking leave of all peers may take."""


@dataclass(frozen=True, slots=True)
class HostLimits:
    """How many connections a node holds."""

    connections_max: int = 600
    """The next connection is refused."""
    connections_high: int = 400
    """Above it, connections that nobody uses are closed."""
    connections_per_peer_max: int = 4
    """Two peers that dial each other at once have two; more are of no use."""


@dataclass(frozen=True, slots=True)
class P2pHost:
    """What the room offers the node."""

    network: Network
    directory: Directory


@asynccontextmanager
async def open_host(  # noqa: PLR0913  # each is a line of the configuration
    *,
    identity: Identity,
    network_name: str,
    listen: Sequence[str],
    rng: random.Random,
    announce: Sequence[str] = (),
    bootstrap: Sequence[str] = (),
    serves_dht: bool = True,
    limits: HostLimits | None = None,
) -> AsyncGenerator[P2pHost]:
    """Listen, join the network, and give the host; leaving the block takes leave of all peers.

    `listen` and `announce` are TCP multiaddrs (port 0 takes any port), `bootstrap` ones that end in
    /p2p/<peer id>. What is announced is `announce`, or else the addresses of this machine's interfaces.
    A node that others cannot dial should not serve the DHT (`serves_dht=False`). Raise InvalidInput
    for a malformed address and Unavailable if an address cannot be listened on.
    """
    places = [parse_address(text, where="listen") for text in listen]
    contacts = [parse_bootstrap(text) for text in bootstrap]
    for place in places:
        await _refuse_taken(place)
    install_repairs()
    host = _build(identity, announce, limits or HostLimits())
    network = Libp2pNetwork(host, identity)
    kademlia = Kademlia(host, network_name, is_server=serves_dht)
    announcer = Announcer(kademlia, rng=rng)
    meetings = Meetings()
    host.get_network().register_notifee(meetings)
    async with host.run(listen_addrs=()):
        await _listen(host, places)
        async with background_trio_service(kademlia.service), trio.open_nursery() as nursery:
            nursery.start_soon(greet_peers, meetings, kademlia, announcer)
            nursery.start_soon(announcer.run)
            nursery.start_soon(partial(keep_refreshed, kademlia, announcer, rng=rng))
            for contact in contacts:
                if contact.peer_id != host.get_id():
                    nursery.start_soon(partial(keep_bootstrapped, contact, kademlia, rng=rng))
            try:
                yield P2pHost(
                    network, KadDirectory(kademlia, announcer, expects_peers=bool(contacts))
                )
            finally:
                nursery.cancel_scope.cancel()
                with trio.move_on_after(CLOSE_S_MAX, shield=True):
                    await _take_leave(host)


def _build(identity: Identity, announce: Sequence[str], limits: HostLimits) -> IHost:
    key_pair = identity.key_pair
    noise = NoiseTransport(key_pair, noise_privkey=new_noise_key().private_key)
    fixed = [parse_address(text, where="announce") for text in announce]

    def advertised(listening: list[Multiaddr]) -> list[Multiaddr]:
        return fixed or reachable(listening)

    return new_host(
        key_pair=key_pair,
        sec_opt={NOISE_PROTOCOL: noise},
        muxer_preference="YAMUX",
        addrs_factory=advertised,
        disable_identify_address_discovery=True,
        resource_manager=_resource_manager(limits),
        connection_config=ConnectionConfig(
            max_connections=limits.connections_max,
            high_watermark=limits.connections_high,
            low_watermark=0,
            min_connections=0,
            max_connections_per_peer=limits.connections_per_peer_max,
            inbound_upgrade_timeout=HANDSHAKE_S_MAX,
            outbound_upgrade_timeout=HANDSHAKE_S_MAX,
            outbound_stream_protocol_negotiation_timeout=NEGOTIATION_S_MAX,
            inbound_stream_protocol_negotiation_timeout=NEGOTIATION_S_MAX,
        ),
    )


def _resource_manager(limits: HostLimits) -> ResourceManager:
    """Count connections and streams; the rest of libp2p's manager refuses honest peers by surprise."""
    return ResourceManager(
        limits=ResourceLimits(max_connections=limits.connections_max, max_streams=STREAMS_MAX),
        enable_metrics=False,
        enable_connection_tracking=False,
        enable_memory_limits=False,
        enable_circuit_breaker=False,
        enable_graceful_degradation=False,
        enable_rate_limiting=False,
    )


async def _listen(host: IHost, addresses: Sequence[Multiaddr]) -> None:
    """Listen on all addresses; libp2p says nothing when one of them fails."""
    for address in addresses:
        if not await host.get_network().listen(address):
            raise Unavailable(f"cannot listen on {address}")


async def _refuse_taken(address: Multiaddr) -> None:
    """Raise Unavailable if somebody listens there: libp2p would share the port with him in silence."""
    is_ip6 = str(address).startswith("/ip6/")
    place = address.value_for_protocol("ip6" if is_ip6 else "ip4")
    port = int(address.value_for_protocol("tcp") or 0)
    family = trio.socket.AF_INET6 if is_ip6 else trio.socket.AF_INET
    with trio.socket.socket(family, trio.socket.SOCK_STREAM) as probe:
        probe.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_REUSEADDR, 1)
        try:
            await probe.bind((place, port))
        except OSError as error:
            raise Unavailable(f"cannot listen on {address}: {error.strerror}") from error


async def _take_leave(host: IHost) -> None:
    """Close all connections at once, then the host, which would do it one after the other."""
    async with trio.open_nursery() as nursery:
        for connection in host.get_network().get_connections():
            nursery.start_soon(connection.close)
    await host.close()
