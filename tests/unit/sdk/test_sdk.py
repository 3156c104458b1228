import logging
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from tests.unit.node.api.grpc.served import (
    APPLICATION_TOKEN,
    MANIFEST,
    TOKEN,
    in_thread,
    new_node,
    open_served,
    until,
)

from mesg.node.testing.memory_node import MemoryNode
from mesg.sdk import (
    App,
    Event,
    NodeUnavailable,
    Refused,
    SdkError,
    Service,
    TaskError,
    TaskFailed,
)


@contextmanager
def running(service: Service) -> Generator[None]:
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield
    finally:
        service.stop()
        thread.join(timeout=10)
        service.close()
    assert not thread.is_alive()


@asynccontextmanager
async def open_echo(
    node: MemoryNode, folder: Path, service_of: Callable[[str], Service]
) -> AsyncGenerator[str]:
    """Serve the node with a running Service; give the Core endpoint."""
    async with open_served(node, folder) as endpoints:
        service = service_of(f"unix:{endpoints.service_socket}")
        with running(service):
            await until(lambda: node.task_listeners("echo") == 1)
            yield f"unix:{endpoints.core_socket}"
            service.stop()
            await until(lambda: node.task_listeners("echo") == 0)


def service_with(
    function: Callable[[dict[str, Any]], Any], **options: str
) -> Callable[..., Service]:
    def make(endpoint: str) -> Service:
        service = Service(token=TOKEN, endpoint=endpoint)
        service.task("echo", **options)(function)
        return service

    return make


def call(endpoint: str, inputs: dict[str, Any]) -> dict[str, Any]:
    with App(endpoint=endpoint) as app:
        return app.call("echo", "echo", inputs)


def failure(endpoint: str) -> str:
    with pytest.raises(TaskFailed) as raised:
        call(endpoint, {"text": "x"})
    return raised.value.message


async def test_an_application_calls_a_service(tmp_path: Path) -> None:
    def shout(inputs: dict[str, Any]) -> dict[str, Any]:
        return {"text": inputs["text"].upper()}

    async with open_echo(new_node(), tmp_path, service_with(shout)) as endpoint:
        assert await in_thread(call, endpoint, {"text": "hé"}) == {"text": "HÉ"}


