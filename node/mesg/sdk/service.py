"""A Service: functions that run tasks, and the events it emits.

`run` listens to the node, keeps a few tasks running at once, comes back when the node does, and on
SIGTERM or SIGINT finishes what it has begun.
"""

import json
import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import grpc

from mesg.sdk.connection import encode_object, open_channel, service_methods
from mesg.sdk.errors import Refused, SdkError, TaskError, from_rpc, status_of
from mesg.sdk.wire.service_pb2 import (
    EmitEventRequest,
    ListenTaskRequest,
    SubmitResultRequest,
    TaskData,
)

_log = logging.getLogger("mesg.sdk")

THREADS = 8
"""Tasks that run at once; others wait at the node."""
DRAIN_S_MAX = 30.0
"""How long tasks may still take after SIGTERM."""
SUBMIT_S_MAX = 60.0
"""How long a result is offered to a node that is away."""
EMIT_S_MAX = 30.0
RETRY_S_MIN = 0.1
RETRY_S_MAX = 5.0
_HOPELESS = (
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNIMPLEMENTED,
)

Outputs = Mapping[str, Any]
TaskFunction = Callable[[dict[str, Any]], Outputs | tuple[str, Outputs]]
_Function = TypeVar("_Function", bound=TaskFunction)


class Service:
    """One instance of a Service; the node gives it MESG_TOKEN and MESG_ENDPOINT."""

    def __init__(self, *, token: str = "", endpoint: str = "", threads: int = THREADS) -> None:
        self._token = token or _needed("MESG_TOKEN")
        self._channel = open_channel(endpoint or _needed("MESG_ENDPOINT"))
        self._call = service_methods(self._channel)
        self._tasks: dict[str, tuple[TaskFunction, str]] = {}
        self._slots = threading.BoundedSemaphore(threads)
        self._threads = threads
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._running = 0
        self._stream: Any = None
        self._connected = False
        self._was_known = False  # a node that starts again may take a moment to know us

    def task(self, key: str, *, error_output: str = "") -> Callable[[_Function], _Function]:
        """Register the function that runs a task: a dict in, a dict or (output key, dict) out.

        A plain dict is the task's only output, or its `success`. A TaskError it raises is told as
        the task's error, or as the output named `error_output` with a `message`.
        """

        def register(function: _Function) -> _Function:
            if key in self._tasks:
                raise ValueError(f"the task {key!r} has a function already")
            self._tasks[key] = (function, error_output)
            return function

        return register

    def emit(self, event: str, data: Outputs) -> None:
        """Publish an event; raise SdkError if the node refuses it or is away."""
        text = encode_object(data, what=f"event {event}")
        request = EmitEventRequest(token=self._token, eventKey=event, eventData=text)
        try:
            self._call["EmitEvent"](request, timeout=EMIT_S_MAX)
        except grpc.RpcError as error:
            raise from_rpc(error) from None

    def run(self) -> None:
        """Run tasks until SIGTERM, SIGINT or `stop`; raise SdkError if the node will not have it."""
        with _on_signals(self.stop), ThreadPoolExecutor(self._threads, "mesg-task") as pool:
            for pause_s in self._attempts():
                if not self._stopping.wait(pause_s):
                    self._listen(pool)

    def stop(self) -> None:
        """Take no more tasks; `run` returns when those under way are done."""
        if not self._stopping.is_set():
            self._stopping.set()
            threading.Thread(target=self._drain, name="mesg-drain", daemon=True).start()

    def close(self) -> None:
        """Close the connection to the node."""
        self._channel.close()

    def _attempts(self) -> Iterable[float]:
        """Pause longer after each attempt that did not connect."""
        pause_s = 0.0
        while not self._stopping.is_set():
            self._connected = False
            yield pause_s
            pause_s = RETRY_S_MIN if self._connected else min(pause_s * 2 + 0.1, RETRY_S_MAX)

    def _listen(self, pool: ThreadPoolExecutor) -> None:
        self._stream = self._call["ListenTask"](ListenTaskRequest(token=self._token))
        if self._stopping.is_set():  # since then: who stopped has cancelled the stream before
            self._stream.cancel()
        try:
            self._connected = bool(self._stream.initial_metadata())
            self._was_known |= self._connected
            for order in self._stream:
                self._slots.acquire()
                self._begin(pool, order)
        except grpc.RpcError as error:
            if status_of(error) in _HOPELESS and not self._was_known:
                raise from_rpc(error) from None
            if not self._stopping.is_set():
                _log.warning("the node is away: %s", from_rpc(error).message)

    def _begin(self, pool: ThreadPoolExecutor, order: TaskData) -> None:
        with self._changed:
            if self._stopping.is_set():
                self._slots.release()
                return
            self._running += 1
        pool.submit(self._run_task, order)

    def _run_task(self, order: TaskData) -> None:
        try:
            self._submit(self._outcome(order))
        finally:
            self._slots.release()
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _outcome(self, order: TaskData) -> SubmitResultRequest:
        result = SubmitResultRequest(executionID=order.executionID)
        function, error_output = self._tasks.get(order.taskKey, (_unknown_task, ""))
        try:
            outcome = function(json.loads(order.inputData))
            key, outputs = outcome if isinstance(outcome, tuple) else ("", outcome)
            result.outputData = encode_object(outputs, what=f"the output of {order.taskKey}")
            result.outputKey = key
        except TaskError as error:
            _tell_error(result, str(error) or "the task failed", error_output)
        except SdkError as error:
            _tell_error(result, error.message, "")
        except Exception as error:  # noqa: BLE001 - the author's code may raise anything
            _log.exception("task %s failed", order.taskKey)
            _tell_error(result, f"the task failed: {type(error).__name__}", error_output)
        return result

    def _submit(self, result: SubmitResultRequest) -> None:
        """Give the result; `wait_for_ready` outlives a restart of the node."""
        try:
            self._call["SubmitResult"](result, timeout=SUBMIT_S_MAX, wait_for_ready=True)
        except grpc.RpcError as error:
            _log.warning("the node did not take a result: %s", from_rpc(error).message)

    def _drain(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0, timeout=DRAIN_S_MAX)
        if self._stream is not None:
            self._stream.cancel()


def _unknown_task(_inputs: dict[str, Any]) -> Outputs:
    raise TaskError("this version of the Service does not know that task")


def _tell_error(result: SubmitResultRequest, message: str, output: str) -> None:
    if output:
        result.outputKey = output
        result.outputData = encode_object({"message": message}, what="the error")
    else:
        result.error = message


def _needed(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise Refused(f"{variable} is not set: a node sets it when it starts a Service")
    return value


@contextmanager
def _on_signals(stop: Callable[[], None]) -> Generator[None]:
    """Stop on SIGTERM and SIGINT, if this is the main thread: no other can receive signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop()) for number in caught]
    try:
        yield
    finally:
        for number, handler in zip(caught, before, strict=True):
            with suppress(TypeError):  # a handler that was not set from Python
                signal.signal(number, handler)
