"""Runs a Service as a process of this machine. THIS IS NO SANDBOX.

The process has limits, a folder of its own and few variables, but it runs as the node's user and
can read whatever that user can read, keys included. It is for Services that the owner of the node
wrote himself or expressly trusts; `docker` is for the others.
"""

import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from mesg.marketplace.domain.errors import EngineUnavailable, InvalidManifest
from mesg.node.domain.instance import InstanceSpec, InstanceStatus, LogLine
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.logbook import LogBook
from mesg.node.runtime.process_run import STOP_GRACE_S, ProcessLimits, ProcessRun
from mesg.node.runtime.refusals import check_instance_name, check_manifest
from mesg.node.runtime.words import split_command

STOP_ALL_S_MAX = 15.0
"""Leaving the block waits this long for all instances; their keepers end them in any case."""


@dataclass(slots=True)
class _Instance:
    """An instance of whom this runtime has heard."""

    folder: Path
    book: LogBook
    lock: trio.Lock = field(default_factory=trio.Lock)
    run: ProcessRun | None = None
    """The current or last run; None if it never ran, or was stopped."""

    @property
    def home(self) -> Path:
        """Where its data lives."""
        return self.folder / "home"


class ProcessRuntime:
    """Implements `Runtime` with processes; see the module for what that does not protect from."""

    name = "process"

    def __init__(
        self, folder: Path, nursery: trio.Nursery, *, limits: ProcessLimits, grace_s: float
    ) -> None:
        """Use `open_process_runtime`, whose nursery outlives every run."""
        self._folder = folder.absolute()
        self._nursery = nursery
        self._limits = limits
        self._grace_s = grace_s
        self._instances: dict[str, _Instance] = {}

    async def start(self, spec: InstanceSpec, *, endpoint: ServiceEndpoint) -> None:
        """Start the manifest's command in the package's folder; a running one is left alone."""
        check_manifest(spec.manifest)
        instance = self._instance(spec.id)
        async with instance.lock:
            if instance.run is not None and instance.run.is_alive:
                return
            environment = _environment(spec, endpoint, instance.home)
            run = ProcessRun(
                _command(spec, environment["PATH"]),
                folder=spec.folder,
                environment=environment,
                book=instance.book,
            )
            try:
                await trio.Path(instance.home).mkdir(mode=0o700, parents=True, exist_ok=True)
                await run.begin(self._limits, self._grace_s)
            except OSError as error:
                raise EngineUnavailable(f"the process cannot be started: {error}") from error
            self._nursery.start_soon(run.keep)
            instance.run = run

    async def stop(self, instance: str) -> None:
        """Ask the process and all it started to end, then kill them."""
        known = self._instance(instance)
        async with known.lock:
            if known.run is not None:
                await known.run.stop(self._grace_s)
                known.run = None

    async def remove(self, instance: str) -> None:
        """Stop, and delete its folder and its logs."""
        await self.stop(instance)
        known = self._instance(instance)
        async with known.lock:
            await known.book.delete()
            await trio.to_thread.run_sync(lambda: shutil.rmtree(known.folder, ignore_errors=True))

    async def status(self, instance: str) -> InstanceStatus:
        """Return RUNNING while the process lives, FAILED after a bad exit, else STOPPED."""
        await trio.lowlevel.checkpoint()
        run = self._instance(instance).run
        if run is not None and run.is_alive:
            return InstanceStatus.RUNNING
        if run is not None and run.exit_code != 0:
            return InstanceStatus.FAILED
        return InstanceStatus.STOPPED

    @asynccontextmanager
    async def logs(
        self, instance: str, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give the last lines, then new ones until the process has ended."""
        known = self._instance(instance)
        alive = known.run is not None and known.run.is_alive
        async with known.book.read(follow=follow and alive, tail=tail) as lines:
            yield lines

    async def stop_all(self) -> None:
        """Stop every instance, all at the same time."""
        async with trio.open_nursery() as nursery:
            for name in list(self._instances):
                nursery.start_soon(self.stop, name)

    def _instance(self, name: str) -> _Instance:
        if name not in self._instances:
            folder = self._folder / check_instance_name(name)
            self._instances[name] = _Instance(folder, LogBook(folder / "logs"))
        return self._instances[name]


@asynccontextmanager
async def open_process_runtime(
    folder: Path, *, limits: ProcessLimits | None = None, grace_s: float = STOP_GRACE_S
) -> AsyncGenerator[ProcessRuntime]:
    """Run instances whose data and logs live below `folder`; leaving the block stops them all."""
    async with trio.open_nursery() as nursery:
        runtime = ProcessRuntime(
            folder, nursery, limits=limits or ProcessLimits(), grace_s=grace_s
        )
        try:
            yield runtime
        finally:
            deadline = trio.current_time() + STOP_ALL_S_MAX
            with trio.CancelScope(deadline=deadline, shield=True):
                await runtime.stop_all()
            nursery.cancel_scope.cancel()


def _environment(spec: InstanceSpec, endpoint: ServiceEndpoint, home: Path) -> dict[str, str]:
    """Return all the variables the process gets; none of the node's own pass through."""
    return {
        # The node's own Python first: it has the SDK.
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.defpath)),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **spec.environment,
        "MESG_TOKEN": spec.token,
        "MESG_ENDPOINT": endpoint.tcp,
        "MESG_ENDPOINT_TCP": endpoint.tcp,
    }


def _command(spec: InstanceSpec, path: str) -> list[str]:
    """Return the command as the manifest states it; raise InvalidManifest if it cannot be run."""
    configuration = spec.manifest.configuration
    words = [*split_command(configuration.command), *configuration.args]
    if not configuration.command.strip():
        raise InvalidManifest(
            f"{spec.manifest.service} does not say how to run it as a process",
            where="configuration.command",
            hint="set configuration.command and args in mesg.yml, or use the docker runtime",
        )
    local = Path(spec.folder, words[0]) if "/" in words[0] else words[0]
    program = shutil.which(local, path=path)
    if program is None:
        raise InvalidManifest(
            f"there is no program {words[0]!r} on this machine",
            where="configuration.command",
            hint=f"install it, or use the docker runtime; searched {path}",
        )
    return [program, *words[1:]]
