"""A runtime whose instances are functions of this process: `ScriptedRuntime`, for tests of whole nodes."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from mesg.marketplace.domain.errors import MesgError
from mesg.node.domain.instance import InstanceSpec, InstanceStatus, LogLine
from mesg.node.doors import Desk, TaskOrder, TaskOutput
from mesg.node.ports import ServiceEndpoint

TaskFunction = Callable[[TaskOrder], Awaitable[TaskOutput]]


@dataclass(slots=True)
class ScriptedRuntime:
    """Runs each Service by the function that is registered for its sid."""

    nursery: trio.Nursery
    scripts: Mapping[str, TaskFunction]
    desk: Desk | None = None
    """Set once the node is assembled."""
    tokens: dict[str, str] = field(default_factory=dict)
    """The token that each sid's instance was given."""
    runs: list[TaskOrder] = field(default_factory=list)
    """Every task that was really run, in order."""
    _instances: dict[str, trio.CancelScope] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What kind of runtime this is."""
        return "scripted"

    async def start(self, spec: InstanceSpec, *, endpoint: ServiceEndpoint) -> None:  # noqa: ARG002
        """Let the Service's function listen at the desk."""
        sid = spec.manifest.service.sid
        self.tokens[sid] = spec.token
        scope = self._instances[spec.id] = trio.CancelScope()
        await self.nursery.start(self._listen, spec, self.scripts[sid], scope)

    async def stop(self, instance: str) -> None:
        """End the instance."""
        await trio.lowlevel.checkpoint()
        scope = self._instances.pop(instance, None)
        if scope is not None:
            scope.cancel()

    async def remove(self, instance: str) -> None:
        """End the instance; it has no data."""
        await self.stop(instance)

    async def status(self, instance: str) -> InstanceStatus:
        """Tell whether it runs."""
        await trio.lowlevel.checkpoint()
        return InstanceStatus.RUNNING if instance in self._instances else InstanceStatus.STOPPED

    @asynccontextmanager
    async def logs(
        self, instance: str, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give one line that says who it is."""
        sender, receiver = trio.open_memory_channel[LogLine](1)
        await sender.send(LogLine("stdout", f"{instance} follow={follow} tail={tail}"))
        sender.close()
        yield receiver

    async def _listen(
        self,
        spec: InstanceSpec,
        script: TaskFunction,
        scope: trio.CancelScope,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        assert self.desk is not None  # noqa: S101 - set before anything starts
        with scope:
            async with self.desk.listen(spec.token) as orders, trio.open_nursery() as nursery:
                task_status.started()
                async for order in orders:
                    nursery.start_soon(self._run, script, order)

    async def _run(self, script: TaskFunction, order: TaskOrder) -> None:
        assert self.desk is not None  # noqa: S101 - set before anything starts
        self.runs.append(order)
        output = await script(order)
        try:
            await self.desk.submit(order.execution, output)
        except MesgError:
            return  # too late, or of the wrong shape: the desk has told who waits
