"""A connection to a Docker engine: short questions in threads, streams on trio, errors in our words.

Short questions go through the docker SDK in a worker thread, which knows the engine's versions;
what streams or lasts (logs, builds) goes through httpx2 on trio, because a thread cannot be
cancelled (docs/adr/0005-docker-client.md).
"""

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import trio
from docker.api.client import APIClient
from docker.errors import APIError, DockerException, NotFound

from mesg.marketplace.domain.errors import EngineUnavailable, InvalidManifest

SOCKET = "/var/run/docker.sock"
ANSWER_S_MAX = 60
"""How long the engine may take for a short question, such as stopping a container."""
IDLE_CONNECTIONS_MAX = 4
_STREAM_TIMEOUT = httpx2.Timeout(ANSWER_S_MAX, read=None)
_CLIENT_ERRORS = range(400, 500)


class Connection:
    """Made when first needed, so that a node may start before its engine."""

    def __init__(self, path: str, http: httpx2.AsyncClient) -> None:
        """Use `open_connection`."""
        self._path = path
        self._http = http
        self._client: Any = None
        self._connecting = trio.Lock()

    async def check(self) -> None:
        """Raise EngineUnavailable unless an engine answers."""
        async with self.stream("GET", "/_ping", timeout=ANSWER_S_MAX) as answer:
            await answer.aread()

    async def connect(self) -> Any:  # noqa: ANN401 - the SDK is not typed
        """Return the SDK's client, with the newest API version that both sides speak."""
        async with self._connecting:
            if self._client is None:
                self._client = await self.ask(
                    lambda: APIClient(  # type: ignore[no-untyped-call]
                        f"unix://{self._path}", version="auto", timeout=ANSWER_S_MAX
                    )
                )
        return self._client

    def close(self) -> None:
        """Close the SDK's connections; the next question asks the engine for its version again."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def find(self, question: Callable[..., Any], *values: object) -> Any:  # noqa: ANN401
        """Return the answer, or None for what is not there."""
        try:
            return await self.ask(question, *values)
        except InvalidManifest as error:
            if isinstance(error.__cause__, NotFound):
                return None
            raise

    async def ask(self, question: Callable[..., Any], *values: object) -> Any:  # noqa: ANN401
        """Return the answer; raise InvalidManifest if the engine says it was asked wrongly."""
        try:
            return await trio.to_thread.run_sync(self._ask, question, *values)
        except APIError as error:
            told = str(error.explanation or error)
            if error.status_code in _CLIENT_ERRORS:
                raise InvalidManifest(f"the Docker engine refused: {told}") from error
            raise EngineUnavailable(f"the Docker engine failed: {told}") from error
        except (DockerException, OSError) as error:  # requests' errors are OSErrors
            self.close()
            raise self._unavailable() from error

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401
    ) -> AsyncGenerator[httpx2.Response]:
        """Begin a request whose answer is read as it comes."""
        try:
            async with self._http.stream(method, path, **request) as answer:
                if answer.is_error:
                    told = (await answer.aread()).decode("utf-8", "replace")
                    raise EngineUnavailable(f"the Docker engine failed: {told[:500]}")
                yield answer
        except httpx2.TransportError as error:
            raise self._unavailable() from error

    def _ask(self, question: Callable[..., Any], *values: object) -> Any:  # noqa: ANN401
        with socket.socket(socket.AF_UNIX) as knock:
            # The SDK leaks a socket for every engine that is not there.
            knock.connect(self._path)
        return question(*values)

    def _unavailable(self) -> EngineUnavailable:
        return EngineUnavailable(
            f"no Docker engine answers on {self._path}",
            hint="start it (scripts/install-docker), or use the process runtime",
        )


@asynccontextmanager
async def open_connection(path: str) -> AsyncGenerator[Connection]:
    """Speak to the engine on that socket; nothing is sent before the first question."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=IDLE_CONNECTIONS_MAX)
    transport = httpx2.AsyncHTTPTransport(uds=path, limits=limits)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://docker", timeout=_STREAM_TIMEOUT, trust_env=False
    ) as http:
        connection = Connection(path, http)
        try:
            yield connection
        finally:
            connection.close()
