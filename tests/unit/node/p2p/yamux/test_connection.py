"""The muxer against honest and hostile peers, over a wire made of memory."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import pytest
import trio
import trio.lowlevel
from libp2p.abc import ISecureConn
from libp2p.peer.id import ID
from libp2p.stream_muxer.exceptions import (
    MuxedConnUnavailable,
    MuxedStreamClosed,
    MuxedStreamEOF,
    MuxedStreamReset,
)
from trio.testing import MockClock

from mesg.node.p2p.yamux import connection as connection_module
from mesg.node.p2p.yamux.connection import YamuxConnection
from mesg.node.p2p.yamux.frames import (
    ACK,
    DATA,
    FIN,
    HEADER,
    PING,
    RST,
    SYN,
    WINDOW,
    WINDOW_BYTES,
    header,
)
from mesg.node.p2p.yamux.outbox import QUEUE_BYTES_MAX
from mesg.node.p2p.yamux.table import BUFFERED_BYTES_MAX, STREAMS_MAX

PEER = ID(b"peer")


class Wire:
    """One end of a secured connection: records go in and come out, `limit` of them may wait."""

    def __init__(self, *, is_initiator: bool, limit: float) -> None:
        self.is_initiator = is_initiator
        self.conn = self
        self._send, self.sent = trio.open_memory_channel[bytes](limit)
        self.arriving, self._receive = trio.open_memory_channel[bytes](10_000)

    def _drain(self, n: int | None) -> bytes:  # noqa: ARG002
        return b""

    async def read_msg(self) -> bytes:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            return b""

    async def write(self, data: bytes) -> None:
        await self._send.send(data)

    async def close(self) -> None:
        self._send.close()
        await trio.lowlevel.checkpoint()

    def get_remote_address(self) -> tuple[str, int]:
        return ("192.0.2.1", 4001)


class Peer:
    """Whoever is at the other end of the connection under test, frame by frame."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._buffer = b""

    async def send(self, *frames: bytes) -> None:
        await self._wire.arriving.send(b"".join(frames))

    async def next_frame(self) -> tuple[int, int, int, int]:
        """Return kind, flags, stream id and length of the next frame, its body dropped."""
        while len(self._buffer) < HEADER.size:
            self._buffer += await self._wire.sent.receive()
        _, kind, flags, stream_id, length = HEADER.unpack_from(self._buffer)
        self._buffer = self._buffer[HEADER.size :]
        while kind == DATA and len(self._buffer) < length:
            self._buffer += await self._wire.sent.receive()
        if kind == DATA:
            self._buffer = self._buffer[length:]
        return kind, flags, stream_id, length


@asynccontextmanager
async def _open(
    *, is_initiator: bool = False, limit: float = 10_000
) -> AsyncGenerator[tuple[YamuxConnection, Peer]]:
    wire = Wire(is_initiator=is_initiator, limit=limit)
    connection = YamuxConnection(cast("ISecureConn", wire), PEER)
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.start)
            await connection.event_started.wait()
            yield connection, Peer(wire)
            nursery.cancel_scope.cancel()


async def _join(one: Wire, other: Wire) -> None:
    async for record in one.sent:
        await other.arriving.send(record)
    await other.arriving.aclose()


@asynccontextmanager
async def _open_pair() -> AsyncGenerator[tuple[YamuxConnection, YamuxConnection]]:
    wires = Wire(is_initiator=True, limit=4), Wire(is_initiator=False, limit=4)
    one, other = (YamuxConnection(cast("ISecureConn", wire), PEER) for wire in wires)
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            for connection in (one, other):
                nursery.start_soon(connection.start)
                await connection.event_started.wait()
            nursery.start_soon(_join, wires[0], wires[1])
            nursery.start_soon(_join, wires[1], wires[0])
            yield one, other
            nursery.cancel_scope.cancel()


async def test_streams_carry_bytes_both_ways_and_half_close() -> None:
    async with _open_pair() as (one, other):
        here = await one.open_stream()
        await here.write(b"question")
        there = await other.accept_stream()
        assert await there.read(100) == b"question"
        await there.write(b"answer")
        await here.close_write()  # type: ignore[attr-defined]
        assert await here.read(3) == b"ans"
        assert await here.read(100) == b"wer"
        with pytest.raises(MuxedStreamEOF):
            await there.read(1)
        await there.write(b"still")
        assert await here.read(5) == b"still"
        with pytest.raises(MuxedStreamClosed):
            await here.write(b"more")


