"""A program between the node and a Service's process: sets its limits, and outlives neither.

Run by `process` as `python -I -S keeper.py SETTINGS COMMAND...`; imports the standard library only.
Its standard input is a lifeline: when it ends, because the node stopped the instance or was killed,
the Service gets SIGTERM, after a grace SIGKILL. Being a separate program of one thread it may fork,
and PDEATHSIG (which follows the *thread* that forked) means what it says.
"""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

LIFELINE = 0
CANNOT_RUN = 127
"""What a shell answers when there is no such command."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_DRAIN_BYTES = 4096


def main() -> int:
    """Start the command, keep it, end all that came of it; return its exit code."""
    settings = json.loads(sys.argv[1])
    # Descendants that detach themselves become children of this process, not of init.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wakeup = _wake_on_signals()
    child = os.fork()
    if child == 0:
        _become(sys.argv[2:], settings["limits"])
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(child, child)
    status = _keep(child, wakeup, grace_s=settings["grace_s"])
    _end_descendants(child)
    if status is None:
        return 128 + signal.SIGKILL
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(command: list[str], limits: dict[str, int]) -> NoReturn:
    keeper = os.getppid()
    try:
        os.setpgid(0, 0)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if os.getppid() != keeper:
            os._exit(CANNOT_RUN)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        for name, value in limits.items():
            _limit(getattr(resource, name), value)
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), LIFELINE)
        os.execvp(command[0], command)  # noqa: S606 - the command is the Service's own
    except OSError as error:
        os.write(2, f"cannot run {command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(CANNOT_RUN)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _wake_on_signals() -> int:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return read_end


def _keep(child: int, wakeup: int, *, grace_s: float) -> int | None:
    """Return the child's wait status once it has ended, or None when its grace is over."""
    deadline_s: float | None = None
    watched = [LIFELINE, wakeup]
    while True:
        left_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
        ready = select.select(watched, [], [], left_s)[0]
        status = _reap(child)
        if status is not None:
            return status
        if deadline_s is not None and time.monotonic() >= deadline_s:
            return None
        if _must_stop(ready, wakeup) and deadline_s is None:
            watched = [wakeup]
            deadline_s = time.monotonic() + grace_s
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGTERM)


def _must_stop(ready: list[int], wakeup: int) -> bool:
    came = os.read(wakeup, _DRAIN_BYTES) if wakeup in ready else b""
    asked = any(number in came for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
    return asked or (LIFELINE in ready and os.read(LIFELINE, _DRAIN_BYTES) == b"")


def _reap(child: int) -> int | None:
    status = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            status = ended[1] if ended[0] == child else status
    return status


def _end_descendants(child: int) -> None:
    """Kill what is left; whoever loses its parent becomes ours and is killed in the next round."""
    while True:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        for pid in _children():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listing.read_text().split()] if listing.exists() else []


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
