"""Waiting for another process to end: the one behind a unix socket (Linux; elsewhere there is no way)."""

import os
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio

_CREDENTIALS = struct.Struct("3i")
"""struct ucred of unix(7): process, user, group."""


@asynccontextmanager
async def watching_process_behind(
    socket_path: Path,
) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
    """Give what returns once the process that listens there now has ended."""
    descriptor = _descriptor_of(socket_path)
    if descriptor is None:
        yield trio.lowlevel.checkpoint
        return
    try:
        yield partial(trio.lowlevel.wait_readable, descriptor)
    finally:
        os.close(descriptor)


def _descriptor_of(socket_path: Path) -> int | None:
    if not hasattr(socket, "SO_PEERCRED") or not hasattr(os, "pidfd_open"):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(socket_path))
            raw = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            process, _, _ = _CREDENTIALS.unpack(raw)
            # 0: in another process namespace. Ourselves: a node inside a test.
            return None if process in (0, os.getpid()) else os.pidfd_open(process)
        except OSError:
            return None