async def test_a_writer_waits_for_a_slow_reader_and_loses_nothing() -> None:
    content = bytes(range(256)) * 12_000
    received = bytearray()
    async with _open_pair() as (one, other), trio.open_nursery() as nursery:
        here = await one.open_stream()
        nursery.start_soon(here.write, content)
        there = await other.accept_stream()
        while len(received) < len(content):
            received += await there.read(50_000)
            await trio.lowlevel.checkpoint()
    assert bytes(received) == content


async def test_a_writer_without_a_reader_holds_a_window_and_no_more() -> None:
    async with _open() as (connection, peer):
        stream = await connection.open_stream()
        with trio.move_on_after(0.1) as scope:
            await stream.write(bytes(10 * WINDOW_BYTES))
        assert scope.cancelled_caught

        assert await peer.next_frame() == (WINDOW, SYN, stream.stream_id, 0)  # type: ignore[attr-defined]
        sent = 0
        while sent < WINDOW_BYTES:
            kind, _, _, length = await peer.next_frame()
            assert kind == DATA
            sent += length
        assert sent == WINDOW_BYTES


async def test_after_a_cancelled_write_every_frame_is_whole() -> None:
    async with _open_pair() as (one, other):
        here = await one.open_stream()
        for _ in range(10):
            with trio.move_on_after(0.001):
                await here.write(bytes(400_000))
        fresh = await one.open_stream()
        await fresh.write(b"whole")
        await other.accept_stream()
        assert await (await other.accept_stream()).read(5) == b"whole"


async def test_a_peer_that_overflows_a_window_is_cut() -> None:
    async with _open() as (connection, peer):
        await peer.send(header(WINDOW, SYN, 1, 0))
        for _ in range(5):
            await peer.send(header(DATA, 0, 1, 60_000), bytes(60_000))
        await connection.event_closed.wait()


async def test_a_length_nobody_was_granted_is_refused_before_its_bytes() -> None:
    async with _open() as (connection, peer):
        await peer.send(header(WINDOW, SYN, 1, 0), header(DATA, 0, 1, WINDOW_BYTES + 1))
        await connection.event_closed.wait()


@pytest.mark.parametrize(
    "frame",
    [
        HEADER.pack(1, DATA, 0, 1, 0),
        HEADER.pack(0, 9, 0, 1, 0),
        header(WINDOW, SYN, 2, 0),
        header(WINDOW, SYN, 0, 0),
        header(WINDOW, SYN, 1, 0) * 2,
        header(DATA, SYN, 1, WINDOW_BYTES + 1) + bytes(WINDOW_BYTES + 1),
    ],
)
async def test_a_broken_rule_ends_the_connection(frame: bytes) -> None:
    async with _open() as (connection, peer):
        await peer.send(frame)
        await connection.event_closed.wait()


async def test_frames_may_come_in_any_pieces() -> None:
    frames = header(WINDOW, SYN, 1, 0) + header(DATA, 0, 1, 5) + b"hello" + header(DATA, FIN, 1, 0)
    async with _open() as (connection, peer):
        for number in range(len(frames)):
            await peer.send(frames[number : number + 1])
        stream = await connection.accept_stream()
        received = b""
        while len(received) < 5:
            received += await stream.read()
        assert received == b"hello"
        with pytest.raises(MuxedStreamEOF):
            await stream.read()


async def test_one_stream_too_many_is_reset_and_the_others_live() -> None:
    async with _open() as (connection, peer):
        for number in range(STREAMS_MAX + 1):
            await peer.send(header(WINDOW, SYN, 2 * number + 1, 0))
        for number in range(STREAMS_MAX):
            assert await peer.next_frame() == (WINDOW, ACK, 2 * number + 1, 0)
        assert await peer.next_frame() == (WINDOW, RST, 2 * STREAMS_MAX + 1, 0)
        await peer.send(header(DATA, 0, 1, 2), b"ok")
        assert await (await connection.accept_stream()).read() == b"ok"


