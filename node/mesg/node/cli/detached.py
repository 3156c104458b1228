"""A node as a process of its own: started, watched until it is ready, its log in the home."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import trio

from mesg.node.cli.client import Json, ProblemAnswered
from mesg.node.cli.node import answers
from mesg.node.cli.session import Session
from mesg.node.errors import EXIT_CODES, Problem

LOG_NAME = "node.log"
_POLL_S = 0.1
_LOG_LINES_SHOWN = 15
_LOG_BYTES_SHOWN = 16 * 1024


async def start_detached(
    session: Session, settings: Iterable[str], *, password: str | None, within_s: float
) -> Json:
    """Start the node and return it at a glance once it answers; raise ProblemAnswered if it ends."""
    log = session.home.logs / LOG_NAME
    begun_at = log.stat().st_size if log.exists() else 0
    process = _spawn(session, settings, log)
    with trio.move_on_after(within_s):
        while (answer := await answers(session)) is None:
            if process.poll() is not None:
                raise ProblemAnswered(_ended(process.returncode, log, begun_at))
            await trio.sleep(_POLL_S)
        if password is not None and answer["wallet"] == "locked":
            await session.node.post("wallet", "unlock", body={"password": password})
            answer = await session.node.get("node")
        return answer
    process.terminate()
    raise ProblemAnswered(
        Problem("deadline_exceeded", f"the node was not ready within {within_s:g} s", str(log))
    )


def _spawn(session: Session, settings: Iterable[str], log: Path) -> subprocess.Popen[bytes]:
    """Start it in a session of its own; its words go to the log."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "mesg.node", "--home", str(session.home.path), "--no-input"]
    command += ["start", *(word for setting in settings for word in ("--set", setting))]
    # The password travels over the node's own socket, never through a command line.
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=dict(session.environ),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _ended(exit_code: int, log: Path, begun_at: int) -> Problem:
    codes = {exit_: code for code, exit_ in reversed(tuple(EXIT_CODES.items()))}
    written = log.read_bytes()[begun_at:]
    tail = written[-_LOG_BYTES_SHOWN:].decode("utf-8", "replace").splitlines()
    says = "".join(f"\n  {line}" for line in tail[-_LOG_LINES_SHOWN:])
    return Problem(
        codes.get(exit_code, "error"),
        f"the node ended before it was ready (exit code {exit_code}):{says}",
        str(log),
    )
