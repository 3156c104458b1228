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

from mesg.marketplace.domain.errors import EngineUnavailable, InvalidManifest
from mesg.node.domain.instance import InstanceStatus
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.docker import DockerRuntime, docker_is_there, open_docker_runtime

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


async def test_an_image_is_built_once_and_removed_with_its_instance(
    node: RunningNode, engine: DockerClient
) -> None:
    spec = await node.probe("import time, uuid\n" + ENDLESS)
    await node.start(spec)
    image = containers(engine, spec.id)[0].image
    await node.runtime.stop(spec.id)
    await node.start(spec)
    assert containers(engine, spec.id)[0].image == image

    await node.runtime.remove(spec.id)

    assert image not in engine.images.list()


async def test_a_failing_build_tells_its_last_words(node: RunningNode, tmp_path: Path) -> None:
    spec = await node.probe(ENDLESS)
    dockerfile = trio.Path(spec.folder) / "Dockerfile"
    await dockerfile.write_text(
        'FROM mesg/service-python:0.1\nRUN ["python3", "-c", "raise SystemExit(\'no way\')"]\n'
    )

    with pytest.raises(InvalidManifest) as refusal:
        await node.start(spec)

    assert refusal.value.where == "Dockerfile"
    assert "returned a non-zero code: 1" in refusal.value.message
    assert "no way" in refusal.value.hint


async def test_a_build_has_no_network(node: RunningNode) -> None:
    spec = await node.probe(ENDLESS)
    probe = "import os; assert os.listdir('/sys/class/net') == ['lo']"
    await (trio.Path(spec.folder) / "Dockerfile").write_text(
        f'FROM mesg/service-python:0.1\nRUN ["python3", "-c", "{probe}"]\nCOPY . /service\n'
    )

    await node.start(spec)

    assert await node.first_line(spec.id) == "up"


async def test_without_a_dockerfile_there_is_no_container(node: RunningNode) -> None:
    spec = await node.probe(ENDLESS)
    await (trio.Path(spec.folder) / "Dockerfile").unlink()

    with pytest.raises(InvalidManifest) as refusal:
        await node.start(spec)

    assert refusal.value.message == "the package has no Dockerfile"


async def test_a_program_that_is_not_in_the_image_fails(node: RunningNode) -> None:
    spec = await node.probe(ENDLESS, manifest=MANIFEST.replace("python3", "no-such-program"))

    await node.start(spec)

    await node.wait_status(spec.id, InstanceStatus.FAILED)
    assert "no-such-program" in (await node.lines(spec.id))[-1].text


async def test_a_cancelled_start_leaves_nothing(node: RunningNode, engine: DockerClient) -> None:
    spec = await node.probe(ENDLESS)
    await node.start(spec)
    await node.runtime.stop(spec.id)

    with trio.move_on_after(0.05):
        await node.start(spec)

    assert await node.runtime.status(spec.id) is InstanceStatus.STOPPED
    assert containers(engine, spec.id) == []


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
