import stat
import threading
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
import trio
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)
from tests.unit.node.api.grpc.served import (
    APPLICATION_TOKEN,
    MANIFEST,
    TOKEN,
    Client,
    Wire,
    connected,
    in_thread,
    new_node,
    open_served,
    refusal,
    until,
)

from mesg.marketplace.domain.errors import InvalidInput, Unavailable
from mesg.node.api.grpc.server import MESSAGE_BYTES_MAX, STOP_S_MAX
from mesg.node.api.grpc.service import LISTENERS_PER_INSTANCE_MAX
from mesg.node.domain.execution import ExecutionState
from mesg.node.domain.instance import LogLine
from mesg.node.doors import TaskOutput
from mesg.node.testing.memory_node import MemoryNode
from mesg.sdk.wire import core_pb2 as core
from mesg.sdk.wire import service_pb2 as service

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


async def test_a_task_goes_out_and_its_result_comes_back(tmp_path: Path) -> None:
    def use(endpoint: str) -> tuple[Any, ...]:
        with connected(endpoint) as client:
            tasks, results = listen_task(client), listen_result(client, tagFilters=["a"])
            ready = list(tasks.initial_metadata()), list(results.initial_metadata())
            execution = execute(client, executionTags=["a", "b"])
            task = next(tasks)
            submit(client, execution, outputKey="success", outputData='{"text":"HELLO"}')
            return execution, ready, task, next(results)

    async with open_served(new_node(), tmp_path) as endpoints:
        execution, ready, task, result = await in_thread(use, endpoints.tcp)

    assert ready == (READY, READY)
    assert task == service.TaskData(
        executionID=execution, taskKey="echo", inputData='{"text":"hello"}'
    )
    assert result == core.ResultData(
        executionID=execution,
        taskKey="echo",
        outputKey="success",
        outputData='{"text":"HELLO"}',
        executionTags=["a", "b"],
    )


async def test_an_error_of_version_0_10_ends_the_execution(tmp_path: Path) -> None:
    node = new_node()

    def use(endpoint: str) -> Wire:
        with connected(endpoint) as client:
            results = listen_result(client)
            results.initial_metadata()
            submit(client, execute(client), error="no such city")
            return next(results)

    async with open_served(node, tmp_path) as endpoints:
        result = await in_thread(use, endpoints.tcp)

    assert (result.error, result.outputKey, result.outputData) == ("no such city", "", "")
    assert node.executions[result.executionID].state is ExecutionState.FAILED


async def test_events_reach_who_asked_for_them(tmp_path: Path) -> None:
    def emit(client: Client, key: str, data: str) -> None:
        request = service.EmitEventRequest(token=TOKEN, eventKey=key, eventData=data)
        client.call["EmitEvent"](request)

    def use(endpoint: str) -> list[core.EventData]:
        with connected(endpoint) as client:
            request = core.ListenEventRequest(serviceID="echo", eventFilter="tick")
            ticks = client.call["ListenEvent"](request)
            request = core.ListenEventRequest(serviceID="echo", eventFilter="*")
            everything = client.call["ListenEvent"](request)
            assert list(ticks.initial_metadata()) == READY
            assert list(everything.initial_metadata()) == READY
            emit(client, "tock", "{}")
            emit(client, "tick", '{"n":1}')
            return [next(ticks), next(everything), next(everything)]

    async with open_served(new_node(), tmp_path) as endpoints:
        events = await in_thread(use, endpoints.tcp)

    tick = core.EventData(eventKey="tick", eventData='{"n":1}')
    assert events == [tick, core.EventData(eventKey="tock", eventData="{}"), tick]


async def test_services_are_listed_started_stopped_and_forgotten(tmp_path: Path) -> None:
    def use(endpoint: str) -> tuple[Any, ...]:
        with connected(endpoint) as client:
            call = client.call
            listed = call["ListServices"](core.ListServicesRequest()).services
            call["StopService"](core.StopServiceRequest(serviceID="echo"))
            stopped = call["GetService"](core.GetServiceRequest(serviceID="echo")).service
            refused = refusal(lambda: execute(client))
            call["StartService"](core.StartServiceRequest(serviceID="echo"))
            by_hash = core.GetServiceRequest(serviceID=MANIFEST.digest.hex())
            started = call["GetService"](by_hash).service
            info = call["Info"](core.InfoRequest())
            call["DeleteService"](core.DeleteServiceRequest(serviceID="echo", deleteData=True))
            gone = refusal(lambda: call["GetService"](core.GetServiceRequest(serviceID="echo")))
            return listed, stopped.status, refused, started, info.version, gone

    async with open_served(new_node(), tmp_path) as endpoints:
        answers = await in_thread(use, endpoints.tcp)

    listed, stopped, refused, started, version, gone = answers
    status = core.ServiceInfo.Status
    assert [info.definition.sid for info in listed] == ["echo"]
    assert listed[0].definition.tasks[0].outputs[1].data[0].type == "String"
    assert stopped == status.Value("STOPPED")
    assert refused == ("FAILED_PRECONDITION", "echo is stopped; start it first")
    assert (started.status, started.definition.hash) == (
        status.Value("RUNNING"),
        MANIFEST.digest.hex(),
    )
    assert version == "0.0.0"
    assert gone == ("NOT_FOUND", "no service 'echo' on this node; see: mesg service list")


