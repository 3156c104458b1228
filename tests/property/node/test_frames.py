"""Frames from anybody: whatever the bytes and however they are cut, a frame or a clear refusal comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesg.marketplace.domain.errors import ProtocolViolation
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol.frames import FRAME_BYTES_MAX, FrameReader, encode

frames = st.one_of(
    st.builds(lambda nonce: pb.Frame(ping=pb.Ping(nonce=nonce)), st.integers(0, 2**64 - 1)),
    st.builds(
        lambda request, data: pb.Frame(chunk=pb.Chunk(request=request, data=data)),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=500),
    ),
)


@given(st.lists(frames, max_size=8), st.data())
def test_frames_survive_any_cutting_of_the_stream(
    sent: list[pb.Frame], data: st.DataObject
) -> None:
    stream = b"".join(encode(frame) for frame in sent)
    reader, received = FrameReader(), []

    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        received += list(reader.feed(stream[:cut]))
        stream = stream[cut:]

    assert received == sent


@given(st.binary(max_size=2_000))
def test_garbage_is_refused_or_waits_for_more_but_never_crashes(garbage: bytes) -> None:
    reader = FrameReader()

    try:
        for frame in reader.feed(garbage):
            frame.WhichOneof("body")
    except ProtocolViolation as error:
        assert error.message.startswith("a frame")


def test_the_largest_frame_passes_and_one_byte_more_does_not() -> None:
    overhead = len(pb.Frame(chunk=pb.Chunk(data=b"x" * 2_000_000)).SerializeToString()) - 2_000_000
    largest = pb.Frame(chunk=pb.Chunk(data=b"x" * (FRAME_BYTES_MAX - overhead)))
    assert len(largest.SerializeToString()) == FRAME_BYTES_MAX

    (received,) = FrameReader().feed(encode(largest))

    assert received == largest
    with pytest.raises(ProtocolViolation):
        encode(pb.Frame(chunk=pb.Chunk(data=b"x" * (FRAME_BYTES_MAX - overhead + 1))))


def test_a_length_above_the_limit_is_refused_before_its_bytes_come() -> None:
    announced = bytes([0x81, 0x80, 0x80, 0x01])  # 2 MiB and one byte

    with pytest.raises(ProtocolViolation, match="2097153 bytes is above 2097152"):
        list(FrameReader().feed(announced))


def test_a_length_of_endless_bytes_is_refused() -> None:
    with pytest.raises(ProtocolViolation, match="more than 4 bytes"):
        list(FrameReader().feed(b"\xff" * 5))
