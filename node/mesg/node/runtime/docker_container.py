"""One instance's container and network on the engine: made, looked at, and removed together."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from mesg.marketplace.domain.errors import EngineUnavailable, Unavailable
from mesg.node.domain.instance import InstanceSpec, InstanceStatus
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.docker_engine import Engine
from mesg.node.runtime.docker_logs import ContainerLogs
from mesg.node.runtime.docker_policy import (
    STOP_GRACE_S,
    ContainerLimits,
    ContainerPlace,
    container_config,
)
from mesg.node.runtime.logbook import LogBook

CONFIG_LABEL = "mesg.config"
"""The hash of all a container was made from; another one means that it must be made again."""
CLEANUP_S_MAX = 20.0
_STARTING = frozenset({"created", "restarting"})


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """What a container is to be made from."""

    spec: InstanceSpec
    endpoint: ServiceEndpoint
    image: str
    publish_on: str
    limits: ContainerLimits


class Container:
    """The container of one instance of one node; remembers nothing, asks the engine."""

    def __init__(
        self, instance: str, *, owner: str, engine: Engine, logs: ContainerLogs, book: LogBook
    ) -> None:
        """Name it; nothing is asked yet."""
        self.name = f"{instance}-{owner}"
        self.book = book
        self._labels = {"mesg.managed": "1", "mesg.node": owner, "mesg.instance": instance}
        self._engine = engine
        self._logs = logs

    async def exists(self) -> bool:
        """Tell whether it is there, running or not."""
        return await self._engine.inspect(self.name) is not None

    async def runs(self, plan: ContainerPlan) -> bool:
        """Tell whether it runs and is made from the same plan."""
        found = await self._engine.inspect(self.name)
        if found is None or not found["State"]["Running"]:
            return False
        wanted = self._config(plan)["Labels"][CONFIG_LABEL]
        return bool(found["Config"]["Labels"].get(CONFIG_LABEL) == wanted)

    async def run(self, plan: ContainerPlan) -> None:
        """Make and start it; if that fails, nothing of it is left."""
        config = self._config(plan)
        await trio.to_thread.run_sync(_open_folder, Path(plan.endpoint.socket).parent)
        is_running = False
        try:
            if plan.spec.manifest.configuration.network:
                await self._engine.create_network(self.name, self._labels)
            await self._engine.create(self.name, config)
            await self._engine.start(self.name)
            is_running = True
        finally:
            if not is_running:
                deadline = trio.current_time() + CLEANUP_S_MAX
                with trio.CancelScope(deadline=deadline, shield=True), suppress(EngineUnavailable):
                    await self._remove()

    async def clear(self) -> None:
        """Stop it, keep its log, remove it and its network."""
        found = await self._engine.inspect(self.name)
        if found is not None:
            await self._engine.stop(self.name, STOP_GRACE_S)
            await self._logs.save(self.name, self.book)
        await self._remove()

    async def status(self) -> InstanceStatus:
        """Return what the engine says."""
        found = await self._engine.inspect(self.name)
        if found is None:
            return InstanceStatus.STOPPED
        state = found["State"]
        if state["Running"]:
            return InstanceStatus.RUNNING
        if state["Status"] in _STARTING:
            return InstanceStatus.STARTING
        failed = state["ExitCode"] != 0 or state["OOMKilled"]
        return InstanceStatus.FAILED if failed else InstanceStatus.STOPPED

    async def _remove(self) -> None:
        await self._engine.remove(self.name)
        await self._engine.remove_network(self.name)

    def _config(self, plan: ContainerPlan) -> dict[str, Any]:
        place = ContainerPlace(self.name, plan.image, self._labels, plan.publish_on)
        config = container_config(plan.spec, plan.endpoint, place, plan.limits)
        digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
        config["Labels"][CONFIG_LABEL] = digest
        return config


def _open_folder(folder: Path) -> None:
    """Let the container's user pass through the folder to the socket, but not list it."""
    try:
        folder.chmod(0o711)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be given to a container: {error.strerror}") from error
