"""A node with each kind of runtime, for the examples to run on."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio
from tests.support.instances import (
    RUNTIMES,
    WAIT_S_MAX,
    RunningNode,
    open_running_node,
    open_runtime,
)

from mesg.node.domain.event import ServiceEvent


@dataclass(frozen=True, slots=True)
class Place:
    """A node with one kind of runtime, and how its instances name this machine."""

    node: RunningNode
    this_machine: str


@pytest.fixture(params=RUNTIMES)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Place, None]:
    this_machine = "host.docker.internal" if request.param == "docker" else "127.0.0.1"
    async with open_running_node(tmp_path, open_runtime(request.param, tmp_path / "data")) as node:
        yield Place(node, this_machine)


async def receive(events: trio.MemoryReceiveChannel[ServiceEvent]) -> ServiceEvent:
    with trio.fail_after(WAIT_S_MAX):
        return await events.receive()
