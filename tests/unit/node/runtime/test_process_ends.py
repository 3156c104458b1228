"""Nothing of a process outlives its stop, its keeper or the node."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from tests.unit.node.runtime.processes import (
    DEADLINE_S,
    ENDLESS,
    ENDPOINT,
    ID,
    all_lines,
    first_line,
    is_alive,
    spec,
    wait_gone,
    wait_status,
)

from mesg.node.domain.instance import InstanceStatus
from mesg.node.runtime.process import ProcessRuntime, open_process_runtime


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncGenerator[ProcessRuntime, None]:
    with trio.fail_after(60):
        async with open_process_runtime(tmp_path / "data", grace_s=1) as runtime:
            yield runtime


async def test_a_deaf_instance_is_killed_after_its_grace(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    deaf = "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(os.getpid())\n"
    await runtime.start(spec(tmp_path, deaf + ENDLESS), endpoint=ENDPOINT)
    pid = int(await first_line(runtime))
    before_s = trio.current_time()

    await runtime.stop(ID)

    assert trio.current_time() - before_s >= 0.9
    assert not is_alive(pid)


async def test_sigterm_comes_first(runtime: ProcessRuntime, tmp_path: Path) -> None:
    polite = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(3)))\n"
    )
    await runtime.start(spec(tmp_path, polite + ENDLESS), endpoint=ENDPOINT)
    await first_line(runtime)

    await runtime.stop(ID)

    assert [line.text for line in await all_lines(runtime)] == ["up", "bye"]
    assert await runtime.status(ID) is InstanceStatus.STOPPED


DETACHING = """
import subprocess
detached = subprocess.Popen(["sleep", "1000"], start_new_session=True)
print(detached.pid)
"""


async def test_what_detaches_itself_ends_with_it(runtime: ProcessRuntime, tmp_path: Path) -> None:
    await runtime.start(spec(tmp_path, DETACHING + ENDLESS), endpoint=ENDPOINT)
    pid = int(await first_line(runtime))
    assert is_alive(pid)

    await runtime.stop(ID)

    assert not is_alive(pid)


async def test_leaving_the_block_stops_everything(tmp_path: Path) -> None:
    async with open_process_runtime(tmp_path / "data", grace_s=1) as runtime:
        await runtime.start(spec(tmp_path, DETACHING + ENDLESS), endpoint=ENDPOINT)
        pid = int(await first_line(runtime))

    assert not is_alive(pid)


NODE = """
import sys, trio
from pathlib import Path
from tests.unit.node.runtime.test_process_ends import *
async def main():
    folder = Path(sys.argv[1])
    async with open_process_runtime(folder / "data", grace_s=1) as runtime:
        program = "import os\\nprint(os.getpid())\\n" + DETACHING + ENDLESS
        await runtime.start(spec(folder, program), endpoint=ENDPOINT)
        async with runtime.logs(ID, follow=True, tail=2) as lines:
            print((await lines.receive()).text, (await lines.receive()).text, flush=True)
        await trio.sleep_forever()
trio.run(main)
"""


async def test_nothing_outlives_a_killed_node(tmp_path: Path) -> None:
    node = await trio.lowlevel.open_process(
        [sys.executable, "-c", NODE, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert node.stdout is not None
    with trio.fail_after(DEADLINE_S):
        pids = [int(pid) for pid in (await node.stdout.receive_some()).split()]
    assert all(is_alive(pid) for pid in pids)

    node.send_signal(signal.SIGKILL)
    await node.wait()
    await node.stdout.aclose()

    for pid in pids:
        await wait_gone(pid)


async def test_an_instance_dies_with_its_keeper(runtime: ProcessRuntime, tmp_path: Path) -> None:
    program = "import os\nprint(os.getpid(), os.getppid())\n"
    await runtime.start(spec(tmp_path, program + ENDLESS), endpoint=ENDPOINT)
    pid, keeper = (int(word) for word in (await first_line(runtime)).split())

    os.kill(keeper, signal.SIGKILL)

    await wait_gone(pid)
    await wait_status(runtime, InstanceStatus.FAILED)