async def test_a_task_may_name_its_output(tmp_path: Path) -> None:
    def choose(inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return "success", inputs

    def use(endpoint: str) -> tuple[str, dict[str, Any]]:
        with App(endpoint=endpoint) as app:
            result = app.result("echo", "echo", {"text": "a"})
            return result.output, result.outputs

    async with open_echo(new_node(), tmp_path, service_with(choose)) as endpoint:
        assert await in_thread(use, endpoint) == ("success", {"text": "a"})


async def test_a_task_error_reaches_the_caller_as_an_error(tmp_path: Path) -> None:
    def fail(inputs: dict[str, Any]) -> dict[str, Any]:
        raise TaskError("no such city")

    async with open_echo(new_node(), tmp_path / "a", service_with(fail)) as endpoint:
        assert await in_thread(failure, endpoint) == "no such city"

    by_output = service_with(fail, error_output="error")
    async with open_echo(new_node(), tmp_path / "b", by_output) as endpoint:
        assert await in_thread(failure, endpoint) == "no such city"


async def test_a_crash_of_a_task_is_told_without_its_secrets(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(inputs: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("password 123")

    async with open_echo(new_node(), tmp_path, service_with(crash)) as endpoint:
        assert await in_thread(failure, endpoint) == "the task failed: ValueError"

    assert "password 123" in caplog.text


async def test_outputs_that_json_or_the_node_cannot_take_fail_the_task(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    def not_json(inputs: dict[str, Any]) -> dict[str, Any]:
        return {"text": {1, 2}}

    def wrong_shape(inputs: dict[str, Any]) -> dict[str, Any]:
        return {"text": 3}

    async with open_echo(new_node(), tmp_path / "a", service_with(not_json)) as endpoint:
        message = await in_thread(failure, endpoint)
        assert message.startswith("the output of echo cannot be written as JSON")

    async with open_echo(new_node(), tmp_path / "b", service_with(wrong_shape)) as endpoint:
        message = await in_thread(failure, endpoint)
        assert message == "outputs/text must be a String, not a Number"
    assert "the node did not take a result" in caplog.text


async def test_tasks_run_at_once(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=5)

    def meet(inputs: dict[str, Any]) -> dict[str, Any]:
        both.wait()
        return inputs

    async with (
        open_echo(new_node(), tmp_path, service_with(meet)) as endpoint,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(in_thread, call, endpoint, {"text": "a"})
        nursery.start_soon(in_thread, call, endpoint, {"text": "b"})


async def test_one_application_makes_many_calls_at_once(tmp_path: Path) -> None:
    def echo(inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs

    def use(endpoint: str) -> list[str]:
        with App(endpoint=endpoint) as app, ThreadPoolExecutor(16) as pool:
            texts = [str(number) for number in range(100)]
            answers = pool.map(lambda text: app.call("echo", "echo", {"text": text}), texts)
            return [answer["text"] for answer in answers]

    async with open_echo(new_node(), tmp_path, service_with(echo)) as endpoint:
        answers = await in_thread(use, endpoint)

    assert answers == [str(number) for number in range(100)]


async def test_a_call_without_a_result_ends_at_its_deadline(tmp_path: Path) -> None:
    def use(endpoint: str) -> SdkError:
        with App(endpoint=endpoint) as app, pytest.raises(NodeUnavailable) as raised:
            app.call("echo", "echo", {"text": "x"}, timeout_s=0.1)
        return raised.value

    async with open_served(new_node(), tmp_path) as endpoints:
        error = await in_thread(use, endpoints.tcp)

    assert (error.code, error.message) == ("deadline_exceeded", "no result of echo within 0.1 s")


async def test_an_application_outlives_a_restart_of_its_node(tmp_path: Path) -> None:
    def echo(inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs

    with App(endpoint=f"unix:{tmp_path / 'core.sock'}") as app:
        for _ in range(2):
            async with open_echo(new_node(), tmp_path, service_with(echo)):
                answer = await in_thread(app.call, "echo", "echo", {"text": "a"})
                assert answer == {"text": "a"}


async def test_a_call_that_waits_is_told_when_the_node_stops(tmp_path: Path) -> None:
    node = new_node()
    errors: list[str] = []

    def use(app: App) -> None:
        with pytest.raises(NodeUnavailable) as raised:
            app.call("echo", "echo", {"text": "x"})
        errors.append(raised.value.message)

    async with AsyncExitStack() as stack:
        nursery = await stack.enter_async_context(trio.open_nursery())
        async with open_served(node, tmp_path) as endpoints:
            app = stack.enter_context(App(endpoint=endpoints.tcp))
            nursery.start_soon(in_thread, use, app)
            await until(lambda: len(node.executions) == 1)

    assert errors == ["the node is stopping"]


async def test_an_application_hears_events(tmp_path: Path) -> None:
    def use(service_endpoint: str, core_endpoint: str) -> list[Event]:
        service = Service(token=TOKEN, endpoint=service_endpoint)
        with App(endpoint=core_endpoint) as app, app.listen("echo", "tick") as ticks:
            service.emit("tock", {})
            for number in (1, 2):
                service.emit("tick", {"n": number})
            heard = [next(ticks), next(ticks)]
            ticks.close()
            heard.extend(ticks)
        service.close()
        return heard

    async with open_served(new_node(), tmp_path) as endpoints:
        heard = await in_thread(use, endpoints.tcp, f"unix:{endpoints.core_socket}")

    assert heard == [Event("tick", {"n": 1}), Event("tick", {"n": 2})]


async def test_services_are_shown_stopped_and_started(tmp_path: Path) -> None:
    def use(endpoint: str) -> list[tuple[str, ...]]:
        with App(endpoint=endpoint, token=APPLICATION_TOKEN) as app:
            shown = [(it.sid, it.status, *it.tasks, *it.events) for it in app.services()]
            app.stop("echo")
            shown += [(it.status,) for it in app.services()]
            app.start("echo")
            return shown + [(it.status,) for it in app.services()]

    async with open_served(new_node(), tmp_path) as endpoints:
        shown = await in_thread(use, endpoints.tcp)

    assert shown == [("echo", "running", "echo", "tick", "tock"), ("stopped",), ("running",)]


async def test_what_the_node_refuses_is_refused_with_its_code(tmp_path: Path) -> None:
    def use(endpoint: str) -> Refused:
        with pytest.raises(Refused) as raised:
            call(endpoint, {})
        return raised.value

    async with open_served(new_node(), tmp_path) as endpoints:
        refused = await in_thread(use, f"unix:{endpoints.core_socket}")

    assert (refused.code, refused.message, refused.retryable) == (
        "invalid_input",
        "inputs/text is required",
        False,
    )


async def test_a_service_with_a_wrong_token_says_so_and_ends(tmp_path: Path) -> None:
    async with open_served(new_node(), tmp_path) as endpoints:
        service = Service(token="guess", endpoint=endpoints.tcp)
        with pytest.raises(Refused, match="the token belongs to no instance"):
            await in_thread(service.run)
        service.close()


async def test_a_service_comes_back_when_the_node_does(tmp_path: Path) -> None:
    def echo(inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs

    first, second = new_node(), new_node()
    service = service_with(echo)(f"unix:{tmp_path / 'service' / 'service.sock'}")
    with running(service):
        for node in (first, second):
            async with open_served(node, tmp_path) as endpoints:
                await until(lambda node=node: node.task_listeners("echo") == 1)  # type: ignore[misc]
                answer = await in_thread(call, f"unix:{endpoints.core_socket}", {"text": "a"})
                assert answer == {"text": "a"}
        service.stop()


async def test_a_service_is_patient_with_a_node_that_does_not_know_it_again_yet(
    tmp_path: Path,
) -> None:
    def echo(inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs

    service = service_with(echo)(f"unix:{tmp_path / 'service' / 'service.sock'}")
    with running(service):
        first = new_node()
        async with open_served(first, tmp_path):
            await until(lambda: first.task_listeners("echo") == 1)
        second = MemoryNode()
        async with open_served(second, tmp_path) as endpoints:
            await in_thread(refused_listening, endpoints.tcp)
            second.add(MANIFEST, token=TOKEN)
            await until(lambda: second.task_listeners("echo") == 1)
        service.stop()


def refused_listening(endpoint: str) -> None:
    other = Service(token="guess", endpoint=endpoint)
    with pytest.raises(Refused):
        other.run()
    other.close()


async def test_a_service_told_to_end_finishes_what_it_has_begun(tmp_path: Path) -> None:
    program = """
import signal, os, sys, time
from mesg.sdk import Service
service = Service()
@service.task("echo")
def echo(inputs):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.2)
    return inputs
service.run()
print("ended well")
"""
    node = new_node()
    async with open_served(node, tmp_path) as endpoints, trio.open_nursery() as nursery:
        start = partial(
            trio.run_process,
            [sys.executable, "-c", program],
            env={"MESG_TOKEN": TOKEN, "MESG_ENDPOINT": endpoints.tcp},
            stdout=subprocess.PIPE,
        )
        process = await nursery.start(start)
        await until(lambda: node.task_listeners("echo") == 1)

        answer = await in_thread(call, endpoints.tcp, {"text": "a"})
        with trio.fail_after(10):
            output = await process.stdout.receive_some()

    assert answer == {"text": "a"}
    assert output == b"ended well\n"


def test_a_node_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with App(endpoint=f"unix:{tmp_path}/absent.sock") as app, pytest.raises(NodeUnavailable):
        app.services()


def test_inputs_must_be_json_objects(tmp_path: Path) -> None:
    with App(endpoint=f"unix:{tmp_path}/absent.sock") as app:
        with pytest.raises(Refused, match="inputs must be a dict, not list"):
            app.execute("echo", "echo", [])  # type: ignore[arg-type]
        with pytest.raises(Refused, match="inputs cannot be written as JSON"):
            app.execute("echo", "echo", {"a": float("nan")})


def test_a_service_without_its_token_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MESG_TOKEN", raising=False)

    with pytest.raises(Refused, match="MESG_TOKEN is not set"):
        Service()


def test_a_task_has_one_function() -> None:
    service = Service(token=TOKEN, endpoint="127.0.0.1:1")
    service.task("a")(lambda inputs: inputs)

    with pytest.raises(ValueError, match="'a' has a function already"):
        service.task("a")(lambda inputs: inputs)
    service.close()


def test_the_sdk_brings_nothing_of_the_node_along() -> None:
    program = "import sys, mesg.sdk; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    ours = "print(*(m for m in sys.modules if m.startswith(('mesg.node', 'mesg.marketplace'))))"

    done = subprocess.run(
        [sys.executable, "-c", f"{program}; {ours}"], check=True, capture_output=True, text=True
    )

    loaded, ours = done.stdout.splitlines()
    assert not {"trio", "libp2p", "web3", "pydantic", "structlog"} & set(loaded.split())
    assert ours == ""
