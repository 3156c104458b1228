"""Small Services and questions about them, for the tests of the process runtime."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import trio

from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.instance import InstanceSpec, InstanceStatus, LogLine
from mesg.node.domain.manifest import Configuration, Manifest
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.process import ProcessRuntime

ENDPOINT = ServiceEndpoint(tcp="127.0.0.1:50052", socket="/run/mesg/node.sock")
ID = "mesg-0123456789ab"
DEADLINE_S = 20
ENDLESS = "import time\nprint('up')\nwhile True: time.sleep(1)\n"


def spec(
    folder: Path,
    program: str,
    *,
    configuration: Configuration | None = None,
    environment: Mapping[str, str] | None = None,
) -> InstanceSpec:
    package = folder / "package"
    package.mkdir(exist_ok=True)
    (package / "service.py").write_text(program)
    configuration = configuration or Configuration(command="python3", args=("service.py",))
    return InstanceSpec(
        id=ID,
        manifest=Manifest(ServiceId("example"), "Example", configuration=configuration),
        folder=str(package),
        environment=environment or {},
        token="secret",
    )


async def wait_status(runtime: ProcessRuntime, status: InstanceStatus) -> None:
    with trio.fail_after(DEADLINE_S):
        while await runtime.status(ID) is not status:
            await trio.sleep(0.02)


async def all_lines(runtime: ProcessRuntime, *, tail: int = 100) -> list[LogLine]:
    async with runtime.logs(ID, follow=False, tail=tail) as lines:
        return [line async for line in lines]


async def first_line(runtime: ProcessRuntime) -> str:
    with trio.fail_after(DEADLINE_S):
        async with runtime.logs(ID, follow=True, tail=1) as lines:
            return (await lines.receive()).text


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


async def wait_gone(pid: int) -> None:
    with trio.fail_after(DEADLINE_S):
        while is_alive(pid):
            await trio.sleep(0.02)
