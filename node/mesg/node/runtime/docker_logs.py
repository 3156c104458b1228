"""The log of an instance in a container: earlier runs from a file, this run from the engine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import trio

from mesg.marketplace.domain.errors import EngineUnavailable
from mesg.node.domain.instance import LogLine
from mesg.node.runtime.docker_engine import Engine
from mesg.node.runtime.docker_stream import FrameReader
from mesg.node.runtime.logbook import TAIL_LINES_MAX, LogBook

BUFFER_LINES = 100
"""A reader further behind makes the engine wait; it keeps the lines itself."""


class ContainerLogs:
    """Reads and saves the output of containers."""

    def __init__(self, engine: Engine, nursery: trio.Nursery) -> None:
        """Read in tasks of a nursery that outlives every reader."""
        self._engine = engine
        self._nursery = nursery

    async def save(self, container: str, book: LogBook) -> None:
        """Append all output of a container that has ended."""
        reader = FrameReader()
        async with self._engine.output(container, follow=False, tail="all") as pieces:
            async for data in pieces:
                if lines := reader.feed(data):
                    await book.write(lines)
        if lines := reader.finish():
            await book.write(lines)

    @asynccontextmanager
    async def read(
        self, container: str, book: LogBook, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give the last lines of earlier runs and of this one, then new ones until it ends."""
        tail = max(0, min(tail, TAIL_LINES_MAX))
        recent = await self._count(container, tail)
        async with book.read(follow=False, tail=tail - recent) as earlier:
            history = [line async for line in earlier]
        send, receive = trio.open_memory_channel[LogLine](BUFFER_LINES)
        scope, ended = trio.CancelScope(), trio.Event()

        async def copy() -> None:
            try:
                with scope, send:
                    await self._copy(container, history, send, follow=follow, tail=tail)
            finally:
                ended.set()

        self._nursery.start_soon(copy)
        try:
            with receive:
                yield receive
        finally:
            scope.cancel()
            with trio.CancelScope(shield=True):
                await ended.wait()

    async def _count(self, container: str, tail: int) -> int:
        """Return how many of the last lines are of this run."""
        reader = FrameReader()
        count = 0
        async with self._engine.output(container, follow=False, tail=str(tail)) as pieces:
            async for data in pieces:
                count += len(reader.feed(data))
        return min(count + len(reader.finish()), tail)

    async def _copy(
        self,
        container: str,
        history: list[LogLine],
        send: trio.MemorySendChannel[LogLine],
        *,
        follow: bool,
        tail: int,
    ) -> None:
        reader = FrameReader()
        with suppress(trio.BrokenResourceError):  # the reader has left
            for line in history:
                await send.send(line)
            try:
                async with self._engine.output(container, follow=follow, tail=str(tail)) as pieces:
                    async for data in pieces:
                        for line in reader.feed(data):
                            await send.send(line)
            except EngineUnavailable as error:
                await send.send(LogLine("stderr", f"({error.message})"))
            for line in reader.finish():
                await send.send(line)
