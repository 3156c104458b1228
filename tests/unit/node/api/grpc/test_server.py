import threading
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import NoReturn

import pytest
import trio
from tests.unit.node.api.grpc.served import (
    MANIFEST,
    TOKEN,
    connected,
    execute,
    in_thread,
    listen_result,
    listen_task,
    new_node,
    open_served,
    refusal,
    submit,
    until,
)

from mesg.marketplace.domain.errors import InvalidInput, Unavailable
from mesg.node.api.grpc.server import MESSAGE_BYTES_MAX, STOP_S_MAX
from mesg.node.testing.memory_node import MemoryNode
from mesg.sdk.wire import core_pb2 as core


async def test_a_message_above_the_limit_is_refused_and_one_below_it_passes(
    tmp_path: Path,
) -> None:
    def use(endpoint: str) -> tuple[tuple[str, str], tuple[str, str]]:
        with connected(endpoint) as client:
            large = "x" * (MESSAGE_BYTES_MAX - 64)
            below = refusal(lambda: submit(client, "00", outputData=large))
            above = refusal(lambda: submit(client, "00", outputData=large + "x" * 64))
            return below, above

    async with open_served(new_node(), tmp_path) as endpoints:
        below, above = await in_thread(use, endpoints.tcp)

    assert below == ("INVALID_ARGUMENT", "outputData is larger than 1048576 bytes")
    assert above[0] == "RESOURCE_EXHAUSTED"


async def test_a_client_that_goes_away_leaves_no_listener(tmp_path: Path) -> None:
    node = new_node()

    def use(endpoint: str) -> None:
        with connected(endpoint) as client:
            listen_task(client).initial_metadata()
            cancelled = listen_task(client)
            cancelled.initial_metadata()
            cancelled.cancel()

    async with open_served(node, tmp_path) as endpoints:
        await in_thread(use, endpoints.tcp)
        await until(lambda: node.task_listeners("echo") == 0)


async def test_a_stopping_node_ends_its_streams_in_time_and_leaves_no_thread(
    tmp_path: Path,
) -> None:
    node = new_node()
    opened = trio.Event()
    token = trio.lowlevel.current_trio_token()
    ends: list[tuple[str, str]] = []

    def use(endpoint: str) -> None:
        with connected(endpoint) as client:
            streams = [listen_task(client), listen_result(client)]
            for stream in streams:
                stream.initial_metadata()
            token.run_sync_soon(opened.set)
            ends.extend(refusal(lambda stream=stream: next(stream)) for stream in streams)  # type: ignore[misc]

    async with AsyncExitStack() as stack:
        nursery = await stack.enter_async_context(trio.open_nursery())
        async with open_served(node, tmp_path) as endpoints:
            nursery.start_soon(in_thread, use, endpoints.tcp)
            await opened.wait()
            before = trio.current_time()
        took_s = trio.current_time() - before

    assert ends == [("UNAVAILABLE", "the node is stopping")] * 2
    assert took_s < STOP_S_MAX
    assert "mesg-grpc" not in {thread.name for thread in threading.enumerate()}
    assert node.task_listeners("echo") == 0


async def test_a_second_node_cannot_have_the_same_port(tmp_path: Path) -> None:
    async with open_served(new_node(), tmp_path / "a") as endpoints:
        with pytest.RaisesGroup(pytest.RaisesExc(Unavailable, match="cannot listen on")):
            async with open_served(new_node(), tmp_path / "b", listen=endpoints.tcp):
                pass


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(range(256)) * 64,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    ],
)
async def test_noise_on_the_port_ends_its_own_connection_only(
    tmp_path: Path, noise: bytes
) -> None:
    def use(endpoint: str) -> str:
        with connected(endpoint) as client:
            return execute(client)

    node = new_node()
    async with open_served(node, tmp_path) as endpoints:
        stream = await trio.open_tcp_stream(endpoints.host, endpoints.port)
        async with stream:
            await stream.send_all(noise)
            with suppress(trio.BrokenResourceError), trio.fail_after(10):
                while await stream.receive_some():
                    pass
        assert await in_thread(use, endpoints.tcp) in node.executions


async def test_a_home_too_deep_for_a_socket_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(InvalidInput, match="longer than 107 bytes")):
        async with open_served(new_node(), tmp_path / ("x" * 100)):
            pass


async def test_two_nodes_serve_in_one_process(tmp_path: Path) -> None:
    def use(endpoint: str) -> str:
        with connected(endpoint) as client:
            tasks = listen_task(client)
            tasks.initial_metadata()
            return "".join(execute(client) and next(tasks).taskKey for _ in range(20))

    async with (
        open_served(new_node(), tmp_path / "a") as first,
        open_served(new_node(), tmp_path / "b") as second,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(in_thread, use, first.tcp)
        assert await in_thread(use, second.tcp) == "echo" * 20


async def test_a_bug_of_the_node_fails_one_call_and_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Buggy(MemoryNode):
        async def services(self) -> NoReturn:
            raise ZeroDivisionError

    node = Buggy()
    node.add(MANIFEST, token=TOKEN)

    def use(endpoint: str) -> tuple[tuple[str, str], str]:
        with connected(endpoint) as client:
            failed = refusal(lambda: client.call["ListServices"](core.ListServicesRequest()))
            return failed, execute(client)

    async with open_served(node, tmp_path) as endpoints:
        failed, execution = await in_thread(use, endpoints.tcp)

    assert failed[0] == "UNKNOWN"
    assert execution in node.executions
    assert "ZeroDivisionError" in caplog.text
