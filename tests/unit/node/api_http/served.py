"""A twin of the node served over a real unix socket and loopback TCP."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from mesg.node.api.http import open_http_api
from mesg.node.cli.client import NodeClient
from mesg.node.testing.memory_counter import MemoryCounter

TOKEN = "a-token-of-the-application"


@dataclass(frozen=True, slots=True)
class Served:
    """The twin, a client on its socket, and the URL of its TCP door."""

    counter: MemoryCounter
    client: httpx2.AsyncClient
    streams: NodeClient
    tcp: str
    socket: Path


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[Served]:
    """Serve a new twin until the block is left."""
    counter, socket = MemoryCounter(), folder / "run" / "node.sock"
    api = open_http_api(counter, socket_path=socket, tcp="127.0.0.1:0", token=TOKEN)
    async with api as urls:
        transport = httpx2.AsyncHTTPTransport(uds=str(socket))
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as client:
            yield Served(counter, client, NodeClient(socket), urls[1], socket)
