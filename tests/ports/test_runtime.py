"""What every runtime promises, on the real Service API."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.support.instances import (
    EXAMPLES,
    MANIFEST,
    RUNTIMES,
    RunningNode,
    open_running_node,
    open_runtime,
)

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.node.domain.instance import InstanceStatus, LogLine

ENDLESS = "import time\nprint('up')\nwhile True: time.sleep(1)\n"


@pytest.fixture(params=RUNTIMES)
async def node(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[RunningNode, None]:
    async with open_running_node(tmp_path, open_runtime(request.param, tmp_path / "data")) as node:
        yield node


async def test_an_instance_listens_answers_and_stops(node: RunningNode) -> None:
    spec = await node.spec(EXAMPLES / "transfer-message")

    await node.start_and_listen(spec)
    assert await node.runtime.status(spec.id) is InstanceStatus.RUNNING
    ended = await node.call("transfer-message", "compose", {"from": "a", "to": "b", "value": "1"})
    assert ended.output_key == "success"

    await node.runtime.stop(spec.id)
    assert await node.runtime.status(spec.id) is InstanceStatus.STOPPED
    assert node.memory.task_listeners("transfer-message") == 0


async def test_it_is_given_its_variables(node: RunningNode) -> None:
    spec = await node.probe("import os; print(os.environ['COLOR'], os.environ['MESG_TOKEN'])")

    await node.start(spec)
    await node.wait_status(spec.id, InstanceStatus.STOPPED)

    assert await node.lines(spec.id) == [LogLine("stdout", "red token-of-probe")]


async def test_starting_again_while_it_runs_changes_nothing(node: RunningNode) -> None:
    spec = await node.probe("import uuid\nprint(uuid.uuid4())\n" + ENDLESS)

    await node.start(spec)
    first = await node.first_line(spec.id)
    await node.start(spec)
    await node.runtime.stop(spec.id)

    assert [line.text for line in await node.lines(spec.id)] == [first, "up"]


async def test_a_bad_exit_is_a_failure_that_left_its_words(node: RunningNode) -> None:
    spec = await node.probe("import sys\nprint('out')\nsys.exit('bad')")

    await node.start(spec)
    await node.wait_status(spec.id, InstanceStatus.FAILED)

    lines = sorted((line.stream, line.text) for line in await node.lines(spec.id))
    assert lines == [("stderr", "bad"), ("stdout", "out")]


async def test_after_a_failure_it_can_be_started_again(node: RunningNode) -> None:
    spec = await node.probe("print('once')\nraise SystemExit(3)")

    for _ in range(2):
        await node.start(spec)
        await node.wait_status(spec.id, InstanceStatus.FAILED)

    assert [line.text for line in await node.lines(spec.id)] == ["once", "once"]
    assert [line.text for line in await node.lines(spec.id, tail=1)] == ["once"]


async def test_a_follower_gets_new_lines_until_it_stops(node: RunningNode) -> None:
    spec = await node.probe(ENDLESS)
    await node.start(spec)

    async with node.runtime.logs(spec.id, follow=True, tail=5) as lines:
        assert await lines.receive() == LogLine("stdout", "up")
        await node.runtime.stop(spec.id)
        assert [line async for line in lines] == []


async def test_a_reader_may_leave_at_any_time(node: RunningNode) -> None:
    spec = await node.probe("while True: print('y' * 1000)")
    await node.start(spec)

    async with node.runtime.logs(spec.id, follow=True, tail=5) as lines:
        assert (await lines.receive()).text == "y" * 1000

    assert await node.runtime.status(spec.id) is InstanceStatus.RUNNING


async def test_a_deaf_instance_ends_too(node: RunningNode) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    spec = await node.probe(deaf + ENDLESS)
    await node.start(spec)
    await node.first_line(spec.id)

    await node.runtime.stop(spec.id)

    assert await node.runtime.status(spec.id) is InstanceStatus.STOPPED


async def test_removing_forgets_the_log(node: RunningNode, tmp_path: Path) -> None:
    spec = await node.probe(ENDLESS)
    await node.start(spec)
    await node.first_line(spec.id)

    await node.runtime.remove(spec.id)

    assert await node.runtime.status(spec.id) is InstanceStatus.STOPPED
    assert await node.lines(spec.id) == []
    assert [path.name for path in (tmp_path / "data").iterdir()] == []


async def test_an_unknown_instance_is_stopped(node: RunningNode) -> None:
    await node.runtime.stop("mesg-000000000000")
    await node.runtime.remove("mesg-000000000000")

    assert await node.runtime.status("mesg-000000000000") is InstanceStatus.STOPPED
    assert await node.lines("mesg-000000000000") == []


@pytest.mark.parametrize(
    ("manifest", "where"),
    [
        (MANIFEST + "dependencies: {db: {image: postgres}}\n", "dependencies"),
        (MANIFEST.replace("env:", "volumes: [/data], env:"), "configuration.volumes"),
    ],
    ids=["sidecar", "volume"],
)
async def test_what_it_cannot_run_is_refused_and_leaves_nothing(
    node: RunningNode, manifest: str, where: str
) -> None:
    spec = await node.probe(ENDLESS, manifest=manifest)

    with pytest.raises(InvalidManifest) as refusal:
        await node.start(spec)

    assert refusal.value.where == where
    assert await node.runtime.status(spec.id) is InstanceStatus.STOPPED
