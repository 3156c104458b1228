"""The Service API: tasks out, results and events in. The desk checks tokens and shapes."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

from mesg.marketplace.domain.errors import InvalidInput, Overloaded
from mesg.node.api.grpc.bridge import Bridge
from mesg.node.domain.shape import encode_json, parse_json_object
from mesg.node.doors import Desk, TaskOrder, TaskOutput
from mesg.sdk.wire.service_pb2 import (
    EmitEventReply,
    EmitEventRequest,
    ListenTaskRequest,
    SubmitResultReply,
    SubmitResultRequest,
    TaskData,
)

READY = (("status", "ready"),)
"""Clients of 2018 wait for it: the listener is in place."""
LISTENERS_PER_INSTANCE_MAX = 64
"""More than any Service needs; one too many is told to try again later."""


class ServiceApi:
    """The methods of `api.Service`."""

    def __init__(self, desk: Desk, bridge: Bridge) -> None:
        self._desk = desk
        self._bridge = bridge
        self._listeners: Counter[str] = Counter()

    async def listen_task(self, request: ListenTaskRequest, context: Any) -> None:  # noqa: ANN401
        """Send the instance its tasks for as long as it listens."""
        listen = partial(self._desk.listen, request.token)
        with self._one_listener(request.token):
            async with self._bridge.listen(listen) as orders:
                await context.send_initial_metadata(READY)
                async for order in orders:
                    await context.write(_task_data(order))

    async def submit_result(
        self,
        request: SubmitResultRequest,
        _context: Any,  # noqa: ANN401
    ) -> SubmitResultReply:
        """End an execution, even if the instance is gone before it hears the answer."""
        submit = partial(self._desk.submit, request.executionID, _output(request))
        await self._bridge.call(submit, outlives_caller=True)
        return SubmitResultReply()

    async def emit_event(self, request: EmitEventRequest, _context: Any) -> EmitEventReply:  # noqa: ANN401
        """Publish an event."""
        data = parse_json_object(request.eventData, what="eventData")
        emit = partial(self._desk.emit, request.token, request.eventKey, data)
        await self._bridge.call(emit, outlives_caller=True)
        return EmitEventReply()

    @contextmanager
    def _one_listener(self, token: str) -> Generator[None]:
        """Count the streams of a token, so that one instance cannot take those of all others."""
        if self._listeners[token] >= LISTENERS_PER_INSTANCE_MAX:
            raise Overloaded(f"one instance listens at most {LISTENERS_PER_INSTANCE_MAX} times")
        self._listeners[token] += 1
        try:
            yield
        finally:
            self._listeners[token] -= 1
            if not self._listeners[token]:
                del self._listeners[token]


def _task_data(order: TaskOrder) -> TaskData:
    inputs = encode_json(order.inputs)
    return TaskData(executionID=order.execution, taskKey=order.task, inputData=inputs)


def _output(request: SubmitResultRequest) -> TaskOutput:
    if request.error:
        if request.outputKey or request.outputData:
            raise InvalidInput("a result is either an output or an error, not both", where="error")
        return TaskOutput(error=request.error)
    outputs = parse_json_object(request.outputData, what="outputData")
    return TaskOutput(output_key=request.outputKey, outputs=outputs)