async def test_log_lines_of_the_wanted_dependencies_are_sent(tmp_path: Path) -> None:
    node = new_node()
    node.write_log(
        "echo", LogLine("stdout", "one"), LogLine("stderr", "two", "redis"), LogLine("stderr", "3")
    )

    def use(endpoint: str) -> list[core.LogData]:
        with connected(endpoint) as client:
            request = core.ServiceLogsRequest(serviceID="echo", dependencies=["service"])
            lines = client.call["ServiceLogs"](request)
            return [next(lines), next(lines)]

    async with open_served(node, tmp_path) as endpoints:
        lines = await in_thread(use, endpoints.tcp)

    kind = core.LogData
    assert lines == [
        core.LogData(dependency="service", type=kind.Standard, data=b"one\n"),
        core.LogData(dependency="service", type=kind.Error, data=b"3\n"),
    ]


async def test_what_makes_no_sense_is_refused_with_status_place_and_hint(tmp_path: Path) -> None:
    def ask(client: Client, **fields: str) -> tuple[str, str]:
        return refusal(lambda: client.call["ExecuteTask"](core.ExecuteTaskRequest(**fields)))

    def use(endpoint: str) -> list[tuple[str, str]]:
        with connected(endpoint) as client:
            return [
                ask(client, serviceID="echo", taskKey="ecko", inputData="{}"),
                ask(client, serviceID="echo", taskKey="echo", inputData='{"text":1}'),
                ask(client, serviceID="echo", taskKey="echo", inputData="[]"),
                refusal(lambda: next(listen_task(client, "guessed"))),
                refusal(lambda: submit(client, "00", outputKey="x", outputData="{}")),
                refusal(lambda: submit(client, "00", outputKey="x", error="e")),
            ]

    async with open_served(new_node(), tmp_path) as endpoints:
        refusals = await in_thread(use, endpoints.tcp)

    assert refusals == [
        ("NOT_FOUND", "echo has no task 'ecko'; did you mean: echo?"),
        ("INVALID_ARGUMENT", "inputs/text must be a String, not a Number"),
        ("INVALID_ARGUMENT", "inputData must be a JSON object, not a list"),
        ("PERMISSION_DENIED", "the token belongs to no instance of this node"),
        ("NOT_FOUND", "no execution '00'"),
        ("INVALID_ARGUMENT", "a result is either an output or an error, not both"),
    ]


async def test_an_uploaded_service_is_refused_with_the_way_to_deploy(tmp_path: Path) -> None:
    def use(endpoint: str) -> tuple[str, str]:
        with connected(endpoint) as client:
            deploy: Any = client.channel.stream_stream(
                "/api.Core/DeployService",
                request_serializer=core.DeployServiceRequest.SerializeToString,
                response_deserializer=core.DeployServiceReply.FromString,
            )
            return refusal(lambda: next(deploy(iter([core.DeployServiceRequest(chunk=b"x")]))))

    async with open_served(new_node(), tmp_path) as endpoints:
        status, details = await in_thread(use, endpoints.tcp)

    assert status == "UNIMPLEMENTED"
    assert details.endswith("deploy a folder with: mesg service deploy PATH")


async def test_a_wrong_application_token_is_refused_and_the_right_one_taken(
    tmp_path: Path,
) -> None:
    def ask(client: Client, token: str) -> Wire:
        return client.call["Info"](core.InfoRequest(), metadata=(("mesg-token", token),))

    def use(endpoint: str) -> tuple[Any, tuple[str, str]]:
        with connected(endpoint) as client:
            return ask(client, APPLICATION_TOKEN), refusal(lambda: ask(client, "guess"))

    async with open_served(new_node(), tmp_path) as endpoints:
        taken, refused = await in_thread(use, endpoints.tcp)

    assert taken.version == "0.0.0"
    assert refused[0] == "PERMISSION_DENIED"


