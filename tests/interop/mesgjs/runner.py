"""Runs unmodified mesg-js 2.1.0 clients: a Service and an Application, as of 2018.

Their packages are installed once beside this file; without node and npm every test here fails.
"""

import json
import os
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

FOLDER = Path(__file__).parent
SERVICE_FOLDER = FOLDER / "service"
"""A Service folder with a `mesg.yml`; its program needs MESG_TOKEN and MESG_ENDPOINT."""
SERVICE_PROGRAM = SERVICE_FOLDER / "service.js"
APPLICATION_PROGRAM = FOLDER / "application.js"


def install() -> None:
    """Install what the lock names, unless that was done; npm writes its own copy of the lock last."""
    lock, done = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=FOLDER, check=True, capture_output=True)
        done.touch()


class Program:
    """A running node program that speaks JSON lines."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._rest = b""

    async def send(self, command: str, **request: Any) -> None:
        """Tell the program to do something."""
        line = json.dumps({"command": command, **request}) + "\n"
        await self._input.send_all(line.encode())

    async def receive(self) -> dict[str, Any]:
        """Return what the program says next; raise EOFError when it has ended."""
        while b"\n" not in self._rest:
            data = await self._output.receive_some()
            if not data:
                raise EOFError(f"the program ended: {self._process.args!r}")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    async def ask(self, command: str, **request: Any) -> dict[str, Any]:
        """Send a command and return what is said next."""
        await self.send(command, **request)
        return await self.receive()

    @property
    def _input(self) -> trio.abc.SendStream:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> trio.abc.ReceiveStream:
        assert self._process.stdout is not None
        return self._process.stdout


@asynccontextmanager
async def open_program(program: Path, environment: Mapping[str, str]) -> AsyncGenerator[Program]:
    """Run a node program in its own folder; it is killed when the block is left."""
    process = await trio.lowlevel.open_process(
        ["node", str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=program.parent,
        env={**os.environ, **environment},
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    await stream.aclose()


@asynccontextmanager
async def open_service(*, endpoint: str, token: str) -> AsyncGenerator[Program]:
    """Run the Service and wait until it listens."""
    environment = {"MESG_ENDPOINT": endpoint, "MESG_TOKEN": token}
    async with open_program(SERVICE_PROGRAM, environment) as service:
        said = await service.receive()
        assert said == {"status": ["ready"]}, said
        yield service


@asynccontextmanager
async def open_application(*, endpoint: str) -> AsyncGenerator[Program]:
    """Run the Application: commands call, execute, listenEvent, listenResult."""
    async with open_program(APPLICATION_PROGRAM, {"MESG_ENDPOINT": endpoint}) as application:
        yield application
