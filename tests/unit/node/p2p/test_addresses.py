"""Multiaddrs at the door."""

import pytest
from multiaddr.multiaddr import Multiaddr

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.p2p.addresses import (
    ADDRESSES_MAX,
    as_texts,
    parse_address,
    parse_bootstrap,
    parse_hints,
    reachable,
)

PEER = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X"


@pytest.mark.parametrize(
    "text", ["", "nonsense", "/ip4/1.2.3.4/udp/1/quic-v1", "/ip4/1.2.3.4/tcp/80/ws"]
)
def test_only_tcp_addresses_are_accepted(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_address(text, where="listen")


@pytest.mark.parametrize(
    "text", ["/ip4/1.2.3.4/tcp/4001", "/dns4/node.example/tcp/4001/p2p/QmYyQSo1c1Ym7orWxLYvCrM"]
)
def test_a_bootstrap_address_names_an_ed25519_peer(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_bootstrap(text)


def test_a_bootstrap_address_gives_peer_and_place() -> None:
    node = parse_bootstrap(f"/dns4/node.example/tcp/4001/p2p/{PEER}")

    assert node.peer_id.to_base58() == PEER
    assert as_texts(node.addrs) == ("/dns4/node.example/tcp/4001",)


def test_of_what_others_claim_only_tcp_addresses_are_kept_and_not_too_many() -> None:
    claimed: list[str | bytes] = [
        "nonsense",
        b"\xff\xff",
        b"",
        "/ip4/1.2.3.4/udp/1",
        f"/ip4/1.2.3.4/tcp/1/p2p/{PEER}",
    ]
    many = [f"/ip4/1.2.3.4/tcp/{port}" for port in range(1, 1000)]

    assert as_texts(parse_hints(claimed)) == ("/ip4/1.2.3.4/tcp/1",)
    assert len(parse_hints(many)) == ADDRESSES_MAX


def test_a_wildcard_becomes_addresses_that_can_be_dialled() -> None:
    announced = as_texts(reachable([Multiaddr("/ip4/0.0.0.0/tcp/4001")]))

    assert announced
    assert all(text.endswith("/tcp/4001") and "/0.0.0.0/" not in text for text in announced)
