"""Who listens to a twin: a channel each, with what he wants to hear."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import trio

LISTENER_ITEMS_MAX = 256
"""A listener that is further behind than this makes the twin wait."""

_Item = TypeVar("_Item")


class MemoryListeners:
    """Tells every item to every listener that wants it."""

    def __init__(self) -> None:
        self._listeners: list[tuple[trio.MemorySendChannel[Any], Callable[[Any], bool]]] = []
        self._changed = trio.Condition()

    @asynccontextmanager
    async def listen(
        self, past: Sequence[_Item], wanted: Callable[[object], bool]
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[_Item]]:
        """Give what is past, then what is wanted as it comes."""
        send, receive = trio.open_memory_channel[_Item](LISTENER_ITEMS_MAX)
        for item in past:
            await send.send(item)
        listener = (send, wanted)
        self._listeners.append(listener)
        await self._tell_change()
        try:
            with send, receive:
                yield receive
        finally:
            self._listeners.remove(listener)
            with trio.CancelScope(shield=True):
                await self._tell_change()

    async def wait_for(self, count: int) -> None:
        """Return once exactly that many listen."""
        async with self._changed:
            while len(self) != count:
                await self._changed.wait()

    async def _tell_change(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def tell(self, item: object) -> None:
        """Tell it to everybody who wants it."""
        for send, wanted in tuple(self._listeners):
            if wanted(item):
                await send.send(item)

    def __len__(self) -> int:
        """Return how many listen now."""
        return len(self._listeners)
