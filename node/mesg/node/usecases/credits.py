"""How much of a flow a peer is ready to take; nothing is sent, and so nothing piles up, beyond it."""

import trio

ANSWERS_BUFFERED_MAX = 80
"""Answers to one request that wait to be read; credit keeps an honest peer below it."""


class Credits:
    """How many more frames of one flow the peer is ready to take."""

    def __init__(self, count: int) -> None:
        self._count = min(count, ANSWERS_BUFFERED_MAX)
        self._more = trio.Event()

    def add(self, count: int) -> None:
        """Allow more."""
        self._count = min(self._count + count, ANSWERS_BUFFERED_MAX)
        self._more.set()

    async def spend(self) -> None:
        """Take one, waiting for it if there is none."""
        while self._count <= 0:
            self._more = trio.Event()
            await self._more.wait()
        self._count -= 1
