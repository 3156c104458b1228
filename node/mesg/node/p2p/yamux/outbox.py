"""What waits to be written on a connection: whole frames, joined into one write."""

from collections.abc import Awaitable, Callable

import trio

QUEUE_BYTES_HIGH = 192 * 1024
"""Queued bytes above which writers wait."""
QUEUE_BYTES_MAX = 4 * 1024 * 1024
"""Queued bytes that only answers to a peer that does not read can make; above, it is cut."""


class Outbox:
    """A queue that any task may add to and one task empties: cancelling a writer tears no frame."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._bytes = 0
        self._added = trio.Event()
        self._emptied = trio.Event()
        self._is_last = False
        self._is_closed = False

    @property
    def is_flooded(self) -> bool:
        """Whether the peer made us queue more than it reads."""
        return self._bytes > QUEUE_BYTES_MAX

    def enqueue(self, frame: bytes) -> None:
        """Queue one whole frame; never blocks."""
        if not self._is_closed:
            self._frames.append(frame)
            self._bytes += len(frame)
            self._added.set()

    def has_room(self) -> bool:
        """Tell whether writers may queue more data."""
        return self._bytes <= QUEUE_BYTES_HIGH

    async def wait_room(self) -> None:
        """Return when the queue was emptied or closed."""
        await self._emptied.wait()

    def finish(self, last: bytes) -> None:
        """Queue the last frame; `drain` returns once it is written."""
        self.enqueue(last)
        self._is_last = True

    def close(self) -> None:
        """Drop everything and wake whoever waits for room."""
        self._is_closed = True
        self._frames.clear()
        self._bytes = 0
        self._emptied.set()

    async def drain(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        """Write whatever is queued, all at once, until `finish` was called and obeyed."""
        while True:
            if not self._frames:
                if self._is_last:
                    return
                self._added = trio.Event()
                await self._added.wait()
            frames, self._frames = self._frames, []
            self._bytes = 0
            emptied, self._emptied = self._emptied, trio.Event()
            emptied.set()
            await write(b"".join(frames))
