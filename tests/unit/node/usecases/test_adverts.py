"""Adverts: what is forged, stale, too long lived or about something else is ignored; the newest sequence wins."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.raw_peer import RawPeer
from tests.support.world import METERED, TestNode, World, open_world, write_service
from tests.vectors import make

from mesg.marketplace.domain.binding import BINDING_S_MAX, CLOCK_SKEW_S_MAX
from mesg.marketplace.domain.errors import Expired, Refused
from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.advert import ADVERT_S_MAX, Advert
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.usecases.discovery import AdvertBook

MANIFEST = """
name: Echo
sid: echo
tasks:
  say:
    inputs: {}
    outputs:
      success:
        data: {}
"""
ECHO = ServiceId("echo")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def author(world: World) -> TestNode:
    """Has published `echo` and does not run it: nobody but the test's own peers offers it."""
    author = await world.open("author")
    folder = write_service(world.folder / "echo", MANIFEST)
    await world.publish(author, folder, METERED, start=False)
    await author.assembly.announcer.provide_all()
    world.hub.provided.clear()
    return author


@pytest.fixture
async def buyer(world: World, author: TestNode) -> TestNode:
    buyer = await world.open("buyer")
    await world.settle()
    return buyer


@pytest.fixture
async def book(buyer: TestNode) -> AdvertBook:
    return buyer.assembly.adverts


@pytest.fixture
async def host(world: World, author: TestNode) -> RawPeer:
    return RawPeer(world, "host")


async def test_a_right_advert_is_kept(author: TestNode, host: RawPeer, book: AdvertBook) -> None:
    advert = host.advert(author)

    assert book.take(advert)
    assert book.known(ECHO) == [advert]


async def test_an_advert_signed_by_another_peers_key_is_ignored(
    world: World, author: TestNode, host: RawPeer, book: AdvertBook
) -> None:
    forger = RawPeer(world, "forger")

    assert not book.take(forger.sign_advert(host.advert(author)))
    assert not book.take(forger.advert(author, binding=host.binding()))
    assert book.known(ECHO) == []


async def test_an_advert_for_an_account_that_did_not_sign_is_ignored(
    world: World, author: TestNode, host: RawPeer, book: AdvertBook
) -> None:
    rich = RawPeer(world, "rich")
    claims_to_be = replace(host.binding(), account=rich.account)

    assert not book.take(host.advert(author, binding=claims_to_be))
    assert not book.take(host.advert(author, binding=rich.binding()))


@pytest.mark.parametrize(
    ("issued_s", "expires_s", "is_kept"),
    [
        (-600, 0, True),
        (-600, -1, False),
        (CLOCK_SKEW_S_MAX, 600, True),
        (CLOCK_SKEW_S_MAX + 1, 600, False),
        (0, ADVERT_S_MAX, True),
        (0, ADVERT_S_MAX + 1, False),
        (-(10**9), 10**9, False),
    ],
)
async def test_an_advert_counts_only_in_its_time(
    world: World,
    author: TestNode,
    host: RawPeer,
    book: AdvertBook,
    issued_s: int,
    expires_s: int,
    is_kept: bool,
) -> None:
    now = world.market.now_unix_s
    advert = host.advert(
        author, issued_at_unix_s=now + issued_s, expires_at_unix_s=now + expires_s
    )

    assert book.take(advert) is is_kept


@pytest.mark.parametrize(
    ("issued_s", "expires_s"),
    [(-600, -1), (CLOCK_SKEW_S_MAX + 1, 600), (0, BINDING_S_MAX + 1)],
)
async def test_an_advert_is_worth_no_more_than_its_binding(
    world: World,
    author: TestNode,
    host: RawPeer,
    book: AdvertBook,
    issued_s: int,
    expires_s: int,
) -> None:
    now = world.market.now_unix_s
    binding = replace(
        host.binding(), issued_at_unix_s=now + issued_s, expires_at_unix_s=now + expires_s
    )
    digest = binding.digest(host.ledger.addresses.domain)

    assert not book.take(host.advert(author, binding=binding.signed(host.signer.sign(digest))))


async def test_the_newest_sequence_wins_in_whichever_order_they_come(
    author: TestNode, host: RawPeer, book: AdvertBook
) -> None:
    adverts = {number: host.advert(author, sequence=number) for number in (1, 2, 3)}

    taken = [book.take(adverts[number]) for number in (2, 1, 3, 3, 2)]

    assert taken == [True, False, True, False, False]
    assert book.known(ECHO) == [adverts[3]]


async def test_a_sequence_counts_for_its_own_peer_and_service_only(
    world: World, author: TestNode, host: RawPeer, book: AdvertBook
) -> None:
    other = RawPeer(world, "other host")
    first = host.advert(author, sequence=2**64 - 1)

    assert book.take(first)
    assert book.take(other.advert(author, sequence=1))
    assert book.take(host.advert(author, sequence=1, service=ServiceId("another")))
    assert len(book.known(ECHO)) == 2