async def test_we_do_not_open_more_streams_than_the_limit() -> None:
    async with _open() as (connection, _):
        streams = [await connection.open_stream() for _ in range(STREAMS_MAX)]
        with pytest.raises(MuxedConnUnavailable):
            await connection.open_stream()
        await streams[0].reset()
        await connection.open_stream()


async def test_streams_opened_and_reset_by_a_peer_leave_nothing() -> None:
    async with _open() as (connection, peer):
        for number in range(20):
            pairs = (
                header(WINDOW, SYN, 2 * each + 1, 0) + header(WINDOW, RST, 2 * each + 1, 0)
                for each in range(1000 * number, 1000 * number + 1000)
            )
            await peer.send(*pairs)
        await peer.send(header(PING, SYN, 0, 7))
        while await peer.next_frame() != (PING, ACK, 0, 7):
            pass
        assert not connection.is_closed


async def test_bytes_that_nobody_reads_are_bounded_over_all_streams() -> None:
    async with _open() as (connection, peer):
        streams = BUFFERED_BYTES_MAX // WINDOW_BYTES + 1
        for number in range(streams):
            stream_id = 2 * number + 1
            await peer.send(
                header(WINDOW, SYN, stream_id, 0),
                header(DATA, 0, stream_id, WINDOW_BYTES),
                bytes(WINDOW_BYTES),
            )
        await connection.event_closed.wait()


async def test_a_peer_that_pings_and_does_not_read_is_cut() -> None:
    async with _open(limit=0) as (connection, peer):
        pings = header(PING, SYN, 0, 1) * 1000
        for _ in range(2 * QUEUE_BYTES_MAX // len(pings)):
            await peer.send(pings)
        await connection.event_closed.wait()


async def test_a_reset_frees_what_was_received_and_wakes_the_reader() -> None:
    async with _open() as (connection, peer):
        await peer.send(header(WINDOW, SYN, 1, 0), header(DATA, 0, 1, 4), b"data")
        stream = await connection.accept_stream()
        await peer.send(header(WINDOW, RST, 1, 0))
        await peer.send(header(PING, SYN, 0, 1))
        while (await peer.next_frame())[0] != PING:
            pass
        with pytest.raises(MuxedStreamReset):
            await stream.read()
        with pytest.raises(MuxedStreamReset):
            await stream.write(b"x")


async def test_data_for_a_stream_we_closed_is_answered_by_a_reset() -> None:
    async with _open() as (connection, peer):
        await peer.send(header(WINDOW, SYN, 1, 0))
        stream = await connection.accept_stream()
        await stream.close()
        await peer.send(header(DATA, 0, 1, 4), b"late")
        assert await peer.next_frame() == (WINDOW, ACK, 1, 0)
        assert await peer.next_frame() == (WINDOW, FIN, 1, 0)
        assert await peer.next_frame() == (WINDOW, RST, 1, 0)


async def test_when_the_connection_ends_readers_and_writers_are_told() -> None:
    async with _open() as (connection, peer):
        stream = await connection.open_stream()
        await peer.send(b"\xff" * HEADER.size)
        with pytest.raises(MuxedStreamReset):
            await stream.read()
        with pytest.raises(MuxedStreamReset):
            await stream.write(b"x")
        with pytest.raises(MuxedConnUnavailable):
            await connection.open_stream()
        with pytest.raises(MuxedConnUnavailable):
            await connection.accept_stream()


async def test_what_was_written_before_closing_still_goes_out() -> None:
    async with _open() as (connection, peer):
        stream = await connection.open_stream()
        await stream.write(b"last words")
        await connection.close()
        await connection.close()
        assert [(await peer.next_frame())[0] for _ in range(3)] == [WINDOW, DATA, 3]
        assert connection.is_closed


async def test_a_silent_peer_is_dropped_and_one_that_answers_is_kept(
    autojump_clock: MockClock,
) -> None:
    wire = Wire(is_initiator=False, limit=10_000)
    connection = YamuxConnection(cast("ISecureConn", wire), PEER)
    peer = Peer(wire)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.start)
        for _ in range(20):
            kind, flags, _, value = await peer.next_frame()
            assert (kind, flags) == (PING, SYN)
            await peer.send(header(PING, ACK, 0, value))
        silent_since = trio.current_time()
        await connection.event_closed.wait()

    assert trio.current_time() - silent_since <= connection_module.SILENCE_S_MAX + 10
