"""Frames on the wire: an unsigned varint length, then a protobuf `Frame`; every size is capped.

Nothing is allocated on a peer's word: a length above the cap ends the session before its bytes are
read.
"""

from collections.abc import Iterator

from google.protobuf.message import DecodeError

from mesg.marketplace.domain.errors import ProtocolViolation
from mesg.node.protocol.session_pb2 import Frame

FRAME_BYTES_MAX = 1 << 21
"""2 MiB: the largest input or output (1 MiB of JSON) with room to spare."""
_VARINT_BYTES_MAX = 4


def encode(frame: Frame) -> bytes:
    """Return the frame as it goes on the wire; raise ProtocolViolation if it is too large to send."""
    body = frame.SerializeToString()
    if len(body) > FRAME_BYTES_MAX:
        raise ProtocolViolation(f"a frame of {len(body)} bytes is above {FRAME_BYTES_MAX}")
    return _varint(len(body)) + body


class FrameReader:
    """Cuts a byte stream into frames; raises ProtocolViolation at the first byte that breaks a rule."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete now; the rest waits for more bytes."""
        buffer = self._buffer
        buffer += data
        position = 0
        while (head := _read_varint(buffer, position)) is not None:
            length, start = head
            if length > FRAME_BYTES_MAX:
                raise ProtocolViolation(f"a frame of {length} bytes is above {FRAME_BYTES_MAX}")
            if len(buffer) - start < length:
                break
            position = start + length
            yield _parse(bytes(memoryview(buffer)[start:position]))
        del buffer[:position]


def _parse(body: bytes) -> Frame:
    try:
        return Frame.FromString(body)
    except DecodeError as error:
        raise ProtocolViolation("a frame is not a protobuf Frame") from error


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(buffer: bytearray, start: int) -> tuple[int, int] | None:
    value = 0
    for index in range(_VARINT_BYTES_MAX):
        if start + index >= len(buffer):
            return None
        byte = buffer[start + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, start + index + 1
    raise ProtocolViolation(f"a frame length has more than {_VARINT_BYTES_MAX} bytes")