async def test_an_advert_is_forgotten_when_its_time_is_over(
    world: World, author: TestNode, host: RawPeer, book: AdvertBook
) -> None:
    book.take(host.advert(author))

    world.market.advance(601)

    assert book.known(ECHO) == []


Answer = Callable[[RawPeer, RawPeer, TestNode], Sequence[pb.SignedAdvert]]
FALSE_ANSWERS: dict[str, Answer] = {
    "of another peer": lambda _, other, node: [wire.advert_out(other.advert(node))],
    "for another service": lambda host, _, node: [
        wire.advert_out(host.advert(node, service=ServiceId("another")))
    ],
    "changed behind the signature": lambda host, _, node: [
        pb.SignedAdvert(
            payload=wire.advert_payload(replace(host.advert(node), runs=False)),
            signature=host.advert(node).signature,
        )
    ],
    "no advert at all": lambda *_: [pb.SignedAdvert(payload=b"\xff" * 50, signature=b"x" * 64)],
    "too many addresses": lambda host, _, node: [
        wire.advert_out(host.advert(node, addresses=("/ip4/1.2.3.4/tcp/1",) * 17))
    ],
    "too large": lambda host, _, node: [
        wire.advert_out(host.advert(node, addresses=("/" * 9_000,)))
    ],
    "nothing": lambda *_: [],
}


@pytest.mark.parametrize("case", FALSE_ANSWERS)
async def test_a_false_answer_is_ignored_and_the_honest_one_counts(
    world: World, author: TestNode, buyer: TestNode, host: RawPeer, case: str
) -> None:
    liar, other = RawPeer(world, "liar"), RawPeer(world, "other")

    def lie(frame: pb.Frame) -> list[pb.Frame]:
        adverts = FALSE_ANSWERS[case](liar, other, author)
        request = frame.ask_adverts.request
        return [pb.Frame(adverts=pb.Adverts(request=request, adverts=adverts))]

    liar.serve(lie)
    assert await buyer.assembly.adverts.find(ECHO) == []

    advert = host.advert(author)
    host.serve(lambda frame: [answer(frame, advert)])
    assert await buyer.assembly.adverts.find(ECHO) == [advert]
    assert buyer.assembly.adverts.known(ServiceId("another")) == []


async def test_an_older_advert_told_again_changes_nothing(
    author: TestNode, buyer: TestNode, host: RawPeer
) -> None:
    newer, older = host.advert(author, sequence=9), host.advert(author, sequence=8)
    told = [newer]
    host.serve(lambda frame: [answer(frame, told[0])])
    await buyer.assembly.adverts.find(ECHO)

    told[0] = older

    assert await buyer.assembly.adverts.find(ECHO, anew=True) == [newer]


def answer(frame: pb.Frame, advert: Advert) -> pb.Frame:
    request = frame.ask_adverts.request
    return pb.Frame(adverts=pb.Adverts(request=request, adverts=[wire.advert_out(advert)]))


GENUINE = wire.advert_out(make.advert())
ISSUED = make.advert().issued_at_unix_s


def check(message: pb.SignedAdvert) -> None:
    wire.advert_in(message).check(make.DOMAIN, now_unix_s=ISSUED)


def test_the_genuine_advert_holds() -> None:
    check(GENUINE)

    with pytest.raises(Expired):
        wire.advert_in(GENUINE).check(make.DOMAIN, now_unix_s=ISSUED + 1_801)


@given(
    at=st.integers(0, len(GENUINE.payload) + len(GENUINE.signature) - 1),
    change=st.integers(1, 255),
)
def test_one_changed_byte_anywhere_is_noticed(at: int, change: int) -> None:
    raw = bytearray(GENUINE.payload + GENUINE.signature)
    raw[at] ^= change
    size = len(GENUINE.payload)

    with pytest.raises(Refused):
        check(pb.SignedAdvert(payload=bytes(raw[:size]), signature=bytes(raw[size:])))


@given(payload=st.binary(max_size=300), signature=st.binary(max_size=70))
def test_noise_is_never_an_advert(payload: bytes, signature: bytes) -> None:
    with pytest.raises(Refused):
        check(pb.SignedAdvert(payload=payload, signature=signature))


@given(cut=st.integers(0, len(GENUINE.payload) - 1), more=st.binary(min_size=1, max_size=20))
def test_a_cut_or_lengthened_payload_is_noticed(cut: int, more: bytes) -> None:
    for payload in (GENUINE.payload[:cut], GENUINE.payload + more):
        with pytest.raises(Refused):
            check(pb.SignedAdvert(payload=payload, signature=GENUINE.signature))
