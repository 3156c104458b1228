"""A thread with an asyncio loop, for a library that knows no trio; it lives as long as a block."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import trio

_Value = TypeVar("_Value")


class AsyncioThread:
    """The running loop, and how trio runs something on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_report)

    async def run(self, work: Callable[[], Coroutine[Any, Any, _Value]]) -> _Value:
        """Run a coroutine on the loop and return its value; called on the trio side."""
        token = trio.lowlevel.current_trio_token()
        done = trio.Event()
        future = asyncio.run_coroutine_threadsafe(work(), self.loop)
        future.add_done_callback(lambda _: token.run_sync_soon(done.set))
        try:
            await done.wait()
        except trio.Cancelled:
            future.cancel()
            raise
        return future.result()


@asynccontextmanager
async def open_asyncio_thread(name: str) -> AsyncGenerator[AsyncioThread]:
    """Start the thread; leaving the block cancels what still runs there and waits for its end."""
    token = trio.lowlevel.current_trio_token()
    thread = AsyncioThread()
    ended = trio.Event()

    def live() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: thread.loop) as runner:
                runner.run(_wait(stopped))
        finally:
            token.run_sync_soon(ended.set)

    stopped = asyncio.Event()
    native = threading.Thread(target=live, name=name, daemon=True)
    native.start()
    try:
        yield thread
    finally:
        thread.loop.call_soon_threadsafe(stopped.set)
        with trio.CancelScope(shield=True):
            await ended.wait()
        native.join()


async def _wait(stopped: asyncio.Event) -> None:
    await stopped.wait()


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what nobody awaited, but for one harmless noise of grpcio.

    All loops of a process share one wake-up socket (grpcio `PollerCompletionQueue`): the loop that
    comes second finds it empty.
    """
    is_noise = isinstance(context.get("exception"), BlockingIOError)
    if not (is_noise and "PollerCompletionQueue" in context.get("message", "")):
        loop.default_exception_handler(context)
