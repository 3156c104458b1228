"""Images of packages: built once, without a network, and failures that say why."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from uuid import uuid4

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
from mesg.node.runtime.docker import open_docker_runtime

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


async def test_an_image_is_built_once_and_removed_with_its_instance(
    node: RunningNode, engine: DockerClient
) -> None:
    unique = f"# of this test run only: {uuid4()}\n"
    spec = await node.probe(unique + ENDLESS)
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
