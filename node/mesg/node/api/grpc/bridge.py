"""Work asked for on the gRPC thread (asyncio) and done on the node's thread (trio).

Either side may give up: a cancelled RPC cancels its work, a stopping node ends its RPCs. Items of a
stream cross with credit, so that a client that does not read makes its emitter wait.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic, TypeVar

import trio

from mesg.marketplace.domain.errors import Unavailable

_Value = TypeVar("_Value")
_Item = TypeVar("_Item")

OpenChannel = Callable[[], AbstractAsyncContextManager[trio.MemoryReceiveChannel[_Item]]]
"""How a listener is put in place: a block that gives what it receives."""

STREAM_WINDOW = 64
"""Items under way to one reader; behind it the channel's own limit takes over."""


class NodeStopping(Unavailable):
    """The node is shutting down; what was asked may be asked again once it is back."""


class Bridge:
    """Made on the trio side for one asyncio loop, which must outlive the nursery."""

    def __init__(self, nursery: trio.Nursery, loop: asyncio.AbstractEventLoop) -> None:
        self._nursery = nursery
        self._loop = loop
        self._trio = trio.lowlevel.current_trio_token()
        self._streams: set[trio.CancelScope] = set()
        self._is_closed = False

    def close(self) -> None:
        """End all streams and take no more work; called on the trio side."""
        self._is_closed = True
        for scope in self._streams:
            scope.cancel()

    async def call(
        self, work: Callable[[], Awaitable[_Value]], *, outlives_caller: bool = False
    ) -> _Value:
        """Do the work on the trio side and return its value; called on the asyncio side.

        A caller that goes away cancels the work, unless what it handed over must not be lost.
        """
        answer: asyncio.Future[_Value] = self._loop.create_future()
        scope = trio.CancelScope()

        async def deliver() -> None:
            value = await work()
            self._loop.call_soon_threadsafe(_settle, answer, value)

        def end(error: Exception | None) -> None:
            if error is not None:
                self._loop.call_soon_threadsafe(_fail, answer, error)

        self._trio.run_sync_soon(self._begin, scope, deliver, end)
        try:
            return await answer
        except asyncio.CancelledError:
            if not outlives_caller:
                self._trio.run_sync_soon(scope.cancel)
            raise

    @asynccontextmanager
    async def listen(self, open_channel: OpenChannel[_Item]) -> AsyncGenerator["_Pipe[_Item]"]:
        """Receive what a listener on the trio side does; in place once the block is entered."""
        pipe: _Pipe[_Item] = _Pipe(self._loop, self._trio)
        scope = trio.CancelScope()

        async def fill() -> None:
            self._streams.add(scope)
            try:
                await pipe.fill(open_channel)
            finally:
                self._streams.discard(scope)

        self._trio.run_sync_soon(self._begin, scope, fill, pipe.end)
        try:
            await pipe.ready
            yield pipe
        finally:
            self._trio.run_sync_soon(scope.cancel)

    def _begin(
        self,
        scope: trio.CancelScope,
        work: Callable[[], Awaitable[None]],
        end: Callable[[Exception | None], None],
    ) -> None:
        if self._is_closed:
            end(NodeStopping("the node is stopping"))
        else:
            self._nursery.start_soon(_run, scope, work, end)


class _Pipe(Generic[_Item]):
    """A stream from trio to asyncio: filled there, iterated here."""

    def __init__(self, loop: asyncio.AbstractEventLoop, token: trio.lowlevel.TrioToken) -> None:
        self.ready: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._trio = token
        self._queue: asyncio.Queue[_Item | _End] = asyncio.Queue()
        self._credit = trio.Semaphore(STREAM_WINDOW)
        self._taken = 0

    async def fill(self, open_channel: OpenChannel[_Item]) -> None:
        """Put the listener in place, say so, and pass on what it receives; on the trio side."""
        async with open_channel() as channel:
            self._loop.call_soon_threadsafe(_settle, self.ready, None)
            async for item in channel:
                await self._credit.acquire()
                self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    def end(self, error: Exception | None) -> None:
        """End the stream behind what was sent before; on the trio side."""
        self._loop.call_soon_threadsafe(self._finish, error)

    def __aiter__(self) -> "_Pipe[_Item]":
        """Iterate once, on the asyncio side."""
        return self

    async def __anext__(self) -> _Item:
        """Return the next item, giving back the credit of those before in lots."""
        if self._taken >= STREAM_WINDOW // 2:
            self._trio.run_sync_soon(_release, self._credit, self._taken)
            self._taken = 0
        item = await self._queue.get()
        if isinstance(item, _End):
            raise item.error or StopAsyncIteration
        self._taken += 1
        return item

    def _finish(self, error: Exception | None) -> None:
        if error is not None:
            _fail(self.ready, error)
        self._queue.put_nowait(_End(error))


class _End:
    """What a pipe holds last: why it ended, or None if its channel was closed."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


async def _run(
    scope: trio.CancelScope,
    work: Callable[[], Awaitable[None]],
    end: Callable[[Exception | None], None],
) -> None:
    error: Exception | None = NodeStopping("the node is stopping")
    with scope:
        try:
            await work()
            error = None
        except Exception as failure:  # noqa: BLE001 - raised again on the thread that asked
            error = failure
    end(error)


def _release(credit: trio.Semaphore, count: int) -> None:
    for _ in range(count):
        credit.release()


def _settle(answer: "asyncio.Future[_Value]", value: _Value) -> None:
    if not answer.done():
        answer.set_result(value)


def _fail(answer: "asyncio.Future[_Value]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
