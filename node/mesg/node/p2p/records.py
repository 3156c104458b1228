"""Provider records on the wire: one question and one answer of Kademlia on a stream of its own.

The key on the wire is the multihash of a CIDv1 (raw, sha2-256) of our key's bytes: 0x12, 0x20 and the
sha-256. js-libp2p finds the same records with
`contentRouting.findProviders(CID.createV1(raw.code, await sha256.digest(key)))`.
"""

import hashlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import cast

import trio
import varint  # type: ignore[import-untyped]
from libp2p.abc import IHost, INetStream
from libp2p.custom_types import TProtocol
from libp2p.kad_dht.pb.kademlia_pb2 import Message
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from libp2p.utils.varint import read_varint_prefixed_bytes_limited

from mesg.node.p2p.addresses import parse_hints
from mesg.node.p2p.streams import END_S_MAX, end_stream

ANSWER_BYTES_MAX = 1024 * 1024
"""An answer names at most 20 providers and 20 closer peers, each with some addresses."""
PEERS_MAX = 40
"""Peers of one answer that are looked at, of each sort."""
_SHA256_MULTIHASH = b"\x12\x20"


def multihash(key: bytes) -> bytes:
    """Return what names a key in the DHT."""
    return _SHA256_MULTIHASH + hashlib.sha256(key).digest()


@dataclass(frozen=True, slots=True)
class ProvidersAnswer:
    """What a peer says about a key: who has it, and who may know better."""

    providers: tuple[PeerInfo, ...]
    closer: tuple[PeerInfo, ...]


async def ask_providers(
    host: IHost, protocol: TProtocol, peer: ID, name: bytes
) -> ProvidersAnswer:
    """Ask a peer who provides what `name` (a multihash) names; raise what libp2p raises."""
    question = Message(type=Message.MessageType.GET_PROVIDERS, key=name)
    async with _open_exchange(host, protocol, peer) as stream:
        await _send(stream, question)
        answer = await _receive(stream)
    return ProvidersAnswer(
        providers=_peers(answer.providerPeers), closer=_peers(answer.closerPeers)
    )


async def tell_provided(host: IHost, protocol: TProtocol, peer: ID, name: bytes) -> None:
    """Tell a peer that we provide what `name` names; raise what libp2p raises if it refuses.

    py-libp2p repeats the message to confirm; go-libp2p and js-libp2p end the stream without a word.
    """
    own = Message.Peer(
        id=host.get_id().to_bytes(), addrs=[each.to_bytes() for each in host.get_addrs()]
    )
    message = Message(type=Message.MessageType.ADD_PROVIDER, key=name, providerPeers=[own])
    async with _open_exchange(host, protocol, peer) as stream:
        await _send(stream, message)
        await stream.close_write()  # type: ignore[attr-defined]  # only NetStream names it
        # An end without a word is consent too; a refusal is a reset.
        with suppress(StreamEOF):
            await _receive(stream)


@asynccontextmanager
async def _open_exchange(host: IHost, protocol: TProtocol, peer: ID) -> AsyncGenerator[INetStream]:
    stream = await host.new_stream(peer, [protocol])
    is_done = False
    try:
        yield stream
        is_done = True
    finally:
        with trio.move_on_after(END_S_MAX, shield=True):
            await end_stream(stream, gracefully=is_done)


async def _send(stream: INetStream, message: Message) -> None:
    body = message.SerializeToString()
    await stream.write(cast("bytes", varint.encode(len(body))) + body)


async def _receive(stream: INetStream) -> Message:
    return Message.FromString(await read_varint_prefixed_bytes_limited(stream, ANSWER_BYTES_MAX))


def _peers(said: Iterable[Message.Peer]) -> tuple[PeerInfo, ...]:
    looked_at = islice(said, PEERS_MAX)
    return tuple(PeerInfo(ID(each.id), parse_hints(each.addrs)) for each in looked_at)
