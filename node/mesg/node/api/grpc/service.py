"""The Service API: tasks out, results and events in. The desk checks tokens and shapes."""

from functools import partial
from typing import Any

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.api.grpc.bridge import Bridge
from mesg.node.domain.shape import encode_json, parse_json_object
from mesg.node.doors import Desk, TaskOutput
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


class ServiceApi:
    """The methods of `api.Service`."""

    def __init__(self, desk: Desk, bridge: Bridge) -> None:
        self._desk = desk
        self._bridge = bridge

    async def listen_task(self, request: ListenTaskRequest, context: Any) -> None:  # noqa: ANN401
        """Send the instance its tasks for as long as it listens."""
        async with self._bridge.listen(partial(self._desk.listen, request.token)) as orders:
            await context.send_initial_metadata(READY)
            async for order in orders:
                await context.write(
                    TaskData(
                        executionID=order.execution,
                        taskKey=order.task,
                        inputData=encode_json(order.inputs),
                    )
                )

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


def _output(request: SubmitResultRequest) -> TaskOutput:
    if request.error:
        if request.outputKey or request.outputData:
            raise InvalidInput("a result is either an output or an error, not both", where="error")
        return TaskOutput(error=request.error)
    outputs = parse_json_object(request.outputData, what="outputData")
    return TaskOutput(output_key=request.outputKey, outputs=outputs)
