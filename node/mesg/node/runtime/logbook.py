"""An instance's log on disk, bounded by rotation, and those who follow it live."""

import shutil
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import trio

from mesg.node.domain.instance import LogLine

LOG_BYTES_MAX = 1024 * 1024
"""Of one file; the current and the previous one are kept."""
TAIL_LINES_MAX = 10_000
"""More history than this is not given at once."""
FOLLOWER_LINES_MAX = 1_000
"""A follower further behind misses lines, and is told how many."""
_MARKS = {"stdout": "O", "stderr": "E"}
_STREAMS = {mark: stream for stream, mark in _MARKS.items()}


class LogBook:
    """Keeps the last lines of an instance in a folder."""

    def __init__(self, folder: Path) -> None:
        """Use that folder; it is made when the first line comes."""
        self._folder = folder
        self._current = folder / "log"
        self._previous = folder / "log.1"
        self._followers: set[_Follower] = set()
        # Whoever starts to follow sees each line once: in the history or live, not in both.
        self._lock = trio.Lock()

    async def write(self, lines: Sequence[LogLine]) -> None:
        """Append lines, rotating if need be, and give them to the followers."""
        async with self._lock:
            with suppress(OSError):  # a full disk loses lines, not the node
                await trio.to_thread.run_sync(self._append, lines)
            for follower in self._followers:
                for line in lines:
                    follower.offer(line)

    @asynccontextmanager
    async def read(
        self, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give the last `tail` lines, then, while `follow`, new ones until `end_following`."""
        async with self._lock:
            history = await trio.to_thread.run_sync(self._tail, min(tail, TAIL_LINES_MAX))
            size = len(history) + FOLLOWER_LINES_MAX
            send, receive = trio.open_memory_channel[LogLine](size)
            follower = _Follower(send)
            for line in history:
                follower.offer(line)
            if follow:
                self._followers.add(follower)
            else:
                follower.close()
        with receive:
            try:
                yield receive
            finally:
                self._followers.discard(follower)
                follower.close()

    def end_following(self) -> None:
        """Tell all followers that no line comes any more."""
        for follower in self._followers:
            follower.close()
        self._followers.clear()

    async def delete(self) -> None:
        """Delete the files; the followers are told."""
        self.end_following()
        async with self._lock:
            await trio.to_thread.run_sync(shutil.rmtree, self._folder, True)

    def _append(self, lines: Iterable[LogLine]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{_MARKS[line.stream]} {line.text}\n" for line in lines)
        data = text.encode()
        size = self._current.stat().st_size if self._current.exists() else 0
        if size and size + len(data) > LOG_BYTES_MAX:
            self._current.replace(self._previous)
        with self._current.open("ab") as file:
            file.write(data)

    def _tail(self, count: int) -> list[LogLine]:
        last: deque[LogLine] = deque(maxlen=max(count, 0))
        for path in (self._previous, self._current):
            if path.exists():
                last.extend(_read(path))
        return list(last)


class _Follower:
    """One reader's channel; never waits for it."""

    def __init__(self, send: trio.MemorySendChannel[LogLine]) -> None:
        self._send = send
        self._missed = 0

    def offer(self, line: LogLine) -> None:
        try:
            if self._missed:
                self._send.send_nowait(LogLine("stderr", f"({self._missed} lines were missed)"))
                self._missed = 0
            self._send.send_nowait(line)
        except trio.WouldBlock:
            self._missed += 1
        except trio.BrokenResourceError:
            pass  # the reader has gone and will leave the set

    def close(self) -> None:
        self._send.close()


def _read(path: Path) -> Iterable[LogLine]:
    for raw in path.read_bytes().split(b"\n"):
        mark, _, text = raw.decode("utf-8", "replace").partition(" ")
        if mark in _STREAMS:
            yield LogLine(_STREAMS[mark], text)
