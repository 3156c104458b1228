"""The command line's way to the node: HTTP over the home's unix socket, one connection a request."""

import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import h11
import trio

from mesg.node.errors import NodeNotRunning, Problem

ANSWER_BYTES_MAX = 64 * 1024 * 1024
"""The longest answer that is taken: far above what any command asks for."""
LINE_BYTES_MAX = 8 * 1024 * 1024
"""The longest line of a stream; one frame of the network fits many times."""
_READ_BYTES = 64 * 1024
_NOT_RUNNING_HINT = "start it with: mesg start --detach"

Json = dict[str, Any]
Query = Sequence[tuple[str, str]]


class ProblemAnswered(Exception):
    """The node answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def path_of(*parts: str) -> str:
    """Return `/v1/...` with every part quoted."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


class NodeClient:
    """Asks the node of one home."""

    def __init__(self, socket_path: Path) -> None:
        self._socket_path = socket_path

    async def get(self, *parts: str, query: Query = ()) -> Json:
        """Return what is there; raise ProblemAnswered or NodeNotRunning."""
        return await self._ask("GET", path_of(*parts), query, None)

    async def post(self, *parts: str, body: Mapping[str, Any] | None = None) -> Json:
        """Tell the node to do something and return what came of it."""
        return await self._ask("POST", path_of(*parts), (), body or {})

    async def delete(self, *parts: str, query: Query = ()) -> Json:
        """Tell the node to forget something."""
        return await self._ask("DELETE", path_of(*parts), query, None)

    @asynccontextmanager
    async def open_stream(self, *parts: str, query: Query = ()) -> AsyncGenerator["JsonLines"]:
        """Give the lines of a stream as they come; the listener is in place once entered."""
        async with await self._connect() as stream:
            exchange = _Exchange(stream)
            await exchange.send("GET", path_of(*parts), query, None)
            await exchange.begin()
            yield JsonLines(exchange)

    async def _ask(
        self, method: str, path: str, query: Query, body: Mapping[str, Any] | None
    ) -> Json:
        async with await self._connect() as stream:
            exchange = _Exchange(stream)
            await exchange.send(method, path, query, body)
            await exchange.begin()
            text = await exchange.rest()
        return dict(json.loads(text)) if text else {}

    async def _connect(self) -> trio.SocketStream:
        try:
            return await trio.open_unix_socket(str(self._socket_path))
        except OSError as error:
            raise NodeNotRunning(
                "the node is not running", where=str(self._socket_path), hint=_NOT_RUNNING_HINT
            ) from error


class JsonLines:
    """An iterator over the objects of an NDJSON answer."""

    def __init__(self, exchange: "_Exchange") -> None:
        self._exchange = exchange
        self._lines: deque[bytes] = deque()
        self._begun = bytearray()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Json:
        """Return the next object; raise ProblemAnswered if the stream ended badly."""
        while not self._lines:
            part = await self._exchange.part()
            if part is None:
                raise StopAsyncIteration
            self._begun += part
            *whole, rest = bytes(self._begun).split(b"\n")
            self._lines.extend(line for line in whole if line)
            self._begun = bytearray(rest)
            if len(rest) > LINE_BYTES_MAX:
                raise NodeNotRunning("the node sent a line without an end")
        shape: Json = json.loads(self._lines.popleft())
        if "error" in shape and set(shape) == {"error"}:
            raise ProblemAnswered(Problem(**shape["error"]))
        return shape


class _Exchange:
    """One request and its answer on one connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.CLIENT)

    async def send(
        self, method: str, path: str, query: Query, body: Mapping[str, Any] | None
    ) -> None:
        """Send the request."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = [("host", "mesg"), ("content-length", str(len(content)))]
        if body is not None:
            headers.append(("content-type", "application/json"))
        target = f"{path}?{urlencode(query)}" if query else path
        out = self._http.send(h11.Request(method=method, target=target, headers=headers)) or b""
        out += (self._http.send(h11.Data(data=content)) or b"") if content else b""
        out += self._http.send(h11.EndOfMessage()) or b""
        try:
            await self._stream.send_all(out)
        except trio.BrokenResourceError as error:
            raise _gone() from error

    async def begin(self) -> None:
        """Read the answer's head; raise ProblemAnswered if it is one."""
        event = await self._next()
        if not isinstance(event, h11.Response):
            raise _gone()
        if event.status_code >= 400:
            raise ProblemAnswered(_problem(await self.rest(), event.status_code))

    async def part(self) -> bytes | None:
        """Return the next bytes of the body, None at its end."""
        event = await self._next()
        if isinstance(event, h11.Data):
            return bytes(event.data)
        if isinstance(event, h11.EndOfMessage):
            return None
        raise _gone()

    async def rest(self) -> bytes:
        """Return the whole body."""
        body = bytearray()
        while (part := await self.part()) is not None:
            body += part
            if len(body) > ANSWER_BYTES_MAX:
                raise NodeNotRunning("the node's answer is too long")
        return bytes(body)

    async def _next(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._stream.receive_some(_READ_BYTES))
        except (h11.RemoteProtocolError, trio.BrokenResourceError) as error:
            raise _gone() from error
        return event


def _gone() -> NodeNotRunning:
    return NodeNotRunning(
        "the node ended the connection before its answer was complete", hint="see its log"
    )


def _problem(text: bytes, status: int) -> Problem:
    try:
        said = json.loads(text)
        return Problem(
            code=str(said["type"]),
            message=str(said["detail"]),
            where=str(said.get("where", "")),
            hint=str(said.get("hint", "")),
            retryable=bool(said.get("retryable", False)),
            cause=str(said.get("cause", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Problem("error", f"the node answered {status}")
