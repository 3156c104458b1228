"""A node in memory with the real gRPC API, and instances of Services that a real runtime runs for it."""

import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from mesg.node.api.grpc.server import GrpcEndpoints, open_grpc_api
from mesg.node.domain.environment import environment_for
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import InstanceSpec, InstanceStatus, LogLine
from mesg.node.domain.manifest_file import read_manifest
from mesg.node.doors import CallRequest
from mesg.node.ports import Runtime
from mesg.node.runtime.docker import open_docker_runtime
from mesg.node.runtime.process import open_process_runtime
from mesg.node.store.shelf import Shelf
from mesg.node.testing.memory_node import MemoryNode

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
WAIT_S_MAX = 60.0
"""A busy machine may take long to build and start a container; a broken one is found all the same."""
DOCKERFILE = "FROM mesg/service-python:0.1\nCOPY . /service\n"
MANIFEST = """
name: Probe
sid: probe
configuration: {command: python3, args: [service.py], env: ["COLOR=red"]}
"""


RUNTIMES = ("process", pytest.param("docker", marks=pytest.mark.docker))
"""For fixtures that are to give each."""


def build_service_base() -> None:
    """Make the base image of Python Services if it is not there or not up to date."""
    script = ROOT / "scripts" / "build-service-base"
    done = subprocess.run([script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def open_runtime(kind: str, folder: Path) -> AbstractAsyncContextManager[Runtime]:
    """Open one of the runtimes, as permissive as it can be."""
    if kind == "docker":
        build_service_base()
        return open_docker_runtime(folder, allow_network=True)
    return open_process_runtime(folder)


class RunningNode:
    """Where tests deploy Services and call them."""

    def __init__(
        self, folder: Path, runtime: Runtime, api: GrpcEndpoints, node: MemoryNode
    ) -> None:
        self.runtime = runtime
        self.api = api
        self.memory = node
        self._shelf = Shelf(folder / "shelf")
        self._folder = folder
        self._specs: list[InstanceSpec] = []

    async def spec(
        self, source: Path, environment: Mapping[str, str] | None = None
    ) -> InstanceSpec:
        """Pack a Service, unpack it, and say how it is to be run."""
        packed = await self._shelf.pack(str(source))
        manifest = read_manifest(packed.manifest_text)
        digest = await self._shelf.put(packed.archive)
        token = f"token-of-{manifest.service}"
        self.memory.add(manifest, token=token)
        spec = InstanceSpec(
            id=f"mesg-{digest.hex()[:12]}",
            manifest=manifest,
            folder=await self._shelf.unpack(digest),
            environment=environment_for(manifest, environment or {}),
            token=token,
        )
        self._specs.append(spec)
        return spec

    async def clean(self) -> None:
        """Remove all that was started, images too."""
        for spec in self._specs:
            await self.runtime.remove(spec.id)

    async def probe(self, program: str, *, manifest: str = MANIFEST) -> InstanceSpec:
        """Say how a Service of that one program is to be run."""
        source = self._folder / "probe"
        source.mkdir(exist_ok=True)
        (source / "mesg.yml").write_text(manifest)
        (source / "Dockerfile").write_text(DOCKERFILE)
        (source / "service.py").write_text(program)
        return await self.spec(source)

    async def start(self, spec: InstanceSpec) -> None:
        """Start the instance."""
        with trio.fail_after(WAIT_S_MAX):
            await self.runtime.start(spec, endpoint=self.api.service)

    async def start_and_listen(self, spec: InstanceSpec) -> None:
        """Start the instance and wait until it listens for tasks."""
        await self.start(spec)
        try:
            with trio.fail_after(WAIT_S_MAX):
                while not self.memory.task_listeners(str(spec.manifest.service)):
                    await trio.sleep(0.02)
        except trio.TooSlowError:
            raise AssertionError(await self.lines(spec.id)) from None

    async def call(self, sid: str, task: str, inputs: Mapping[str, Any]) -> Execution:
        """Run a task and return how it ended."""
        with trio.fail_after(WAIT_S_MAX):
            async with self.memory.results(sid) as results:
                execution = await self.memory.execute(CallRequest(sid, task, inputs))
                async for ended in results:
                    if ended.id == execution:
                        return ended
        raise AssertionError("the results ended")

    async def lines(self, instance: str, *, tail: int = 100) -> list[LogLine]:
        """Return the end of the log."""
        async with self.runtime.logs(instance, follow=False, tail=tail) as lines:
            return [line async for line in lines]

    async def first_line(self, instance: str) -> str:
        """Wait for the first line."""
        with trio.fail_after(WAIT_S_MAX):
            async with self.runtime.logs(instance, follow=True, tail=100) as lines:
                return (await lines.receive()).text

    async def wait_status(self, instance: str, status: InstanceStatus) -> None:
        """Wait until the instance has that status."""
        with trio.fail_after(WAIT_S_MAX):
            while await self.runtime.status(instance) is not status:
                await trio.sleep(0.02)


@asynccontextmanager
async def open_running_node(
    folder: Path, runtime: AbstractAsyncContextManager[Runtime]
) -> AsyncGenerator[RunningNode]:
    """Open the API and the runtime in an empty folder."""
    node = MemoryNode()
    async with (
        open_grpc_api(
            desk=node,
            counter=node,
            listen="127.0.0.1:0",
            service_socket=str(folder / "run" / "service.sock"),
            core_socket=str(folder / "core" / "core.sock"),
            application_token="application",
        ) as api,
        runtime as running,
    ):
        running_node = RunningNode(folder, running, api, node)
        yield running_node
        await running_node.clean()
