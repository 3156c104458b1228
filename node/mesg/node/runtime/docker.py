"""Runs a Service in a hardened container of a Docker engine on this machine.

Containers and networks carry labels, so that a node finds its own again after a crash and never
touches those of another. A stopped instance leaves no container: its log is kept in a file.
"""

import hashlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trio

from mesg.marketplace.domain.errors import EngineUnavailable, InvalidManifest
from mesg.node.domain.instance import InstanceSpec, InstanceStatus, LogLine
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.docker_connection import SOCKET
from mesg.node.runtime.docker_container import Container, ContainerPlan
from mesg.node.runtime.docker_engine import Engine, docker_is_there, open_engine
from mesg.node.runtime.docker_image import BuildContext, read_context
from mesg.node.runtime.docker_logs import ContainerLogs
from mesg.node.runtime.docker_policy import ContainerLimits
from mesg.node.runtime.instance_folder import InstanceFolder
from mesg.node.runtime.refusals import check_instance_name, check_manifest

__all__ = ["DockerRuntime", "docker_is_there", "open_docker_runtime"]

STOP_ALL_S_MAX = 30.0
"""Leaving the block waits this long for all instances; what is left is found by its labels."""
BUILDS_MAX = 1
"""At once: a build takes a processor and memory of its own."""


@dataclass(frozen=True, slots=True)
class DockerPermissions:
    """What the owner of the node allows Services in containers."""

    network: bool
    """A network for Services whose manifest asks for it. It reaches this machine's ports too."""
    build_network: bool
    """A network for `RUN` in Dockerfiles, whosever they are."""
    publish_on: str
    """The address on which the ports of Services with a network are published."""
    limits: ContainerLimits


class DockerRuntime:
    """Implements `Runtime` with containers."""

    name = "docker"

    def __init__(
        self, folder: Path, engine: Engine, nursery: trio.Nursery, permissions: DockerPermissions
    ) -> None:
        """Use `open_docker_runtime`, whose nursery outlives every reader of logs."""
        self._folder = folder.absolute()
        self._engine = engine
        self._logs = ContainerLogs(engine, nursery)
        self._permissions = permissions
        # Two nodes on one machine may run the same instance, so names and labels tell them apart.
        self._owner = hashlib.sha256(str(self._folder).encode()).hexdigest()[:8]
        self._locks: defaultdict[str, trio.Lock] = defaultdict(trio.Lock)
        self._starting: set[str] = set()
        self._builds = trio.CapacityLimiter(BUILDS_MAX)

    async def start(self, spec: InstanceSpec, *, endpoint: ServiceEndpoint) -> None:
        """Build the image if it is new, and run it; a running one is left alone."""
        check_manifest(spec.manifest)
        self._check_network(spec)
        container = self._container(spec.id)
        async with self._locks[spec.id]:
            self._starting.add(spec.id)
            try:
                context = await trio.to_thread.run_sync(read_context, Path(spec.folder))
                plan = ContainerPlan(
                    spec,
                    endpoint,
                    context.tag,
                    self._permissions.publish_on,
                    self._permissions.limits,
                )
                if not await container.runs(plan):
                    await container.clear()
                    await self._build(context)
                    await InstanceFolder(self._folder, spec.id).note_image(context.tag)
                    await container.run(plan)
            finally:
                self._starting.discard(spec.id)

    async def stop(self, instance: str) -> None:
        """Stop and remove the container and its network; its log is kept."""
        async with self._locks[check_instance_name(instance)]:
            await self._container(instance).clear()

    async def remove(self, instance: str) -> None:
        """Stop, and remove its log, and its image unless another container uses it."""
        await self.stop(instance)
        folder = InstanceFolder(self._folder, instance)
        async with self._locks[instance]:
            if tag := await folder.noted_image():
                await self._engine.remove_image(tag)
            await folder.delete()

    async def status(self, instance: str) -> InstanceStatus:
        """Return what the engine says, whether or not this node was restarted since."""
        status = await self._container(instance).status()
        is_starting = instance in self._starting and status is not InstanceStatus.RUNNING
        return InstanceStatus.STARTING if is_starting else status

    @asynccontextmanager
    async def logs(
        self, instance: str, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give the last lines, then new ones until the container has ended."""
        container = self._container(instance)
        if await container.exists():
            async with self._logs.read(
                container.name, container.book, follow=follow, tail=tail
            ) as lines:
                yield lines
        else:
            async with container.book.read(follow=False, tail=tail) as lines:
                yield lines

    async def reap(self, known: Collection[str]) -> None:
        """Stop and remove what this node once started and does not know any more."""
        for instance in await self._instances():
            if instance not in known:
                await self.stop(instance)

    async def stop_all(self) -> None:
        """Stop every instance of this node, all at the same time."""
        instances = await self._instances()
        async with trio.open_nursery() as nursery:
            for instance in instances:
                nursery.start_soon(self._stop_quietly, instance)

    async def _stop_quietly(self, instance: str) -> None:
        with suppress(EngineUnavailable):
            await self.stop(instance)

    async def _instances(self) -> set[str]:
        mine = f"mesg.node={self._owner}"
        labels = [*await self._engine.containers(mine), *await self._engine.networks(mine)]
        return {each["mesg.instance"] for each in labels}

    async def _build(self, context: BuildContext) -> None:
        async with self._builds:
            if not await self._engine.has_image(context.tag):
                network = "default" if self._permissions.build_network else "none"
                await self._engine.build(context, labels={"mesg.managed": "1"}, network=network)

    def _container(self, instance: str) -> Container:
        return Container(
            check_instance_name(instance),
            owner=self._owner,
            engine=self._engine,
            logs=self._logs,
            book=InstanceFolder(self._folder, instance).book,
        )

    def _check_network(self, spec: InstanceSpec) -> None:
        if spec.manifest.configuration.network and not self._permissions.network:
            raise InvalidManifest(
                f"{spec.manifest.service} asks for the network, and this node gives it to none",
                where="permissions.network",
                hint="allow it in the node's configuration if you trust this Service with it",
            )


@asynccontextmanager
async def open_docker_runtime(
    folder: Path,
    *,
    socket: str = SOCKET,
    allow_network: bool = False,
    allow_build_network: bool = False,
    publish_on: str = "127.0.0.1",
    limits: ContainerLimits | None = None,
) -> AsyncGenerator[DockerRuntime]:
    """Run instances on the engine at `socket`, logs below `folder`; leaving the block stops them.

    Nothing is asked of the engine before the first start. What a killed node left running is found
    again by `status`, `start` and `reap`.
    """
    permissions = DockerPermissions(
        allow_network, allow_build_network, publish_on, limits or ContainerLimits()
    )
    async with open_engine(socket) as engine, trio.open_nursery() as nursery:
        runtime = DockerRuntime(folder, engine, nursery, permissions)
        try:
            yield runtime
        finally:
            deadline = trio.current_time() + STOP_ALL_S_MAX
            with trio.CancelScope(deadline=deadline, shield=True), suppress(EngineUnavailable):
                await runtime.stop_all()
            nursery.cancel_scope.cancel()
