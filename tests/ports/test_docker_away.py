"""An engine that is not there, or goes away and comes back."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from tests.support.instances import RunningNode, build_service_base, open_running_node

from mesg.marketplace.domain.errors import EngineUnavailable
from mesg.node.domain.instance import InstanceStatus, LogLine
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.docker import docker_is_there, open_docker_runtime
from mesg.node.runtime.docker_connection import SOCKET

pytestmark = pytest.mark.docker
ENDLESS = "import time\nprint('up')\nwhile True: time.sleep(1)\n"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncGenerator[RunningNode, None]:
    build_service_base()
    async with open_running_node(tmp_path, open_docker_runtime(tmp_path / "data")) as node:
        yield node


async def carry(source: trio.SocketStream, target: trio.SocketStream) -> None:
    async for data in source:
        await target.send_all(data)
    await target.send_eof()


async def to_the_engine(client: trio.SocketStream) -> None:
    async with await trio.open_unix_socket(SOCKET) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(carry, client, engine)
        nursery.start_soon(carry, engine, client)


@asynccontextmanager
async def open_way(path: Path) -> AsyncGenerator[None]:
    """Make the engine answer on another socket; leaving the block cuts all connections."""
    with trio.socket.socket(socket.AF_UNIX) as listening:
        await listening.bind(str(path))
        listening.listen()
        async with trio.open_nursery() as nursery:
            listeners = [trio.SocketListener(listening)]
            nursery.start_soon(trio.serve_listeners, to_the_engine, listeners)
            yield
            nursery.cancel_scope.cancel()
    await trio.Path(path).unlink()


async def test_what_runs_is_there_when_the_engine_answers_again(
    tmp_path: Path, node: RunningNode
) -> None:
    spec = await node.probe(ENDLESS)
    way = tmp_path / "docker.sock"
    async with open_docker_runtime(tmp_path / "far", socket=str(way)) as runtime:
        async with open_way(way):
            await runtime.start(spec, endpoint=node.api.service)
            assert await runtime.status(spec.id) is InstanceStatus.RUNNING
            following = runtime.logs(spec.id, follow=True, tail=10)
            lines = await following.__aenter__()
            assert await lines.receive() == LogLine("stdout", "up")

        told = [line async for line in lines]
        await following.__aexit__(None, None, None)
        with pytest.raises(EngineUnavailable):
            await runtime.status(spec.id)

        async with open_way(way):
            assert await runtime.status(spec.id) is InstanceStatus.RUNNING
            await runtime.remove(spec.id)

    assert told == [LogLine("stderr", f"(no Docker engine answers on {way})")]


async def test_without_an_engine_all_say_so(tmp_path: Path, node: RunningNode) -> None:
    spec = await node.probe(ENDLESS)
    nowhere = str(tmp_path / "docker.sock")
    endpoint = ServiceEndpoint("127.0.0.1:1", str(tmp_path / "node.sock"))

    assert not await docker_is_there(nowhere)
    assert await docker_is_there()
    async with open_docker_runtime(tmp_path / "none", socket=nowhere) as runtime:
        with pytest.raises(EngineUnavailable) as refusal:
            await runtime.start(spec, endpoint=endpoint)
        with pytest.raises(EngineUnavailable):
            await runtime.status(spec.id)
        with pytest.raises(EngineUnavailable):
            await runtime.stop(spec.id)
        with pytest.raises(EngineUnavailable):
            async with runtime.logs(spec.id, follow=False, tail=1):
                pass

    assert refusal.value.message == f"no Docker engine answers on {nowhere}"
