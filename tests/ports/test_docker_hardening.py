"""What a Service in a container cannot do, tried from the inside on a real engine."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from tests.support.instances import RunningNode, build_service_base, open_running_node

from mesg.node.domain.instance import InstanceStatus
from mesg.node.runtime.docker import open_docker_runtime
from mesg.node.runtime.docker_policy import ContainerLimits

pytestmark = pytest.mark.docker
LIMITS = ContainerLimits(memory_bytes=64 << 20, processes=24, tmp_bytes=4 << 20)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncGenerator[RunningNode, None]:
    build_service_base()
    runtime = open_docker_runtime(tmp_path / "data", limits=LIMITS)
    async with open_running_node(tmp_path, runtime) as node:
        yield node


async def tell(node: RunningNode, program: str) -> Any:
    """Run a program in an instance and return the JSON that it prints at its end."""
    spec = await node.probe("import errno, json, os, socket\n" + program)
    await node.start(spec)
    await node.wait_status(spec.id, InstanceStatus.STOPPED)
    lines = await node.lines(spec.id)
    return json.loads(lines[-1].text)


async def test_it_is_nobody_and_has_no_privileges(node: RunningNode) -> None:
    program = """
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
facts = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"]
print(json.dumps([os.getuid(), os.getgid(), *(int(status[name], 16) for name in facts)]))
"""
    assert await tell(node, program) == [65532, 65532, 0, 0, 0, 0, 0, 1, 2]


async def test_the_root_is_read_only(node: RunningNode) -> None:
    program = """
told = {}
for path in ("/x", "/service/x", "/etc/passwd", "/usr/bin/x", "/run/mesg/x", "/proc/sys/kernel/hostname"):
    try:
        open(path, "a").write("x")
        told[path] = "written"
    except OSError as error:
        told[path] = errno.errorcode[error.errno]
print(json.dumps(told))
"""
    told = await tell(node, program)

    assert told.pop("/proc/sys/kernel/hostname") in ("EROFS", "EACCES")
    assert set(told.values()) <= {"EROFS", "EACCES"}


async def test_there_is_no_network_but_the_nodes_socket(node: RunningNode) -> None:
    program = """
told = sorted(os.listdir("/sys/class/net"))
for address in (("1.1.1.1", 53), ("169.254.169.254", 80), ("172.17.0.1", 22)):
    try:
        socket.create_connection(address, timeout=2)
        told.append("connected")
    except OSError as error:
        told.append(errno.errorcode.get(error.errno, str(error)))
with socket.socket(socket.AF_UNIX) as node:
    node.connect(os.environ["MESG_ENDPOINT"].removeprefix("unix:"))
    told.append("node")
print(json.dumps(told))
"""
    assert await tell(node, program) == ["lo", *["ENETUNREACH"] * 3, "node"]


async def test_the_number_of_processes_is_limited(node: RunningNode) -> None:
    program = """
import time
children = []
try:
    while True:
        child = os.fork()
        if child == 0:
            time.sleep(60)
        children.append(child)
except OSError as error:
    print(json.dumps([errno.errorcode[error.errno], len(children) < 24]), flush=True)
os._exit(0)
"""
    assert await tell(node, program) == ["EAGAIN", True]


async def test_tmp_is_bounded_and_nothing_runs_from_it(node: RunningNode) -> None:
    program = """
open("/tmp/x", "w").write("#!/usr/bin/python3")
os.chmod("/tmp/x", 0o755)
told = []
try:
    os.execv("/tmp/x", ["x"])
except OSError as error:
    told.append(errno.errorcode[error.errno])
try:
    with open("/tmp/big", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
except OSError as error:
    told.append(errno.errorcode[error.errno])
print(json.dumps(told))
"""
    assert await tell(node, program) == ["EACCES", "ENOSPC"]


async def test_too_much_memory_ends_it(node: RunningNode) -> None:
    spec = await node.probe(
        "print('up')\nhoard = []\nwhile True: hoard.append(bytes([1]) * (8 << 20))"
    )

    await node.start(spec)

    await node.wait_status(spec.id, InstanceStatus.FAILED)


async def test_it_sees_and_harms_no_other_process(node: RunningNode) -> None:
    program = """
pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
print(json.dumps(len(pids) <= 2))
"""
    assert await tell(node, program) is True


async def test_a_flood_of_output_is_bounded(node: RunningNode) -> None:
    program = "for _ in range(20_000): print('y' * 1_000)\nprint(json.dumps('end'))"

    assert await tell(node, program) == "end"
    spec = await node.probe("pass")
    assert sum(len(line.text) for line in await node.lines(spec.id, tail=10_000)) < 3 << 20
