"""One run of a Service's process, from its start to its end, through a keeper."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from mesg.node.runtime.lines import LineCutter
from mesg.node.runtime.logbook import LogBook

STOP_GRACE_S = 5.0
"""Between SIGTERM and SIGKILL."""
KEEPER_S_MAX = 5.0
"""A keeper that has not ended this long after the grace is killed itself."""
LAST_WORDS_S_MAX = 2.0
"""How long the output is still read after the process has ended."""
READ_BYTES_MAX = 64 * 1024
_KEEPER = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What one process may use; each counts per process, not per Service."""

    address_space_bytes: int = 4 * 1024**3
    """gRPC and every thread reserve far more than they use; a leak still ends here."""
    open_files: int = 1_024
    file_bytes: int = 256 * 1024**2
    """The largest file it can write."""
    processes: int | None = None
    """Counts all processes of the node's user, hence off by default."""

    def as_rlimits(self) -> dict[str, int]:
        """Return the limits by their names in `resource`."""
        limits = {
            "RLIMIT_AS": self.address_space_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_CORE": 0,
        }
        return limits if self.processes is None else {**limits, "RLIMIT_NPROC": self.processes}


class ProcessRun:
    """A process and its log; `keep` lives as long as it does."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: str,
        environment: Mapping[str, str],
        book: LogBook,
    ) -> None:
        """Prepare a run; nothing is started yet."""
        self._command = command
        self._folder = folder
        self._environment = environment
        self._book = book
        self._ended = trio.Event()
        self._process: trio.Process | None = None
        self.exit_code: int | None = None

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._process is not None and not self._ended.is_set()

    async def begin(self, limits: ProcessLimits, grace_s: float) -> None:
        """Start the process; the caller then lets `keep` run, without a checkpoint in between."""
        settings = json.dumps({"limits": limits.as_rlimits(), "grace_s": grace_s})
        self._process = await trio.lowlevel.open_process(
            [sys.executable, "-I", "-S", str(_KEEPER), settings, *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=dict(self._environment),
            start_new_session=True,
        )

    async def keep(self) -> None:
        """Write the log until the process has ended."""
        if self._process is None:
            return
        try:
            await self._write_log(self._process)
        finally:
            # Whatever happened, closing the lifeline makes the keeper end everything.
            self._ended.set()
            self._book.end_following()
            with trio.CancelScope(shield=True):
                await _close(self._process)

    async def stop(self, grace_s: float) -> None:
        """Ask it to end, then kill it; return when it has."""
        if self._process is None or self._process.stdin is None:
            return
        await self._process.stdin.aclose()
        with trio.move_on_after(grace_s + KEEPER_S_MAX):
            await self._ended.wait()
        if not self._ended.is_set():
            self._process.kill()
            await self._ended.wait()

    async def _write_log(self, process: trio.Process) -> None:
        async with trio.open_nursery() as nursery:
            for source, stream in ((process.stdout, "stdout"), (process.stderr, "stderr")):
                if source is not None:
                    nursery.start_soon(self._copy, source, stream)
            self.exit_code = await process.wait()
            nursery.cancel_scope.deadline = trio.current_time() + LAST_WORDS_S_MAX

    async def _copy(self, source: trio.abc.ReceiveStream, stream: str) -> None:
        cutter = LineCutter(stream)
        while data := await source.receive_some(READ_BYTES_MAX):
            if lines := cutter.feed(bytes(data)):
                await self._book.write(lines)
        if lines := cutter.finish():
            await self._book.write(lines)


async def _close(process: trio.Process) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            await stream.aclose()
