"""The programs of docs/reference/sdk.md run as they stand there."""

import os
import re
import sys
from functools import partial
from pathlib import Path

import trio
from tests.unit.node.api.grpc.served import TOKEN, open_served, until

from mesg.node.domain.manifest_file import read_manifest
from mesg.node.testing.memory_node import MemoryNode

TEXT = (Path(__file__).parents[3] / "docs" / "reference" / "sdk.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


async def test_the_service_and_the_application_of_the_reference_work(tmp_path: Path) -> None:
    (manifest,), (service, application), (expected,) = map(blocks, ("yaml", "python", "text"))
    node = MemoryNode()
    node.add(read_manifest(manifest), token=TOKEN)

    async with open_served(node, tmp_path) as endpoints, trio.open_nursery() as nursery:
        environment = {**os.environ, "MESG_TOKEN": TOKEN, "MESG_ENDPOINT": endpoints.tcp}
        run = partial(trio.run_process, env=environment)
        process = await nursery.start(run, [sys.executable, "-c", service])
        await until(lambda: node.task_listeners("greeter") == 1)
        with trio.fail_after(20):
            done = await run([sys.executable, "-c", application], capture_stdout=True)
            process.send_signal(15)

    assert done.stdout.decode() == expected
    assert process.returncode == 0
