"""Cuts what an instance writes into lines of bounded length."""

from mesg.node.domain.instance import LogLine

LINE_BYTES_MAX = 8 * 1024
"""A longer line is cut into several, so that one without an end costs no memory."""


class LineCutter:
    """Turns the bytes of one stream, as they come, into lines."""

    def __init__(self, stream: str) -> None:
        """Cut for `stdout` or `stderr`."""
        self._stream = stream
        self._rest = b""

    def feed(self, data: bytes) -> list[LogLine]:
        """Return the lines that these bytes complete."""
        *whole, rest = (self._rest + data).split(b"\n")
        while len(rest) > LINE_BYTES_MAX:
            whole.append(rest[:LINE_BYTES_MAX])
            rest = rest[LINE_BYTES_MAX:]
        self._rest = rest
        return [line for raw in whole for line in self._cut(raw)]

    def finish(self) -> list[LogLine]:
        """Return the last line if it had no end."""
        rest, self._rest = self._rest, b""
        return self._cut(rest) if rest else []

    def _cut(self, raw: bytes) -> list[LogLine]:
        raw = raw.removesuffix(b"\r")
        pieces = range(0, max(len(raw), 1), LINE_BYTES_MAX)
        return [
            LogLine(self._stream, raw[start : start + LINE_BYTES_MAX].decode("utf-8", "replace"))
            for start in pieces
        ]
