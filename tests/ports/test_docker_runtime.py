"""The Docker runtime on a real engine: images, networks, orphans, and an engine that is not there."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from docker.client import DockerClient
from docker.models.containers import Container
from docker.models.networks import Network
from tests.support.instances import (
    MANIFEST,
    RunningNode,
    build_service_base,
    open_running_node,
)

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.node.domain.instance import InstanceStatus
from mesg.node.runtime.docker import DockerRuntime, open_docker_runtime

pytestmark = pytest.mark.docker
ENDLESS = "import time\nprint('up')\nwhile True: time.sleep(1)\n"
NETWORKED = MANIFEST + "permissions: {network: true}\n"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncGenerator[RunningNode, None]:
    build_service_base()
    async with open_running_node(tmp_path, open_docker_runtime(tmp_path / "data")) as node:
        yield node


@pytest.fixture
def engine() -> Iterator[DockerClient]:
    client = DockerClient()  # type: ignore[no-untyped-call]
    yield client
    client.close()  # type: ignore[no-untyped-call]


def containers(engine: DockerClient, instance: str) -> list[Container]:
    return list(engine.containers.list(all=True, filters={"label": f"mesg.instance={instance}"}))


def networks(engine: DockerClient, instance: str) -> list[Network]:
    return list(engine.networks.list(filters={"label": f"mesg.instance={instance}"}))


async def test_leaving_the_block_leaves_nothing(
    tmp_path: Path, node: RunningNode, engine: DockerClient
) -> None:
    spec = await node.probe(ENDLESS, manifest=NETWORKED)
    async with open_docker_runtime(tmp_path / "other", allow_network=True) as runtime:
        await runtime.start(spec, endpoint=node.api.service)
        assert len(containers(engine, spec.id)) == len(networks(engine, spec.id)) == 1

    assert containers(engine, spec.id) == []
    assert networks(engine, spec.id) == []


async def test_the_network_needs_the_owners_permission(
    node: RunningNode, engine: DockerClient
) -> None:
    spec = await node.probe(ENDLESS, manifest=NETWORKED)

    with pytest.raises(InvalidManifest) as refusal:
        await node.start(spec)

    assert refusal.value.where == "permissions.network"
    assert containers(engine, spec.id) == []


async def test_after_a_crash_it_is_found_again(
    tmp_path: Path, node: RunningNode, engine: DockerClient
) -> None:
    spec = await node.probe(ENDLESS)
    await node.start(spec)
    await node.first_line(spec.id)
    before = containers(engine, spec.id)

    async with open_docker_runtime(tmp_path / "data") as successor:
        assert await successor.status(spec.id) is InstanceStatus.RUNNING
        await successor.start(spec, endpoint=node.api.service)
        assert containers(engine, spec.id) == before

        await successor.start(replace(spec, token="new"), endpoint=node.api.service)
        after = containers(engine, spec.id)
        assert len(after) == 1
        assert after != before


async def test_orphans_are_reaped_but_not_those_of_another_node(
    tmp_path: Path, node: RunningNode, engine: DockerClient
) -> None:
    spec = await node.probe(ENDLESS)
    await node.start(spec)
    assert isinstance(node.runtime, DockerRuntime)

    async with open_docker_runtime(tmp_path / "other") as other:
        await other.reap(known=())
        assert len(containers(engine, spec.id)) == 1
    await node.runtime.reap(known=(spec.id,))
    assert len(containers(engine, spec.id)) == 1
    await node.runtime.reap(known=())

    assert containers(engine, spec.id) == []


async def test_two_nodes_may_run_the_same_instance(
    tmp_path: Path, node: RunningNode, engine: DockerClient
) -> None:
    spec = await node.probe(ENDLESS)
    async with open_docker_runtime(tmp_path / "other") as other:
        await node.start(spec)
        await other.start(spec, endpoint=node.api.service)
        assert len(containers(engine, spec.id)) == 2

        await other.stop(spec.id)

        assert await node.runtime.status(spec.id) is InstanceStatus.RUNNING


async def test_a_program_that_is_not_in_the_image_fails(node: RunningNode) -> None:
    spec = await node.probe(ENDLESS, manifest=MANIFEST.replace("python3", "no-such-program"))

    await node.start(spec)

    await node.wait_status(spec.id, InstanceStatus.FAILED)
    assert "no-such-program" in (await node.lines(spec.id))[-1].text


@pytest.mark.parametrize("after_s", [0.0, 0.005, 0.02, 0.05, 0.2])
async def test_a_cancelled_start_leaves_all_or_nothing(
    node: RunningNode, engine: DockerClient, after_s: float
) -> None:
    spec = await node.probe(ENDLESS)
    await node.start(spec)
    await node.runtime.stop(spec.id)

    with trio.move_on_after(after_s) as scope:
        await node.start(spec)

    expected = InstanceStatus.STOPPED if scope.cancelled_caught else InstanceStatus.RUNNING
    assert await node.runtime.status(spec.id) is expected
    assert len(containers(engine, spec.id)) == (expected is InstanceStatus.RUNNING)
