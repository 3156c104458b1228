"""The lifetime of the HTTP API: a unix socket for its owner, loopback TCP for holders of the token."""

import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio
from hypercorn.config import Config as HypercornConfig
from hypercorn.trio import serve
from hypercorn.typing import ASGIFramework
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from mesg.marketplace.domain.errors import MesgError, Refused
from mesg.node.api.http.channel_routes import channel_routes
from mesg.node.api.http.guard import TcpGuard
from mesg.node.api.http.market_routes import market_routes
from mesg.node.api.http.node_routes import node_routes
from mesg.node.api.http.pass_routes import pass_routes
from mesg.node.api.http.problems import on_bug, on_http_error, on_mesg_error
from mesg.node.api.http.service_routes import service_routes
from mesg.node.api.http.wallet_routes import wallet_routes
from mesg.node.doors import Counter

HEADER_BYTES_MAX = 16 * 1024
"""Requests with longer headers are refused before anything is read."""
KEEP_ALIVE_S = 60.0
STOP_S = 1.0
"""How long running answers may take to end when the node stops; streams are cut then."""
SOCKET_PATH_BYTES_MAX = 100
"""The kernel takes 107; some clients take less."""


@asynccontextmanager
async def open_http_api(
    counter: Counter, *, socket_path: Path, tcp: str | None = None, token: str
) -> AsyncGenerator[tuple[str, ...]]:
    """Serve the counter until the block is left; gives the URLs.

    `tcp` is HOST:PORT on loopback, or None. Raise Refused if the socket or the port is taken.
    """
    app = application(counter)
    doors: list[tuple[ASGIApp, socket.socket]] = []
    urls = [f"unix:{socket_path}"]
    if tcp:
        listening = _listen_tcp(tcp)
        port = listening.getsockname()[1]
        urls.append(f"http://{tcp.rpartition(':')[0]}:{port}")
        doors.append((TcpGuard(app, port=port, token=token), listening))
    doors.append((app, _listen_unix(socket_path)))
    try:
        async with trio.open_nursery() as nursery:
            stop = trio.Event()
            for guarded, listening in doors:
                await nursery.start(partial(_serve, guarded, listening, stop))
            try:
                yield tuple(urls)
            finally:
                stop.set()
    finally:
        _remove(socket_path)


def _remove(socket_path: Path) -> None:
    socket_path.unlink(missing_ok=True)


def application(counter: Counter) -> Starlette:
    """Return the ASGI application, without any guard."""
    return Starlette(
        routes=[
            *node_routes(counter),
            *wallet_routes(counter),
            *service_routes(counter),
            *market_routes(counter),
            *pass_routes(counter),
            *channel_routes(counter),
        ],
        exception_handlers={
            MesgError: on_mesg_error,
            HTTPException: on_http_error,
            Exception: on_bug,
        },
    )


async def _serve(
    app: ASGIApp,
    listening: socket.socket,
    stop: trio.Event,
    *,
    task_status: trio.TaskStatus[list[str]],
) -> None:
    settings = HypercornConfig()
    settings.bind = [f"fd://{listening.detach()}"]
    settings.h11_max_incomplete_size = HEADER_BYTES_MAX
    settings.keep_alive_timeout = KEEP_ALIVE_S
    settings.graceful_timeout = STOP_S
    settings.include_server_header = False
    settings.errorlog = logging.getLogger("hypercorn.error")
    framework: ASGIFramework = app  # type: ignore[assignment]  # the same ASGI, two sets of names
    await serve(framework, settings, shutdown_trigger=stop.wait, task_status=task_status)


def _listen_unix(path: Path) -> socket.socket:
    if len(str(path).encode()) > SOCKET_PATH_BYTES_MAX:
        raise Refused(
            f"the socket's path is longer than {SOCKET_PATH_BYTES_MAX} bytes",
            where=str(path),
            hint="choose a shorter home with --home",
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    _remove_stale(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening


def _remove_stale(path: Path) -> None:
    """Remove the socket of a node that is gone; raise Refused if it still answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            path.unlink()
            return
    raise Refused(
        "a node is already running in this home", where=str(path), hint="see it: mesg status"
    )


def _listen_tcp(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, int(port)))
    except OSError as error:
        listening.close()
        raise Refused(
            f"cannot listen on {address}: {error.strerror}", hint="set api.http to another port"
        ) from error
    return listening
