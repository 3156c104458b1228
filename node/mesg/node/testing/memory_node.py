"""A node in memory: the Desk, and the Counter that the gRPC API needs, for Services on one machine.

It checks shapes as a node does, hands each task to one listener, and keeps nothing.
"""

import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from mesg.marketplace.domain.errors import InvalidInput, NotEntitled, NotFound, ServiceStopped
from mesg.marketplace.domain.identity import Digest, PeerId
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import (
    Aborted,
    Change,
    Execution,
    Failed,
    Failure,
    Json,
    Succeeded,
    advance,
)
from mesg.node.domain.instance import Deployment, InstanceStatus, LogLine
from mesg.node.domain.manifest import Manifest
from mesg.node.domain.shape import check_data, choose_output
from mesg.node.doors import CallRequest, NodeView, ServiceView, TaskOrder, TaskOutput

CHANNEL_ITEMS_MAX = 1_024
"""What a listener may lag behind; an emitter waits beyond it."""
MEMORY_PEER = PeerId("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN")


class _Listener:
    """One open ListenTask stream and the orders it was given."""

    def __init__(self, orders: trio.MemorySendChannel[TaskOrder]) -> None:
        self.orders = orders
        self.given: dict[str, TaskOrder] = {}


@dataclass(frozen=True, slots=True, eq=False)
class _EventListener:
    events: trio.MemorySendChannel[ServiceEvent]
    key: str

    async def tell(self, event: ServiceEvent) -> None:
        """Pass an event on if the filter lets it through."""
        if self.key in ("", event.key):
            await self.events.send(event)


@dataclass(frozen=True, slots=True, eq=False)
class _ResultListener:
    results: trio.MemorySendChannel[Execution]
    task: str
    output: str
    tags: frozenset[str]

    def wants(self, execution: Execution) -> bool:
        """Tell whether its filters let the execution through."""
        is_task = self.task in ("", execution.task)
        is_output = self.output in ("", execution.output_key)
        return is_task and is_output and self.tags <= set(execution.tags)


class _Room:
    """A Service, who listens for its tasks, events and results, and its log."""

    def __init__(self, manifest: Manifest, token: str) -> None:
        self.manifest = manifest
        self.token = token
        self.status = InstanceStatus.RUNNING
        self.waiting: deque[TaskOrder] = deque()
        self.listeners: deque[_Listener] = deque()
        self.event_listeners: list[_EventListener] = []
        self.result_listeners: list[_ResultListener] = []
        self.log: list[LogLine] = []
        self.events: list[ServiceEvent] = []

    def dispatch(self) -> None:
        """Give waiting orders to the listeners in turn."""
        while self.waiting and self.listeners:
            order = self.waiting.popleft()
            listener = self.listeners[0]
            self.listeners.rotate(-1)
            listener.given[order.execution] = order
            listener.orders.send_nowait(order)


