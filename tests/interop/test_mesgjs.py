"""An unmodified 2018 client, mesg-js 2.1.0, as a Service and as an Application of our gRPC API."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import trio
from tests.interop.mesgjs.runner import SERVICE_FOLDER, install, open_application, open_service

from mesg.node.api.grpc.server import GrpcEndpoints, open_grpc_api
from mesg.node.domain.manifest_file import read_manifest
from mesg.node.testing.memory_node import MemoryNode

pytestmark = pytest.mark.node_js

TOKEN = "instance-token"
SID = "converter-js"
TEST_S_MAX = 60


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install()


@asynccontextmanager
async def open_node(folder: Path) -> AsyncGenerator[GrpcEndpoints]:
    node = MemoryNode()
    text = await trio.Path(SERVICE_FOLDER / "mesg.yml").read_text()
    node.add(read_manifest(text), token=TOKEN)
    async with open_grpc_api(
        desk=node,
        counter=node,
        listen="127.0.0.1:0",
        service_socket=str(folder / "service" / "service.sock"),
        core_socket=str(folder / "core.sock"),
        application_token="unused",
    ) as endpoints:
        yield endpoints


async def test_mesg_js_calls_a_task_of_mesg_js_and_hears_its_event(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S_MAX):
        async with (
            open_node(tmp_path) as endpoints,
            open_service(endpoint=endpoints.tcp, token=TOKEN),
            open_application(endpoint=endpoints.tcp) as application,
        ):
            ready = await application.ask("listenEvent", serviceID=SID, eventFilter="converted")
            await application.send(
                "call", serviceID=SID, taskKey="convert", inputData='{"amount":21}'
            )
            said = [await application.receive() for _ in range(2)]

    event = next(it["event"] for it in said if "event" in it)
    result = next(it["result"] for it in said if "result" in it)
    assert ready == {"status": ["ready"]}
    assert event == {"eventKey": "converted", "eventData": '{"from":21,"to":42}'}
    assert (result["taskKey"], result["outputKey"]) == ("convert", "success")
    assert result["outputData"] == '{"amount":42}'


async def test_mesg_js_sees_the_error_output_of_a_task(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S_MAX):
        async with (
            open_node(tmp_path) as endpoints,
            open_service(endpoint=endpoints.tcp, token=TOKEN),
            open_application(endpoint=endpoints.tcp) as application,
        ):
            said = await application.ask(
                "call", serviceID=SID, taskKey="convert", inputData='{"amount":-1}'
            )

    assert said["result"]["outputKey"] == "error"
    assert said["result"]["outputData"] == '{"message":"the amount is negative"}'


async def test_mesg_js_listens_to_the_results_of_others_by_tag(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S_MAX):
        async with (
            open_node(tmp_path) as endpoints,
            open_service(endpoint=endpoints.tcp, token=TOKEN),
            open_application(endpoint=endpoints.tcp) as listener,
            open_application(endpoint=endpoints.tcp) as caller,
        ):
            await listener.ask("listenResult", serviceID=SID, tagFilters=["wanted"])
            for amount, tag in ((1, "other"), (2, "wanted")):
                request = {"serviceID": SID, "taskKey": "convert", "executionTags": [tag, "x"]}
                await caller.ask("execute", inputData=f'{{"amount":{amount}}}', **request)
            heard = await listener.receive()

    assert heard["result"]["outputData"] == '{"amount":4}'
    assert heard["result"]["executionTags"] == ["wanted", "x"]


async def test_mesg_js_is_told_what_is_wrong_with_its_request(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S_MAX):
        async with (
            open_node(tmp_path) as endpoints,
            open_application(endpoint=endpoints.tcp) as application,
        ):
            wrong_task = await application.ask(
                "execute", serviceID=SID, taskKey="convrt", inputData="{}"
            )
            wrong_input = await application.ask(
                "execute", serviceID=SID, taskKey="convert", inputData='{"amount":"1"}'
            )

    assert wrong_task == {
        "error": f"{SID} has no task 'convrt'; did you mean: convert?",
        "code": 5,
    }
    assert wrong_input == {
        "error": "inputs/amount must be a Number, not a String",
        "code": 3,
    }


async def test_a_mesg_js_service_is_told_when_the_node_stops(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S_MAX):
        async with AsyncExitStack() as stack:
            async with open_node(tmp_path) as endpoints:
                service = await stack.enter_async_context(
                    open_service(endpoint=endpoints.tcp, token=TOKEN)
                )
            said = await service.receive()

    assert said == {"error": "the node is stopping"}
