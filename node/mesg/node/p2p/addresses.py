"""Multiaddrs at the door of the room: texts outside, `Multiaddr` inside."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from libp2p.utils.address_validation import expand_wildcard_address
from multiaddr.exceptions import Error as MultiaddrError
from multiaddr.multiaddr import Multiaddr

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import PeerId, parse_peer_id

ADDRESSES_MAX = 16
"""Addresses of one peer that are looked at; a peer may claim any number."""


def parse_address(text: str, *, where: str) -> Multiaddr:
    """Read a TCP multiaddr such as /ip4/0.0.0.0/tcp/4001; raise InvalidInput."""
    try:
        address = Multiaddr(text)
        is_tcp = _is_tcp(address)
    except (MultiaddrError, ValueError) as error:
        raise InvalidInput(f"{text[:120]!r} is not a multiaddr: {error}", where=where) from error
    if not is_tcp:
        raise InvalidInput(f"{text[:120]!r} is not a TCP address", where=where)
    return address


def _is_tcp(address: Multiaddr) -> bool:
    names = {protocol.name for protocol in address.protocols()}
    return "tcp" in names and not names & {"ws", "wss", "p2p-circuit"}


def parse_bootstrap(text: str) -> PeerInfo:
    """Read an address that ends in /p2p/<peer id>; raise InvalidInput."""
    address = parse_address(text, where="bootstrap")
    peer = address.get_peer_id()
    if peer is None:
        raise InvalidInput(f"{text[:120]!r} lacks /p2p/<peer id>", where="bootstrap")
    return PeerInfo(libp2p_id(parse_peer_id(peer)), [without_peer(address)])


def parse_hints(texts: Iterable[str | bytes]) -> list[Multiaddr]:
    """Keep the TCP addresses among those that others claim; at most ADDRESSES_MAX."""
    addresses: list[Multiaddr] = []
    for text in texts:
        if len(addresses) == ADDRESSES_MAX:
            break
        # Strangers wrote these, and multiaddr raises anything (even TypeError) on truncated bytes.
        with suppress(Exception):
            address = without_peer(Multiaddr(text))
            if _is_tcp(address):
                addresses.append(address)
    return addresses


def without_peer(address: Multiaddr) -> Multiaddr:
    """Cut a trailing /p2p/<peer id>."""
    peer = address.get_peer_id()
    return address if peer is None else address.decapsulate(Multiaddr(f"/p2p/{peer}"))


def as_texts(addresses: Iterable[Multiaddr]) -> tuple[str, ...]:
    """Show addresses without their peer id, each once."""
    return tuple(dict.fromkeys(str(without_peer(address)) for address in addresses))


def reachable(listening: Sequence[Multiaddr]) -> list[Multiaddr]:
    """Replace 0.0.0.0 and :: by the addresses of this machine's interfaces."""
    real: list[Multiaddr] = []
    for address in listening:
        if _is_wildcard(address):
            expanded = [
                each for each in expand_wildcard_address(address) if not _is_wildcard(each)
            ]
            real += expanded or [Multiaddr(_loopback(str(address)))]
        else:
            real.append(address)
    return list(dict.fromkeys(real))


def _is_wildcard(address: Multiaddr) -> bool:
    return str(address).startswith(("/ip4/0.0.0.0/", "/ip6/::/"))


def _loopback(text: str) -> str:
    """Return the address of a machine that has no interface but loopback."""
    return text.replace("/ip4/0.0.0.0/", "/ip4/127.0.0.1/").replace("/ip6/::/", "/ip6/::1/")


def libp2p_id(peer: PeerId) -> ID:
    """Turn our text into libp2p's object."""
    return ID.from_base58(peer)


def peer_text(peer_id: ID) -> PeerId:
    """Turn libp2p's object into our text; raise InvalidInput unless the id holds an ed25519 key."""
    return parse_peer_id(peer_id.to_base58())
