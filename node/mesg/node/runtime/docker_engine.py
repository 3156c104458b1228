"""The Docker engine in the few words that the runtime needs."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
import trio

from mesg.marketplace.domain.errors import EngineUnavailable, InvalidManifest
from mesg.node.runtime.docker_connection import SOCKET, Connection, open_connection
from mesg.node.runtime.docker_image import BuildContext
from mesg.node.runtime.docker_stream import BuildReader

BUILD_S_MAX = 600.0
BUILD_MEMORY_BYTES = 1024**3


class Engine:
    """The engine; every method may raise EngineUnavailable."""

    def __init__(self, connection: Connection) -> None:
        """Ask over that connection."""
        self._connection = connection

    async def inspect(self, container: str) -> dict[str, Any] | None:
        """Return what is known of a container, or None."""
        client = await self._connection.connect()
        found: dict[str, Any] | None = await self._connection.find(
            client.inspect_container, container
        )
        return found

    async def containers(self, label: str) -> list[dict[str, str]]:
        """Return the labels of the containers that have one, running or not."""
        client = await self._connection.connect()
        found = await self._connection.ask(
            lambda: client.containers(all=True, filters={"label": label})
        )
        return [container["Labels"] for container in found]

    async def create(self, name: str, config: Mapping[str, Any]) -> None:
        """Create a container; raise InvalidManifest if the engine will not have it."""
        client = await self._connection.connect()
        await self._connection.ask(client.create_container_from_config, dict(config), name)

    async def start(self, container: str) -> None:
        """Start it; raise InvalidManifest if its command cannot be run."""
        client = await self._connection.connect()
        await self._connection.ask(client.start, container)

    async def stop(self, container: str, grace_s: int) -> None:
        """Send SIGTERM and, after the grace, SIGKILL; return when it has ended."""
        client = await self._connection.connect()
        await self._connection.find(client.stop, container, grace_s)

    async def remove(self, container: str) -> None:
        """Remove it with what is left of it."""
        client = await self._connection.connect()
        await self._connection.find(lambda: client.remove_container(container, v=True, force=True))

    async def create_network(self, name: str, labels: Mapping[str, str]) -> None:
        """Create a bridge network."""
        client = await self._connection.connect()
        await self._connection.ask(
            lambda: client.create_network(name, driver="bridge", labels=dict(labels))
        )

    async def networks(self, label: str) -> list[dict[str, str]]:
        """Return the labels of the networks that have one."""
        client = await self._connection.connect()
        found = await self._connection.ask(lambda: client.networks(filters={"label": label}))
        return [network["Labels"] for network in found]

    async def remove_network(self, name: str) -> None:
        """Remove it, if it is there."""
        client = await self._connection.connect()
        await self._connection.find(client.remove_network, name)

    async def has_image(self, tag: str) -> bool:
        """Tell whether an image is there."""
        client = await self._connection.connect()
        return await self._connection.find(client.inspect_image, tag) is not None

    async def remove_image(self, tag: str) -> None:
        """Remove it unless a container uses it."""
        client = await self._connection.connect()
        with suppress(InvalidManifest):  # the engine's 409: it is in use
            await self._connection.find(client.remove_image, tag)

    async def build(
        self, context: BuildContext, *, labels: Mapping[str, str], network: str
    ) -> None:
        """Build and tag an image; raise InvalidManifest if its Dockerfile fails."""
        client = await self._connection.connect()
        parameters = {
            "t": context.tag,
            "networkmode": network,
            "rm": "1",
            "forcerm": "1",
            "memory": str(BUILD_MEMORY_BYTES),
            "labels": json.dumps(dict(labels)),
        }
        reader = BuildReader()
        with trio.move_on_after(BUILD_S_MAX) as scope:
            async with self._connection.stream(
                "POST",
                f"/v{client.api_version}/build",
                params=parameters,
                content=context.archive,
                headers={"Content-Type": "application/x-tar"},
            ) as answer:
                async for line in answer.aiter_lines():
                    reader.feed(line)
        if scope.cancelled_caught:
            raise InvalidManifest(
                f"building took longer than {BUILD_S_MAX:.0f} s", where="Dockerfile"
            )
        if reader.error:
            raise InvalidManifest(
                f"the image cannot be built: {reader.error}",
                where="Dockerfile",
                hint=reader.last_words or "for Python Services: scripts/build-service-base",
            )

    @asynccontextmanager
    async def output(
        self, container: str, *, follow: bool, tail: str
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Stream a container's output as the engine frames it."""
        client = await self._connection.connect()
        parameters = {"stdout": "1", "stderr": "1", "follow": str(int(follow)), "tail": tail}
        path = f"/v{client.api_version}/containers/{container}/logs"
        async with self._connection.stream("GET", path, params=parameters) as answer:
            pieces = answer.aiter_raw()
            try:
                yield pieces
            finally:
                # httpx2's nested generators, left at a `yield`, would wait for the garbage
                # collector: one more step, cancelled where it waits, unwinds them from inside.
                now = trio.current_time()
                with trio.CancelScope(deadline=now, shield=True), suppress(httpx2.TransportError):
                    while await anext(pieces, b""):
                        pass


@asynccontextmanager
async def open_engine(socket: str = SOCKET) -> AsyncGenerator[Engine]:
    """Speak to the engine on that socket; nothing is sent before the first question."""
    async with open_connection(socket) as connection:
        yield Engine(connection)


async def docker_is_there(socket: str = SOCKET, *, timeout_s: float = 3.0) -> bool:
    """Tell whether an engine answers."""
    async with open_connection(socket) as connection:
        with trio.move_on_after(timeout_s), suppress(EngineUnavailable):
            await connection.check()
            return True
    return False
