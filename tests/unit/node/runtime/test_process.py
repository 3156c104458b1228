"""The process runtime: what an instance gets, how it lives, and what is refused."""

import json
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
    spec,
    wait_status,
)

from mesg.marketplace.domain.errors import EngineUnavailable, InvalidManifest, NotFound
from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.instance import InstanceSpec, InstanceStatus
from mesg.node.domain.manifest import Configuration, Dependency, Manifest
from mesg.node.runtime.process import ProcessRuntime, open_process_runtime
from mesg.node.runtime.process_run import ProcessLimits


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncGenerator[ProcessRuntime, None]:
    with trio.fail_after(60):
        async with open_process_runtime(tmp_path / "data", grace_s=1) as runtime:
            yield runtime


async def test_it_runs_the_command_in_the_package_with_little_environment(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    program = "import os, json; print(json.dumps([os.getcwd(), dict(os.environ)]))"
    given = spec(tmp_path, program, environment={"COLOR": "red", "MESG_TOKEN": "forged"})

    await runtime.start(given, endpoint=ENDPOINT)
    await wait_status(runtime, InstanceStatus.STOPPED)
    lines = await all_lines(runtime)
    folder, environment = json.loads(lines[0].text)

    assert folder == given.folder
    assert environment.pop("PATH").split(":")[0] == str(Path(sys.executable).parent)
    assert environment == {
        "COLOR": "red",
        "HOME": str(tmp_path / "data" / ID / "home"),
        "LANG": "C.UTF-8",
        "MESG_ENDPOINT": "127.0.0.1:50052",
        "MESG_ENDPOINT_TCP": "127.0.0.1:50052",
        "MESG_TOKEN": "secret",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


async def test_the_life_of_an_instance(runtime: ProcessRuntime, tmp_path: Path) -> None:
    assert await runtime.status(ID) is InstanceStatus.STOPPED

    await runtime.start(spec(tmp_path, ENDLESS), endpoint=ENDPOINT)
    assert await first_line(runtime) == "up"
    assert await runtime.status(ID) is InstanceStatus.RUNNING

    await runtime.stop(ID)
    assert await runtime.status(ID) is InstanceStatus.STOPPED
    await runtime.stop(ID)


async def test_starting_twice_is_the_same_as_once(runtime: ProcessRuntime, tmp_path: Path) -> None:
    endless = spec(tmp_path, "import os\nprint(os.getpid())\n" + ENDLESS)

    await runtime.start(endless, endpoint=ENDPOINT)
    await first_line(runtime)
    await runtime.start(endless, endpoint=ENDPOINT)
    await runtime.stop(ID)

    assert [line.text for line in await all_lines(runtime)][1:] == ["up"]


async def test_a_bad_exit_is_a_failure_and_its_words_are_kept(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    await runtime.start(
        spec(tmp_path, "import sys\nprint('out')\nsys.exit('bad')"), endpoint=ENDPOINT
    )

    await wait_status(runtime, InstanceStatus.FAILED)

    lines = sorted((line.stream, line.text) for line in await all_lines(runtime))
    assert lines == [("stderr", "bad"), ("stdout", "out")]


LIMITED = """
import os, resource
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.getrlimit(resource.RLIMIT_CORE))
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("NoNewPrivs")])
try: bytearray(2 << 30)
except MemoryError: print("memory is limited")
try:
    with open(os.environ["HOME"] + "/big", "wb") as file:
        for _ in range(3): file.write(bytes(1 << 20)); file.flush()
except OSError as error: print(error.strerror)
"""


async def test_its_limits_hold(tmp_path: Path) -> None:
    limits = ProcessLimits(address_space_bytes=1 << 30, open_files=64, file_bytes=2 << 20)
    program = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)" + LIMITED
    async with open_process_runtime(tmp_path / "data", limits=limits) as runtime:
        await runtime.start(spec(tmp_path, program), endpoint=ENDPOINT)
        await wait_status(runtime, InstanceStatus.STOPPED)
        lines = await all_lines(runtime)

    assert [line.text for line in lines] == [
        "64 (0, 0)",
        "['1']",
        "memory is limited",
        "File too large",
    ]


async def test_removing_deletes_data_and_logs(runtime: ProcessRuntime, tmp_path: Path) -> None:
    await runtime.start(spec(tmp_path, ENDLESS), endpoint=ENDPOINT)
    await first_line(runtime)

    await runtime.remove(ID)

    assert await runtime.status(ID) is InstanceStatus.STOPPED
    assert list((tmp_path / "data").iterdir()) == []
    assert await all_lines(runtime) == []


async def test_followers_see_the_end(runtime: ProcessRuntime, tmp_path: Path) -> None:
    await runtime.start(spec(tmp_path, ENDLESS), endpoint=ENDPOINT)
    with trio.fail_after(DEADLINE_S):
        async with runtime.logs(ID, follow=True, tail=10) as lines:
            await lines.receive()

            await runtime.stop(ID)

            assert [line async for line in lines] == []


@pytest.mark.parametrize(
    ("configuration", "where"),
    [
        (Configuration(), "configuration.command"),
        (Configuration(command="no-such-program-anywhere"), "configuration.command"),
        (Configuration(command="./absent.sh"), "configuration.command"),
        (Configuration(command="'unclosed"), "configuration.command"),
        (Configuration(command="python3", volumes=("/data",)), "configuration.volumes"),
    ],
)
async def test_what_cannot_be_run_is_refused(
    runtime: ProcessRuntime, tmp_path: Path, configuration: Configuration, where: str
) -> None:
    with pytest.raises(InvalidManifest) as refusal:
        await runtime.start(spec(tmp_path, "", configuration=configuration), endpoint=ENDPOINT)

    assert refusal.value.where == where
    assert await runtime.status(ID) is InstanceStatus.STOPPED


async def test_sidecars_are_refused(runtime: ProcessRuntime, tmp_path: Path) -> None:
    plain = spec(tmp_path, "")
    manifest = Manifest(
        ServiceId("example"), "Example", dependencies=(Dependency("db", "postgres"),)
    )

    with pytest.raises(InvalidManifest) as refusal:
        await runtime.start(
            InstanceSpec(ID, manifest, plain.folder, {}, "secret"), endpoint=ENDPOINT
        )

    assert refusal.value.message == "example needs other containers beside its own: db"


async def test_a_name_cannot_leave_the_folder(runtime: ProcessRuntime) -> None:
    with pytest.raises(NotFound):
        await runtime.remove("../../etc")


async def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    async with open_process_runtime(tmp_path / "data") as runtime:
        with pytest.raises(EngineUnavailable) as refusal:
            await runtime.start(spec(tmp_path, ENDLESS), endpoint=ENDPOINT)

    assert refusal.value.message.startswith("the process cannot be started: ")
