"""Answers that go on: one JSON object a line (NDJSON), or server-sent events for browsers."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

import trio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mesg.marketplace.domain.errors import MesgError
from mesg.node.api.http.problems import problem_answer
from mesg.node.errors import problem_of

HEARTBEAT_S = 15.0
"""Proxies and browsers give up on a silent stream after 30 s or more."""

_Item = TypeVar("_Item")


class StreamAnswer(Response, Generic[_Item]):
    """An answer that opens the channel, then sends each item until it ends or the reader leaves.

    The headers go out once the listener is in place; a failure before that is a plain problem.
    """

    def __init__(
        self,
        open_channel: Callable[[], AbstractAsyncContextManager[trio.MemoryReceiveChannel[_Item]]],
        shape: Callable[[_Item], dict[str, Any]],
        event_id: Callable[[_Item], str] | None = None,
    ) -> None:
        """Take what to open and how an item looks; `event_id` makes it server-sent events."""
        super().__init__()
        self._open_channel = open_channel
        self._shape = shape
        self._event_id = event_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one reader."""
        lock, started = trio.Lock(), False
        failure: MesgError | None = None
        try:
            async with self._open_channel() as channel, trio.open_nursery() as nursery:
                await self._start(send)
                started = True
                nursery.start_soon(_wait_until_gone, receive, nursery.cancel_scope)
                if self._event_id is not None:
                    nursery.start_soon(_beat, send, lock)
                async for item in channel:
                    async with lock:
                        await _send_part(send, self._encode(item))
                nursery.cancel_scope.cancel()
        except* MesgError as group:
            failure = _first(group)
        if failure is not None and not started:
            await problem_answer(problem_of(failure))(scope, receive, send)
            return
        last = b"" if failure is None else _line(problem_of(failure).as_json())
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _start(self, send: Send) -> None:
        kind = b"application/x-ndjson" if self._event_id is None else b"text/event-stream"
        headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _send_part(send, b"")

    def _encode(self, item: _Item) -> bytes:
        line = _line(self._shape(item))
        if self._event_id is None:
            return line
        return b"id: " + self._event_id(item).encode() + b"\ndata: " + line + b"\n"


def _line(shape: dict[str, Any]) -> bytes:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


async def _send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _wait_until_gone(receive: Receive, reading: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    reading.cancel()


async def _beat(send: Send, lock: trio.Lock) -> None:
    while True:
        await trio.sleep(HEARTBEAT_S)
        async with lock:
            await _send_part(send, b": still here\n\n")


def _first(group: BaseExceptionGroup[MesgError]) -> MesgError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, MesgError):
        raise TypeError("a group of MesgErrors holds only those")
    return error