class MemoryNode:
    """Desk and Counter over the same Services."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self._rooms: dict[str, _Room] = {}

    def add(self, manifest: Manifest, *, token: str) -> None:
        """Deploy a Service that runs and whose instance has that token."""
        self._rooms[manifest.service.sid] = _Room(manifest, token)

    def write_log(self, sid: str, *lines: LogLine) -> None:
        """Add lines to a Service's log."""
        self._room(sid).log.extend(lines)

    def task_listeners(self, sid: str) -> int:
        """Return how many streams listen for the Service's tasks."""
        return len(self._room(sid).listeners)

    # --- Desk

    @asynccontextmanager
    async def listen(self, token: str) -> AsyncGenerator[trio.MemoryReceiveChannel[TaskOrder]]:
        """Receive tasks; leaving the block hands them back."""
        room = self._room_of(token)
        send, receive = trio.open_memory_channel[TaskOrder](CHANNEL_ITEMS_MAX)
        listener = _Listener(send)
        room.listeners.append(listener)
        room.dispatch()
        try:
            with send, receive:
                yield receive
        finally:
            room.listeners.remove(listener)
            room.waiting.extend(
                order
                for order in listener.given.values()
                if not self.executions[order.execution].state.is_final
            )
            room.dispatch()

    async def submit(self, execution: str, output: TaskOutput) -> None:
        """End an execution; an output that does not fit ends it too, and is refused."""
        held = self.executions.get(execution)
        if held is None:
            raise NotFound(f"no execution {execution[:80]!r}")
        if output.error:
            failure = Failure("task_failed", output.error)
            await self._end(held, Failed(failure, at_unix_ns=0))
            return
        change, refusal = self._fit(held, output)
        await self._end(held, change)
        if refusal is not None:
            raise refusal

    async def emit(self, token: str, event: str, data: Json) -> None:
        """Publish an event to who listens now."""
        room = self._room_of(token)
        check_data(room.manifest.event(event).data, data, what=event)
        told = ServiceEvent(
            service=room.manifest.service,
            key=event,
            data=data,
            sequence=len(room.events) + 1,
            emitted_at_unix_ns=0,
            peer=MEMORY_PEER,
        )
        room.events.append(told)
        for listener in tuple(room.event_listeners):
            await listener.tell(told)

    # --- Counter

    async def node(self) -> NodeView:
        """Return a node without chain, peers or wallet."""
        await trio.lowlevel.checkpoint()
        return NodeView(
            version="0.0.0",
            peer=MEMORY_PEER,
            account="",
            wallet="none",
            addresses=(),
            peers=0,
            chain_id=0,
            chain="ok",
            runtime="process",
            services=len(self._rooms),
            core_api="127.0.0.1:50052",
            uptime_s=0.0,
        )

    async def start_service(self, service: str) -> ServiceView:
        """Mark it as running."""
        self._room(service).status = InstanceStatus.RUNNING
        return await self.service(service)

    async def stop_service(self, service: str) -> ServiceView:
        """Mark it as stopped."""
        self._room(service).status = InstanceStatus.STOPPED
        return await self.service(service)

    async def delete_service(self, service: str, *, delete_data: bool) -> None:
        """Forget it."""
        await trio.lowlevel.checkpoint()
        room = self._rooms.pop(self._room(service).manifest.service.sid)
        if delete_data:
            room.log.clear()

    async def services(self) -> Sequence[ServiceView]:
        """Return all."""
        return [await self.service(sid) for sid in self._rooms]

    async def service(self, service: str) -> ServiceView:
        """Return one; raise NotFound."""
        await trio.lowlevel.checkpoint()
        room = self._room(service)
        deployment = Deployment(manifest=room.manifest, package=Digest(bytes(32)))
        return ServiceView(deployment=deployment, status=room.status, runtime="process")

    @asynccontextmanager
    async def service_logs(
        self, service: str, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give what was written; a follower then waits, for there will be no more."""
        lines = self._room(service).log[-tail:]
        send, receive = trio.open_memory_channel[LogLine](len(lines))
        with send, receive:
            for line in lines:
                send.send_nowait(line)
            if not follow:
                send.close()
            yield receive

    async def execute(self, request: CallRequest) -> Digest:
        """Queue a task for the Service's next listener."""
        await trio.lowlevel.checkpoint()
        room = self._room(request.service)
        if room.status is not InstanceStatus.RUNNING:
            raise ServiceStopped(f"{room.manifest.service} is stopped", hint="start it first")
        check_data(room.manifest.task(request.task).inputs, request.inputs, what="inputs")
        number = len(self.executions).to_bytes(8, "big")
        execution = Execution(
            id=request.execution or Digest(hashlib.sha256(number).digest()),
            service=room.manifest.service,
            version=room.manifest.digest,
            task=request.task,
            inputs=request.inputs,
            tags=request.tags,
            created_at_unix_ns=0,
        )
        self.executions[execution.id.hex()] = execution
        room.waiting.append(TaskOrder(execution.id.hex(), request.task, request.inputs))
        room.dispatch()
        return execution.id

    @asynccontextmanager
    async def results(
        self, service: str, *, task: str = "", output: str = "", tags: Sequence[str] = ()
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[Execution]]:
        """Listen to executions as they end."""
        room = self._room(service)
        send, receive = trio.open_memory_channel[Execution](CHANNEL_ITEMS_MAX)
        listener = _ResultListener(send, task, output, frozenset(tags))
        room.result_listeners.append(listener)
        try:
            with send, receive:
                yield receive
        finally:
            room.result_listeners.remove(listener)

    @asynccontextmanager
    async def events(
        self, service: str, *, event: str = "", after: int | None = None
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[ServiceEvent]]:
        """Listen to a Service's events: those behind `after`, and from now on."""
        room = self._room(service)
        if event:
            room.manifest.event(event)
        send, receive = trio.open_memory_channel[ServiceEvent](CHANNEL_ITEMS_MAX)
        listener = _EventListener(send, event)
        room.event_listeners.append(listener)
        try:
            with send, receive:
                for told in room.events[len(room.events) if after is None else after :]:
                    await listener.tell(told)
                yield receive
        finally:
            room.event_listeners.remove(listener)

    def _fit(
        self, execution: Execution, output: TaskOutput
    ) -> tuple[Succeeded | Aborted, InvalidInput | None]:
        task = self._room(execution.service.sid).manifest.task(execution.task)
        outputs = output.outputs or {}
        try:
            declared = choose_output(task, output.output_key)
            check_data(declared.data, outputs, what="outputs")
        except InvalidInput as error:
            return Aborted(Failure(error.code, error.message), at_unix_ns=0), error
        return Succeeded(declared.key, outputs, at_unix_ns=0), None

    async def _end(self, execution: Execution, change: Change) -> None:
        ended = advance(execution, change)
        self.executions[execution.id.hex()] = ended
        for listener in tuple(self._room(execution.service.sid).result_listeners):
            if listener.wants(ended):
                await listener.results.send(ended)

    def _room(self, service: str) -> _Room:
        for sid, room in self._rooms.items():
            if service == sid or (service and room.manifest.digest.hex().startswith(service)):
                return room
        raise NotFound(f"no service {service[:80]!r} on this node", hint="see: mesg service list")

    def _room_of(self, token: str) -> _Room:
        for room in self._rooms.values():
            if token == room.token:
                return room
        raise NotEntitled("the token belongs to no instance of this node")
