"""Typing a command line: in this process, against a twin of the node on a real socket."""

import io
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import trio

from mesg.node.api.http import open_http_api
from mesg.node.cli.run import run
from mesg.node.config.home import Home
from mesg.node.testing.memory_counter import MemoryCounter


class Person(io.StringIO):
    """Standard input with somebody at it."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command line gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """A person or a script with a home."""

    home: Path

    async def __call__(self, *words: str, typing: str | None = None, **variables: str) -> Typed:
        """Run `mesg WORDS` in a thread: commands bring their own event loop."""
        return await trio.to_thread.run_sync(partial(self.type, words, typing, variables))

    def type(
        self, words: tuple[str, ...], typing: str | None, variables: Mapping[str, str]
    ) -> Typed:
        stdin = io.StringIO("") if typing is None else Person(typing)
        out, err = io.StringIO(), io.StringIO()
        environ = {"MESG_HOME": str(self.home), "MESG_WALLET__SCRYPT_N": "4096", **variables}
        code = run(words, environ=environ, stdin=stdin, stdout=out, stderr=err)
        return Typed(code, out.getvalue(), err.getvalue())


@asynccontextmanager
async def shell_with_node(folder: Path) -> AsyncGenerator[tuple[Shell, MemoryCounter]]:
    """Give a shell whose home has a running twin."""
    counter, home = MemoryCounter(), Home(folder)
    with trio.fail_after(60):
        async with open_http_api(counter, socket_path=home.socket, token="t"):
            yield Shell(folder), counter
