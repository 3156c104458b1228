import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio

from mesg.node.api.grpc.bridge import STREAM_WINDOW, Bridge, NodeStopping
from mesg.node.api.grpc.thread import AsyncioThread, open_asyncio_thread


@asynccontextmanager
async def open_bridge() -> AsyncGenerator[tuple[AsyncioThread, Bridge]]:
    async with open_asyncio_thread("test-bridge") as thread, trio.open_nursery() as nursery:
        yield thread, Bridge(nursery, thread.loop)
        nursery.cancel_scope.cancel()


async def test_a_reader_that_does_not_read_makes_the_emitter_wait() -> None:
    sent = 0

    @asynccontextmanager
    async def endless() -> AsyncGenerator[trio.MemoryReceiveChannel[int]]:
        async def emit() -> None:
            nonlocal sent
            while True:
                await send.send(sent)
                sent += 1

        send, receive = trio.open_memory_channel[int](0)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(emit)
            yield receive
            nursery.cancel_scope.cancel()

    async def read_some(bridge: Bridge) -> list[int]:
        async with bridge.listen(endless) as items:
            await asyncio.sleep(0.1)
            seen.append(sent)
            return [await anext(items) for _ in range(3 * STREAM_WINDOW)]

    seen: list[int] = []
    async with open_bridge() as (thread, bridge):
        items = await thread.run(lambda: read_some(bridge))

    assert STREAM_WINDOW <= seen[0] <= STREAM_WINDOW + 1
    assert items == list(range(3 * STREAM_WINDOW))


async def test_an_abandoned_call_cancels_its_work() -> None:
    begun, cancelled = trio.Event(), trio.Event()

    async def work() -> None:
        begun.set()
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with open_bridge() as (thread, bridge):
        asked = asyncio.run_coroutine_threadsafe(bridge.call(work), thread.loop)
        await begun.wait()
        asked.cancel()
        with trio.fail_after(5):
            await cancelled.wait()


async def test_a_closed_bridge_takes_no_work_and_starts_no_listener() -> None:
    @asynccontextmanager
    async def silent() -> AsyncGenerator[trio.MemoryReceiveChannel[int]]:
        send, receive = trio.open_memory_channel[int](0)
        with send, receive:
            yield receive

    async def listen(bridge: Bridge) -> None:
        async with bridge.listen(silent):
            pass

    async with open_bridge() as (thread, bridge):
        bridge.close()
        with pytest.raises(NodeStopping):
            await thread.run(lambda: bridge.call(trio.lowlevel.checkpoint))
        with pytest.raises(NodeStopping):
            await thread.run(lambda: listen(bridge))


async def test_a_stream_ends_when_its_channel_does() -> None:
    @asynccontextmanager
    async def two() -> AsyncGenerator[trio.MemoryReceiveChannel[int]]:
        send, receive = trio.open_memory_channel[int](2)
        for item in (1, 2):
            send.send_nowait(item)
        send.close()
        with receive:
            yield receive

    async def read(bridge: Bridge) -> list[int]:
        async with bridge.listen(two) as items:
            return [item async for item in items]

    async with open_bridge() as (thread, bridge):
        assert await thread.run(lambda: read(bridge)) == [1, 2]
