"""Reads what the engine streams: container output in frames, build output in JSON lines. No I/O."""

import json
from collections import deque
from struct import Struct

from mesg.node.domain.instance import LogLine
from mesg.node.runtime.lines import LineCutter

_HEADER = Struct(">BxxxL")
"""Which stream (1 stdout, 2 stderr), and how many bytes follow."""
_STREAMS = {1: "stdout", 2: "stderr"}
BUILD_LINES_MAX = 20
"""The last words of a build are told when it fails."""
BUILD_LINE_LENGTH_MAX = 500


class FrameReader:
    """Turns the engine's multiplexed output into lines."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._cutters = {number: LineCutter(name) for number, name in _STREAMS.items()}

    def feed(self, data: bytes) -> list[LogLine]:
        """Return the lines that these bytes complete."""
        self._buffer += data
        lines: list[LogLine] = []
        while len(self._buffer) >= _HEADER.size:
            number, size = _HEADER.unpack_from(self._buffer)
            end = _HEADER.size + size
            if len(self._buffer) < end:
                break
            if number in self._cutters:
                lines += self._cutters[number].feed(bytes(self._buffer[_HEADER.size : end]))
            del self._buffer[:end]
        return lines

    def finish(self) -> list[LogLine]:
        """Return the last lines that had no end."""
        return [line for cutter in self._cutters.values() for line in cutter.finish()]


class BuildReader:
    """Remembers how a build ends."""

    def __init__(self) -> None:
        self.error = ""
        self._last: deque[str] = deque(maxlen=BUILD_LINES_MAX)

    def feed(self, line: str) -> None:
        """Take one JSON line."""
        if not line.strip():
            return
        told = json.loads(line)
        self.error = self.error or str(told.get("error", ""))
        if text := str(told.get("stream", "")).strip():
            self._last.append(text[:BUILD_LINE_LENGTH_MAX])

    @property
    def last_words(self) -> str:
        """The end of the build's output."""
        return "\n".join(self._last)
