"""A private development chain (anvil) that lives exactly as long as the block that opened it."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from mesg.marketplace.domain.errors import ChainUnavailable

ANVIL_VERSION = "1.7.1"
READY_S_MAX = 30.0
"""Anvil is up in a tenth of a second; a busy machine gets more."""
GOODBYE_S_MAX = 5.0
CHAIN_ID = 31_337
# Blocks become final soon enough for tests, and a transaction is bounded as on the main network.
_DEFAULTS = ("--slots-in-an-epoch", "1", "--enable-tx-gas-limit")
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_READY = re.compile(rb"Listening on (\S+)")
_PRIVATE_KEY = re.compile(rb"^\(\d+\) 0x([0-9a-f]{64})\s*$", re.MULTILINE)
# The shell outlives us by one read: however we die, its input ends and it takes the chain along.
_WATCHDOG = '"$@" </dev/null & chain=$!; exec >&- 2>&-; read -r _; kill "$chain"; wait "$chain"'


@dataclass(frozen=True, slots=True)
class Devchain:
    """A running chain and the private keys of its funded accounts."""

    url: str
    chain_id: int
    private_keys: tuple[bytes, ...] = field(repr=False)


@asynccontextmanager
async def open_devchain(
    cache: Path, *, host: str = "127.0.0.1", port: int = 0, options: Sequence[str] = ()
) -> AsyncGenerator[Devchain]:
    """Run a chain on `port` (0: any) with anvil's further `options`, such as `--block-time 1`.

    The binary is `$ANVIL`, else the one npm installs once into `cache`.
    """
    arguments = ["--host", host, "--port", str(port), *_DEFAULTS, *options]
    binary = await find_anvil(cache)
    process = await trio.lowlevel.open_process(
        ["sh", "-c", _WATCHDOG, "anvil-watchdog", str(binary), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        devchain = await _wait_ready(process, host)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_drain, process)
            yield devchain
            nursery.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            await _end(process)


async def find_anvil(cache: Path) -> Path:
    """Return the native binary, installing it into `cache` if need be; never npm's wrapper."""
    given = os.environ.get("ANVIL")
    if given:
        return Path(given)
    system = "win32" if sys.platform == "win32" else sys.platform
    package = f"@foundry-rs/anvil-{system}-{_ARCHITECTURES[platform.machine()]}"
    binary = cache / "node_modules" / package / "bin" / "anvil"
    if not await trio.Path(binary).exists():
        await _install(f"{package}@{ANVIL_VERSION}", cache)
    return binary


async def _install(package: str, cache: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ChainUnavailable(
            "there is no anvil and no npm to install it", hint="install Node.js, or set ANVIL"
        )
    await trio.Path(cache).mkdir(parents=True, exist_ok=True)
    flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        await trio.run_process(
            [npm, "install", "--prefix", str(cache), *flags, package], capture_stdout=True
        )
    except subprocess.CalledProcessError as error:
        raise ChainUnavailable(f"npm could not install {package}") from error


async def _wait_ready(process: trio.Process, host: str) -> Devchain:
    said = bytearray()
    with trio.move_on_after(READY_S_MAX):
        async for chunk in _output(process):
            said += chunk
            found = _READY.search(said)
            if found is not None:
                return _devchain(found.group(1).decode(), bytes(said), host)
    raise ChainUnavailable(f"anvil did not start: {said[-300:].decode(errors='replace')}")


async def _drain(process: trio.Process) -> None:
    """Keep its output flowing: a full pipe would stop the chain."""
    async for _ in _output(process):
        pass


def _output(process: trio.Process) -> trio.abc.ReceiveStream:
    if process.stdout is None:
        raise AssertionError("started with a pipe")
    return process.stdout


def _devchain(listening: str, said: bytes, host: str) -> Devchain:
    keys = tuple(bytes.fromhex(found.decode()) for found in _PRIVATE_KEY.findall(said))
    reachable = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return Devchain(f"http://{reachable}:{listening.rpartition(':')[2]}", CHAIN_ID, keys)


async def _end(process: trio.Process) -> None:
    if process.stdin is not None:
        await process.stdin.aclose()
    with trio.move_on_after(GOODBYE_S_MAX):
        await process.wait()
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.stdout is not None:
        await process.stdout.aclose()
