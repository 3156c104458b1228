"""Yamux frames: a 12-byte header, and for DATA a body (github.com/hashicorp/yamux, spec.md)."""

import struct

HEADER = struct.Struct("!BBHII")
"""Version, kind, flags, stream id, and length (of the body, of a window's growth, or a ping's value)."""

DATA, WINDOW, PING, GO_AWAY = range(4)
SYN, ACK, FIN, RST = 1, 2, 4, 8

WINDOW_BYTES = 256 * 1024
"""What each side may send on a new stream before it is granted more (fixed by the specification)."""
WINDOW_BYTES_MAX = 1024 * 1024
"""How far a window grows for a reader that keeps up: 10 MB/s at 100 ms of round trip."""
BODY_BYTES_MAX = 64 * 1024 - HEADER.size
"""The longest body we send: header and body fill at most one Noise record and a bit."""


def header(kind: int, flags: int, stream_id: int, length: int) -> bytes:
    """Pack a frame's header."""
    return HEADER.pack(0, kind, flags, stream_id, length)