async def test_each_socket_serves_its_own_api_to_its_own_people(tmp_path: Path) -> None:
    def use(service_endpoint: str, core_endpoint: str) -> tuple[Any, ...]:
        with connected(service_endpoint) as instance, connected(core_endpoint) as application:
            tasks = listen_task(instance)
            listened = list(tasks.initial_metadata())
            info = application.call["Info"](core.InfoRequest())
            core_there = refusal(lambda: instance.call["Info"](core.InfoRequest()))
            return listened, info.version, core_there[0]

    async with open_served(new_node(), tmp_path) as endpoints:
        modes = [
            stat.S_IMODE((await trio.Path(path).stat()).st_mode)
            for path in (endpoints.service_socket, endpoints.core_socket)
        ]
        answers = await in_thread(
            use, f"unix:{endpoints.service_socket}", f"unix:{endpoints.core_socket}"
        )

        folder = await trio.Path(endpoints.service_socket).parent.stat()

    assert modes == [0o666, 0o600]
    assert stat.S_IMODE(folder.st_mode) == 0o755
    assert answers == (READY, "0.0.0", "UNIMPLEMENTED")


async def test_reflection_shows_both_apis_under_their_names_of_2018(tmp_path: Path) -> None:
    def use(endpoint: str, version: str) -> list[ServerReflectionResponse]:
        with connected(endpoint) as client:
            reflect: Any = client.channel.stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                request_serializer=ServerReflectionRequest.SerializeToString,
                response_deserializer=ServerReflectionResponse.FromString,
            )
            asked = [
                ServerReflectionRequest(list_services="*"),
                ServerReflectionRequest(file_containing_symbol="api.Core"),
                ServerReflectionRequest(file_containing_symbol="api.Service"),
            ]
            return list(reflect(iter(asked)))

    async with open_served(new_node(), tmp_path) as endpoints:
        listed, in_core, in_service = await in_thread(use, endpoints.tcp, "v1")
        assert [listed, in_core, in_service] == await in_thread(use, endpoints.tcp, "v1alpha")

    assert [it.name for it in listed.list_services_response.service] == ["api.Core", "api.Service"]
    assert b"ExecuteTask" in in_core.file_descriptor_response.file_descriptor_proto[0]
    assert b"SubmitResult" in in_service.file_descriptor_response.file_descriptor_proto[0]


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


async def test_a_task_of_a_listener_that_went_away_goes_to_the_next(tmp_path: Path) -> None:
    def use(endpoint: str) -> tuple[str, str, str]:
        with connected(endpoint) as client:
            first = listen_task(client)
            first.initial_metadata()
            execution = execute(client)
            given = next(first).executionID
            first.cancel()
            return execution, given, next(listen_task(client)).executionID

    async with open_served(new_node(), tmp_path) as endpoints:
        execution, first, second = await in_thread(use, endpoints.tcp)

    assert (first, second) == (execution, execution)


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


async def test_one_instance_has_a_limit_of_listeners(tmp_path: Path) -> None:
    def use(endpoint: str) -> tuple[tuple[str, str], Wire]:
        with connected(endpoint) as client:
            streams = [listen_task(client) for _ in range(LISTENERS_PER_INSTANCE_MAX)]
            for stream in streams:
                stream.initial_metadata()
            refused = refusal(lambda: next(listen_task(client)))
            other = refusal(lambda: next(listen_task(client, "other")))
            return refused, other[0]

    async with open_served(new_node(), tmp_path) as endpoints:
        refused, other = await in_thread(use, endpoints.tcp)

    assert refused == ("RESOURCE_EXHAUSTED", "one instance listens at most 64 times")
    assert other == "PERMISSION_DENIED"


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


async def test_a_result_is_kept_though_its_sender_does_not_wait(tmp_path: Path) -> None:
    slow = trio.Event()
    kept: list[tuple[str, TaskOutput]] = []

    class Slow(MemoryNode):
        async def submit(self, execution: str, output: TaskOutput) -> None:
            await slow.wait()
            kept.append((execution, output))

    def use(endpoint: str) -> tuple[str, str]:
        with connected(endpoint) as client:
            request = service.SubmitResultRequest(executionID="00", outputData="{}")
            return refusal(lambda: client.call["SubmitResult"](request, timeout=0.2))

    async with open_served(Slow(), tmp_path) as endpoints:
        assert (await in_thread(use, endpoints.tcp))[0] == "DEADLINE_EXCEEDED"
        slow.set()
        await until(lambda: kept == [("00", TaskOutput(outputs={}))])


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
