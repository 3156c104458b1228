"""The handshake and what may follow it: who is let in, as whom, and what ends a session."""

from dataclasses import replace
from typing import Any

import pytest
from tests.vectors import make

from mesg.marketplace.domain.binding import BINDING_S_MAX, CLOCK_SKEW_S_MAX, Binding
from mesg.marketplace.domain.errors import (
    BadSignature,
    Expired,
    InvalidInput,
    ProtocolViolation,
    Refused,
)
from mesg.marketplace.domain.identity import AccountAddress, PeerId
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol.frames import FrameReader, encode
from mesg.node.protocol.session import (
    REQUESTS_OPEN_MAX,
    Greeting,
    Received,
    Session,
    SessionState,
    Welcomed,
    request_number,
)

NOW = make.binding().issued_at_unix_s
OURS = Greeting("mesg-dev", make.MARKET, "ours", None)
THEIRS = Greeting("mesg-dev", make.MARKET, "theirs", make.binding())
STRANGER = PeerId("12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf")


def signed(**changes: Any) -> Binding:
    plain = replace(make.binding(), **changes)
    return plain.signed(make.OPERATOR.sign(plain.digest(make.DOMAIN)))


def meet(theirs: Greeting, *, now_unix_s: int = NOW) -> Welcomed:
    hello = Session(theirs, peer=STRANGER).hello()
    (welcomed,) = Session(OURS, peer=make.PEER).receive(hello, now_unix_s=now_unix_s)
    assert isinstance(welcomed, Welcomed)
    return welcomed


def open_session() -> Session:
    session = Session(OURS, peer=make.PEER)
    list(session.receive(Session(THEIRS, peer=STRANGER).hello(), now_unix_s=NOW))
    return session


def test_a_peer_is_met_as_the_account_it_is_bound_to() -> None:
    assert meet(THEIRS) == Welcomed(make.binding(), "theirs", REQUESTS_OPEN_MAX)


def test_a_peer_without_a_binding_is_anonymous() -> None:
    assert meet(replace(THEIRS, binding=None)).binding is None


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (replace(THEIRS, network="mesg"), "network 'mesg'"),
        (replace(THEIRS, network=""), "network ''"),
        (replace(THEIRS, market=replace(make.MARKET, chain_id=1)), "chain 1"),
        (
            replace(THEIRS, market=replace(make.MARKET, pay=AccountAddress(b"\xdd" * 20))),
            "contract 0xdddd",
        ),
    ],
)
def test_a_peer_of_another_market_is_refused(theirs: Greeting, words: str) -> None:
    with pytest.raises(Refused, match=words):
        meet(theirs)


@pytest.mark.parametrize(
    ("binding", "error"),
    [
        (signed(peer=STRANGER), Refused),
        (signed(issued_at_unix_s=NOW - 100, expires_at_unix_s=NOW - 1), Expired),
        (signed(issued_at_unix_s=NOW + CLOCK_SKEW_S_MAX + 1), Expired),
        (signed(expires_at_unix_s=NOW + BINDING_S_MAX + 1), Refused),
        (signed(expires_at_unix_s=2**64 - 1), Refused),
        (replace(make.binding(), account=make.PAYER.address), BadSignature),
        (replace(make.binding(), signature=b""), BadSignature),
        (replace(make.binding(), signature=b"\xff" * 64), BadSignature),
        (replace(make.binding(), expires_at_unix_s=NOW + 5), BadSignature),
    ],
)
def test_a_binding_that_does_not_hold_is_refused(binding: Binding, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        meet(replace(THEIRS, binding=binding))

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "binding",
    [
        signed(expires_at_unix_s=NOW),
        signed(issued_at_unix_s=NOW + CLOCK_SKEW_S_MAX),
        signed(expires_at_unix_s=NOW + BINDING_S_MAX),
    ],
)
def test_a_binding_holds_to_its_last_second(binding: Binding) -> None:
    assert meet(replace(THEIRS, binding=binding)).binding == binding


@pytest.mark.parametrize(
    "message",
    [
        pb.Binding(),
        pb.Binding(peer_id="x" * 1_000, account=b"\1" * 20),
        pb.Binding(peer_id=make.PEER, account=b"\1" * 19),
    ],
)
def test_a_binding_of_no_meaning_is_refused(message: pb.Binding) -> None:
    hello = pb.Hello(
        network="mesg-dev",
        chain_id=make.MARKET.chain_id,
        pay_contract=make.MARKET.pay.raw,
        binding=message,
    )
    session = Session(OURS, peer=make.PEER)

    with pytest.raises(InvalidInput):
        list(session.receive(encode(pb.Frame(hello=hello)), now_unix_s=NOW))


@pytest.mark.parametrize(
    "first", [pb.Frame(ping=pb.Ping()), pb.Frame(call=pb.Call(request=1)), pb.Frame()]
)
def test_the_first_frame_must_be_a_hello(first: pb.Frame) -> None:
    session = Session(OURS, peer=make.PEER)

    with pytest.raises(ProtocolViolation, match="the first frame must be a Hello"):
        list(session.receive(encode(first), now_unix_s=NOW))

    assert session.state is SessionState.GREETING


def test_a_second_hello_is_a_violation() -> None:
    session = open_session()

    with pytest.raises(ProtocolViolation, match="a second Hello"):
        list(session.receive(Session(THEIRS, peer=STRANGER).hello(), now_unix_s=NOW))


def test_frames_of_unknown_kinds_are_passed_over() -> None:
    session = open_session()
    of_the_future = b"\x05\xfa\x07\x02\x08\x01"  # field 127, with something in it
    ping = pb.Frame(ping=pb.Ping(nonce=7))

    said = list(session.receive(of_the_future + encode(pb.Frame()) + encode(ping), now_unix_s=NOW))

    assert said == [Received("ping", ping)]


def test_what_comes_with_the_hello_is_heard_behind_it() -> None:
    call = pb.Frame(call=pb.Call(request=3))
    data = Session(THEIRS, peer=STRANGER).hello() + encode(call)

    welcomed, received = Session(OURS, peer=make.PEER).receive(data, now_unix_s=NOW)

    assert isinstance(welcomed, Welcomed)
    assert isinstance(received, Received)
    assert request_number(received) == 3


def test_our_requests_are_numbered_from_one_and_never_again() -> None:
    session = open_session()

    assert [session.next_request() for _ in range(5)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("offered", "taken"), [(0, 256), (5, 5), (256, 256), (2**32 - 1, 256)])
def test_a_peer_may_allow_fewer_requests_but_not_more(offered: int, taken: int) -> None:
    (frame,) = frames_of(Session(THEIRS, peer=STRANGER).hello())
    frame.hello.calls_max = offered

    (welcomed,) = Session(OURS, peer=make.PEER).receive(encode(frame), now_unix_s=NOW)

    assert isinstance(welcomed, Welcomed)
    assert welcomed.requests_max == taken


def test_an_endless_agent_is_cut() -> None:
    assert meet(replace(THEIRS, agent="x" * 10_000)).agent == "x" * 64


def frames_of(data: bytes) -> list[pb.Frame]:
    return list(FrameReader().feed(data))
