"""Opens the gRPC API: the Core and Service APIs on TCP, and each alone on its unix socket.

grpc.aio lives in one thread of its own; `bridge` carries work to the node and streams back.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import grpc.aio
import trio

from mesg.marketplace.domain.errors import InvalidInput, Unavailable
from mesg.node.api.grpc.bridge import Bridge
from mesg.node.api.grpc.callers import Gate
from mesg.node.api.grpc.core import CoreApi, CoreCounter
from mesg.node.api.grpc.methods import (
    CORE,
    SERVICE,
    admit_all,
    core_handler,
    reflection_handlers,
    service_handler,
)
from mesg.node.api.grpc.service import ServiceApi
from mesg.node.api.grpc.thread import open_asyncio_thread
from mesg.node.doors import Desk
from mesg.node.ports import ServiceEndpoint

MESSAGE_BYTES_MAX = 4 << 20
"""The limit of every gRPC client of 2018."""
STREAMS_PER_CONNECTION_MAX = 512
"""Further calls of one client wait at its side."""
CALLS_MAX = 4_096
"""Calls and streams of all clients of one door; more are told RESOURCE_EXHAUSTED."""
STOP_GRACE_S = 1.0
"""How long an answer may still take when the node stops; streams end at once."""
STOP_S_MAX = 2.0
SOCKET_PATH_BYTES_MAX = 107
"""The kernel's limit (sockaddr_un, with its final zero)."""
_HANDSHAKE_MS = 10_000
_PING_INTERVAL_MS = 60_000
_PING_ANSWER_MS = 20_000
_CLIENT_PING_INTERVAL_MIN_MS = 5_000
_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_concurrent_streams", STREAMS_PER_CONNECTION_MAX),
    ("grpc.server_handshake_timeout_ms", _HANDSHAKE_MS),
    ("grpc.keepalive_time_ms", _PING_INTERVAL_MS),
    ("grpc.keepalive_timeout_ms", _PING_ANSWER_MS),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", _CLIENT_PING_INTERVAL_MIN_MS),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", _CLIENT_PING_INTERVAL_MIN_MS),
    ("grpc.http2.max_ping_strikes", 0),  # clients that ping too often are not cut
    ("grpc.so_reuseport", 0),  # two nodes on one port would share its calls
)


@dataclass(frozen=True, slots=True)
class GrpcEndpoints:
    """Where the API listens."""

    host: str
    port: int
    service_socket: str
    core_socket: str

    @property
    def tcp(self) -> str:
        """`HOST:PORT`, with the port that was bound."""
        return f"{self.host}:{self.port}"

    @property
    def service(self) -> ServiceEndpoint:
        """What a runtime needs to know."""
        return ServiceEndpoint(tcp=self.tcp, socket=self.service_socket)


@asynccontextmanager
async def open_grpc_api(
    *,
    desk: Desk,
    counter: CoreCounter,
    listen: str,
    service_socket: str,
    core_socket: str,
    application_token: str,
) -> AsyncGenerator[GrpcEndpoints]:
    """Serve until the block is left; raise Unavailable if an address cannot be bound.

    `listen` is HOST:PORT (port 0 for any). Both sockets want folders of their own: that of
    `service_socket` is handed to instances, and anyone may connect there.
    """
    async with (
        open_asyncio_thread("mesg-grpc") as thread,
        trio.open_nursery() as nursery,
    ):
        bridge = Bridge(nursery, thread.loop)
        gate = Gate(application_token=application_token)
        doors = _Doors(CoreApi(counter, bridge), ServiceApi(desk, bridge), gate)
        endpoints = partial(doors.open, listen, service_socket, core_socket)
        try:
            yield await thread.run(endpoints)
        finally:
            bridge.close()
            with trio.CancelScope(deadline=trio.current_time() + STOP_S_MAX, shield=True):
                await thread.run(doors.close)
        nursery.cancel_scope.cancel()


class _Doors:
    """The three servers; lives on the asyncio thread."""

    def __init__(self, core: CoreApi, service: ServiceApi, gate: Gate) -> None:
        self._core = core
        self._service = service
        self._gate = gate
        self._servers: list[grpc.aio.Server] = []

    async def open(self, listen: str, service_socket: str, core_socket: str) -> GrpcEndpoints:
        """Bind and start all, or raise Unavailable."""
        service = service_handler(self._service)
        guarded_core = core_handler(self._core, admit=self._gate.admit)
        open_core = core_handler(self._core, admit=admit_all)

        tcp = self._new_server([guarded_core, service], (CORE, SERVICE))
        self._gate.port = _bind(tcp, listen)
        public = self._new_server([service], (SERVICE,))
        _bind_socket(public, service_socket, mode=0o666, folder_mode=0o755)
        private = self._new_server([open_core], (CORE,))
        _bind_socket(private, core_socket, mode=0o600, folder_mode=0o700)
        for server in self._servers:
            await server.start()
        host = listen.rpartition(":")[0]
        return GrpcEndpoints(host, self._gate.port, service_socket, core_socket)

    async def close(self) -> None:
        """Stop all: no new calls, a moment for those under way."""
        await asyncio.gather(*(server.stop(STOP_GRACE_S) for server in self._servers))

    def _new_server(
        self, handlers: Sequence[grpc.GenericRpcHandler], names: tuple[str, ...]
    ) -> grpc.aio.Server:
        server: grpc.aio.Server = grpc.aio.server(
            options=_OPTIONS, maximum_concurrent_rpcs=CALLS_MAX
        )
        server.add_generic_rpc_handlers((*handlers, *reflection_handlers(names)))
        self._servers.append(server)
        return server


def _bind(server: grpc.aio.Server, address: str) -> int:
    try:
        port: int = server.add_insecure_port(address)
    except RuntimeError as error:
        raise Unavailable(
            f"the gRPC API cannot listen on {address}",
            hint="is another node running? choose another address",
        ) from error
    return port


def _bind_socket(server: grpc.aio.Server, path: str, *, mode: int, folder_mode: int) -> None:
    """Bind a unix socket in a folder that it makes if there is none.

    The folder of a public socket is searched by strangers: containers see it by a mount of its own.
    """
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES_MAX:
        raise InvalidInput(
            f"the socket's path is longer than {SOCKET_PATH_BYTES_MAX} bytes: {path}",
            hint="choose a shorter home for the node",
        )
    folder = Path(path).parent
    folder.mkdir(mode=folder_mode, parents=True, exist_ok=True)
    _bind(server, f"unix:{path}")
    Path(path).chmod(mode)
