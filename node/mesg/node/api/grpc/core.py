"""The Core API: what an Application of 2018 may ask of its node."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Protocol

import grpc
import trio

from mesg.marketplace.domain.identity import Digest
from mesg.node.api.grpc.bridge import Bridge
from mesg.node.api.grpc.messages import event_data, log_data, result_data, service_info
from mesg.node.api.grpc.service import READY
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import LogLine
from mesg.node.domain.shape import parse_json_object
from mesg.node.doors import CallRequest, NodeView, ServiceView
from mesg.sdk.wire import core_pb2 as wire

LOG_TAIL_LINES = 1_000
"""What a log reader gets of the past, before what is new."""
_ANY = ("", "*")


class CoreCounter(Protocol):
    """The part of `doors.Counter` that this API needs."""

    async def node(self) -> NodeView:
        """Return the node at a glance."""
        ...

    async def start_service(self, service: str) -> ServiceView:
        """Start it; a running one is left alone."""
        ...

    async def stop_service(self, service: str) -> ServiceView:
        """Stop it; a stopped one is left alone."""
        ...

    async def delete_service(self, service: str, *, delete_data: bool) -> None:
        """Stop and forget it."""
        ...

    async def services(self) -> Sequence[ServiceView]:
        """Return the Services on this node."""
        ...

    async def service(self, service: str) -> ServiceView:
        """Return one; raise NotFound."""
        ...

    def service_logs(
        self, service: str, *, follow: bool, tail: int
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[LogLine]]:
        """Give its log lines."""
        ...

    async def execute(self, request: CallRequest) -> Digest:
        """Begin an execution and return its id."""
        ...

    def results(
        self, service: str, *, task: str = "", output: str = "", tags: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[Execution]]:
        """Listen to executions as they end."""
        ...

    def events(
        self, service: str, *, event: str = "", after: int | None = None
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[ServiceEvent]]:
        """Listen to a Service's events."""
        ...


class CoreApi:
    """The methods of `api.Core`."""

    def __init__(self, counter: CoreCounter, bridge: Bridge) -> None:
        self._counter = counter
        self._bridge = bridge

    async def listen_event(self, request: wire.ListenEventRequest, context: Any) -> None:  # noqa: ANN401
        """Send a Service's events."""
        listen = partial(
            self._counter.events, request.serviceID, event=_filter(request.eventFilter)
        )
        async with self._bridge.listen(listen) as events:
            await context.send_initial_metadata(READY)
            async for event in events:
                await context.write(event_data(event))

    async def listen_result(self, request: wire.ListenResultRequest, context: Any) -> None:  # noqa: ANN401
        """Send results as executions end."""
        listen = partial(
            self._counter.results,
            request.serviceID,
            task=_filter(request.taskFilter),
            output=_filter(request.outputFilter),
            tags=tuple(request.tagFilters),
        )
        async with self._bridge.listen(listen) as executions:
            await context.send_initial_metadata(READY)
            async for execution in executions:
                await context.write(result_data(execution))

    async def service_logs(self, request: wire.ServiceLogsRequest, context: Any) -> None:  # noqa: ANN401
        """Send the log lines of the Service, or of the named dependencies."""
        wanted = frozenset(request.dependencies)
        read = partial(
            self._counter.service_logs, request.serviceID, follow=True, tail=LOG_TAIL_LINES
        )
        async with self._bridge.listen(read) as lines:
            await context.send_initial_metadata(READY)
            async for line in lines:
                if not wanted or line.dependency in wanted:
                    await context.write(log_data(line))

    async def execute_task(
        self,
        request: wire.ExecuteTaskRequest,
        _context: Any,  # noqa: ANN401
    ) -> wire.ExecuteTaskReply:
        """Begin an execution."""
        call = CallRequest(
            service=request.serviceID,
            task=request.taskKey,
            inputs=parse_json_object(request.inputData, what="inputData"),
            tags=tuple(request.executionTags),
        )
        execution = await self._bridge.call(partial(self._counter.execute, call))
        return wire.ExecuteTaskReply(executionID=execution.hex())

    async def start_service(
        self,
        request: wire.StartServiceRequest,
        _context: Any,  # noqa: ANN401
    ) -> wire.StartServiceReply:
        """Start a Service; a running one is left alone."""
        await self._bridge.call(partial(self._counter.start_service, request.serviceID))
        return wire.StartServiceReply()

    async def stop_service(
        self,
        request: wire.StopServiceRequest,
        _context: Any,  # noqa: ANN401
    ) -> wire.StopServiceReply:
        """Stop a Service."""
        await self._bridge.call(partial(self._counter.stop_service, request.serviceID))
        return wire.StopServiceReply()

    async def delete_service(
        self,
        request: wire.DeleteServiceRequest,
        _context: Any,  # noqa: ANN401
    ) -> wire.DeleteServiceReply:
        """Stop and forget a Service."""
        delete = partial(
            self._counter.delete_service, request.serviceID, delete_data=request.deleteData
        )
        await self._bridge.call(delete)
        return wire.DeleteServiceReply()

    async def list_services(
        self,
        _request: wire.ListServicesRequest,
        _context: Any,  # noqa: ANN401
    ) -> wire.ListServicesReply:
        """Return the Services on this node."""
        views = await self._bridge.call(self._counter.services)
        return wire.ListServicesReply(services=[service_info(view) for view in views])

    async def get_service(
        self,
        request: wire.GetServiceRequest,
        _context: Any,  # noqa: ANN401
    ) -> wire.GetServiceReply:
        """Return one Service."""
        view = await self._bridge.call(partial(self._counter.service, request.serviceID))
        return wire.GetServiceReply(service=service_info(view))

    async def info(self, _request: wire.InfoRequest, _context: Any) -> wire.InfoReply:  # noqa: ANN401
        """Return the node's version and where its API listens."""
        view = await self._bridge.call(self._counter.node)
        return wire.InfoReply(address=view.core_api, image="mesg", version=view.version)

    async def deploy_service(self, _requests: Any, context: Any) -> None:  # noqa: ANN401
        """Refuse: a node deploys folders and sids, not uploaded archives."""
        await context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            "this node takes no uploaded Services; deploy a folder with: mesg service deploy PATH",
        )


def _filter(word: str) -> str:
    return "" if word in _ANY else word
