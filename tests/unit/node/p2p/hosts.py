"""Real hosts on loopback, for the tests of this room."""

import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import trio
from libp2p import new_host
from libp2p.abc import IHost, ISecureTransport
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.keys import KeyPair
from libp2p.crypto.x25519 import create_new_key_pair as new_noise_key
from libp2p.custom_types import TProtocol
from libp2p.network.config import ConnectionConfig
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE_PROTOCOL
from libp2p.security.noise.transport import Transport as NoiseTransport
from multiaddr.multiaddr import Multiaddr

from mesg.marketplace.domain.identity import PeerId
from mesg.node.p2p.host import HostLimits, P2pHost, open_host
from mesg.node.p2p.identity import Identity, new_identity
from mesg.node.ports import Network, PeerStream

LOOPBACK = ("/ip4/127.0.0.1/tcp/0",)
NOBODY = PeerId("12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X")


def open_node(
    *,
    bootstrap: Sequence[str] = (),
    network_name: str = "test",
    listen: Sequence[str] = LOOPBACK,
    identity: Identity | None = None,
    limits: HostLimits | None = None,
    serves_dht: bool = True,
) -> AbstractAsyncContextManager[P2pHost]:
    """Open one of our hosts."""
    return open_host(
        identity=identity or new_identity(),
        network_name=network_name,
        listen=listen,
        bootstrap=bootstrap,
        rng=random.Random(1),  # noqa: S311
        limits=limits,
        serves_dht=serves_dht,
    )


def contact(network: Network) -> str:
    """Return the address that a bootstrap list names a node by."""
    return f"{network.addresses()[0]}/p2p/{network.peer}"


def port_of(network: Network) -> int:
    """Return the TCP port a node listens on."""
    return int(network.addresses()[0].rsplit("/", 1)[1])


async def echo(stream: PeerStream) -> None:
    """Send back whatever comes."""
    while data := await stream.receive_some():
        await stream.send_all(data)


async def answers(network: Network, peer: PeerId, addresses: Sequence[str] = ()) -> bool:
    """Tell whether a peer that echoes still does."""
    with trio.fail_after(10):
        stream = await network.open_stream(peer, addresses)
        await stream.send_all(b"?")
        answer = await stream.receive_some()
        await stream.aclose()
    return answer == b"?"


@asynccontextmanager
async def open_plain_host(
    security: Mapping[TProtocol, ISecureTransport] | None = None,
    key_pair: KeyPair | None = None,
) -> AsyncGenerator[IHost]:
    """Open a libp2p host that is not ours: Noise unless told otherwise, no DHT, no session."""
    keys = key_pair or create_new_key_pair()
    noise = NoiseTransport(keys, noise_privkey=new_noise_key().private_key)
    host = new_host(
        key_pair=keys,
        sec_opt=security or {NOISE_PROTOCOL: noise},
        connection_config=ConnectionConfig(min_connections=0, low_watermark=0),
    )
    async with host.run(listen_addrs=[Multiaddr(LOOPBACK[0])]):
        try:
            yield host
        finally:
            with trio.move_on_after(5, shield=True):
                await host.close()
