import stat
from pathlib import Path
from typing import Any

import trio
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)
from tests.unit.node.api.grpc.served import (
    APPLICATION_TOKEN,
    MANIFEST,
    READY,
    TOKEN,
    Client,
    Wire,
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

from mesg.node.api.grpc.service import LISTENERS_PER_INSTANCE_MAX
from mesg.node.domain.execution import ExecutionState
from mesg.node.domain.instance import LogLine
from mesg.node.doors import TaskOutput
from mesg.node.testing.memory_node import MemoryNode
from mesg.sdk.wire import core_pb2 as core
from mesg.sdk.wire import service_pb2 as service


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
