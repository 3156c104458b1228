"""A memory node behind the real gRPC API, and the Service that these tests use."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import grpc
import trio

from mesg.marketplace.domain.identity import ServiceId
from mesg.node.api.grpc.server import GrpcEndpoints, open_grpc_api
from mesg.node.domain.manifest import Event, Manifest, Output, Parameter, ParameterType, Task
from mesg.node.testing.memory_node import MemoryNode
from mesg.sdk.connection import core_methods, open_channel, service_methods
from mesg.sdk.wire import core_pb2 as core
from mesg.sdk.wire import service_pb2 as service

TOKEN = "instance-token"
APPLICATION_TOKEN = "application-token"
_TEXT = (Parameter("text", ParameterType.STRING),)
MANIFEST = Manifest(
    ServiceId("echo"),
    "Echo",
    tasks=(
        Task(
            "echo",
            inputs=_TEXT,
            outputs=(
                Output("success", _TEXT),
                Output("error", (Parameter("message", ParameterType.STRING),)),
            ),
        ),
    ),
    events=(Event("tick", (Parameter("n", ParameterType.NUMBER),)), Event("tock", ())),
)

Wire = Any
"""A message, stream or field of gRPC, which has no types."""

_Value = TypeVar("_Value")


def new_node() -> MemoryNode:
    """Return a node with the Service."""
    node = MemoryNode()
    node.add(MANIFEST, token=TOKEN)
    return node


@asynccontextmanager
async def open_served(
    node: MemoryNode, folder: Path, *, listen: str = "127.0.0.1:0"
) -> AsyncGenerator[GrpcEndpoints]:
    """Serve it below the folder."""
    async with open_grpc_api(
        desk=node,
        counter=node,
        listen=listen,
        service_socket=str(folder / "service" / "service.sock"),
        core_socket=str(folder / "core.sock"),
        application_token=APPLICATION_TOKEN,
    ) as endpoints:
        yield endpoints


@contextmanager
def connected(endpoint: str) -> Generator["Client"]:
    """Connect as an unmodified client does."""
    with open_channel(endpoint) as channel:
        yield Client(channel)


class Client:
    """The methods of both APIs by name."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel
        self.call: dict[str, Callable[..., Any]] = {
            **core_methods(channel),
            **service_methods(channel),
        }


async def in_thread(work: Callable[..., _Value], *args: Wire) -> _Value:
    """Run a blocking client beside the node, for ten seconds at most."""
    with trio.fail_after(10):
        return await trio.to_thread.run_sync(partial(work, *args), abandon_on_cancel=True)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Return the status and details with which a call fails."""
    try:
        call()
    except grpc.RpcError as error:
        failed: Any = error
        return failed.code().name, failed.details()
    raise AssertionError("the call was not refused")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    with trio.fail_after(5):
        while not condition():
            await trio.sleep(0.005)


READY = [("status", "ready")]


def listen_task(client: Client, token: str = TOKEN) -> Wire:
    return client.call["ListenTask"](service.ListenTaskRequest(token=token))


def listen_result(client: Client, **filters: Wire) -> Wire:
    return client.call["ListenResult"](core.ListenResultRequest(serviceID="echo", **filters))


def execute(client: Client, text: str = "hello", **fields: Wire) -> str:
    request = core.ExecuteTaskRequest(
        serviceID="echo", taskKey="echo", inputData=f'{{"text":"{text}"}}', **fields
    )
    return str(client.call["ExecuteTask"](request).executionID)


def submit(client: Client, execution: str, **output: str) -> None:
    client.call["SubmitResult"](service.SubmitResultRequest(executionID=execution, **output))
