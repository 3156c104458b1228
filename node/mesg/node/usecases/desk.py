"""The desk where instances fetch tasks and hand in results: one queue per Service, one answer per execution."""

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from mesg.marketplace.domain.errors import (
    InvalidInput,
    NotEntitled,
    NotFound,
    Overloaded,
    ServiceStopped,
)
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.ports import Clock
from mesg.node.domain.execution import Aborted, Execution, Failed, Failure, Json, Succeeded
from mesg.node.domain.manifest import Manifest, Output
from mesg.node.domain.shape import check_data, check_size, choose_output
from mesg.node.doors import TaskOrder, TaskOutput
from mesg.node.supervision import ungrouped
from mesg.node.usecases.feeds import EventFeed

QUEUED_MAX = 1_000
"""Tasks that wait for an instance; above it new ones are refused as overloaded."""

Ending = Succeeded | Failed | Aborted


@dataclass(slots=True)
class _Seat:
    """A Service whose instance may come to the desk, and the tasks that wait for it."""

    manifest: Manifest
    token: str
    waiting: deque[TaskOrder] = field(default_factory=deque)
    more: trio.Event = field(default_factory=trio.Event)
    listeners: set[trio.MemorySendChannel[TaskOrder]] = field(default_factory=set)
    listening: trio.Event = field(default_factory=trio.Event)

    def put(self, order: TaskOrder, *, first: bool = False) -> None:
        """Let a task wait, at the end of the line or in front of it."""
        if first:
            self.waiting.appendleft(order)
        else:
            self.waiting.append(order)
        self.more.set()

    async def take(self) -> TaskOrder:
        """Return the next task, waiting for one."""
        while not self.waiting:
            if self.more.is_set():  # else another listener waits for it too
                self.more = trio.Event()
            await self.more.wait()
        return self.waiting.popleft()


@dataclass(slots=True)
class _Pending:
    execution: Execution
    order: TaskOrder
    holder: trio.MemorySendChannel[TaskOrder] | None = None
    """The listener that was given the task."""
    done: trio.Event = field(default_factory=trio.Event)
    ending: Ending | None = None


class ServiceDesk:
    """Implements `Desk`, and gives the node's tasks to the instances."""

    def __init__(self, events: EventFeed, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._seats: dict[ServiceId, _Seat] = {}
        self._tokens: dict[str, ServiceId] = {}
        self._pending: dict[str, _Pending] = {}

    def enrol(self, manifest: Manifest, token: str) -> None:
        """Let the instance that knows this token speak for the Service."""
        self._seats[manifest.service] = _Seat(manifest, token)
        self._tokens[token] = manifest.service

    def dismiss(self, service: ServiceId, why: str) -> None:
        """Listen to a Service's instance no more; its open tasks end as aborted."""
        seat = self._seats.pop(service, None)
        if seat is None:
            return
        del self._tokens[seat.token]
        for listener in seat.listeners:
            listener.close()
        failure = Failure("service_stopped", f"{service} {why}", retryable=True)
        for pending in self._pending.values():
            if pending.execution.service == service and pending.ending is None:
                self._end(pending, Aborted(failure, self._clock.now_unix_ns()))

    def is_listening(self, service: ServiceId) -> bool:
        """Tell whether an instance of the Service takes tasks now."""
        return service in self._seats and bool(self._seats[service].listeners)

    async def wait_listening(self, service: ServiceId) -> None:
        """Return once an instance listens for the first time."""
        await self._seats[service].listening.wait()

    async def run(self, execution: Execution) -> Ending:
        """Give a task to an instance and return how it ended; the caller sets the deadline.

        Raise ServiceStopped if nothing of the Service runs here, Overloaded if too many wait.
        """
        seat = self._seats.get(execution.service)
        if seat is None:
            raise ServiceStopped(
                f"{execution.service} is not running",
                hint=f"start it with: mesg service start {execution.service}",
            )
        if len(seat.waiting) >= QUEUED_MAX:
            raise Overloaded(f"{QUEUED_MAX} tasks wait for {execution.service} already")
        name = execution.id.hex()
        order = TaskOrder(name, execution.task, execution.inputs)
        pending = self._pending[name] = _Pending(execution, order)
        seat.put(order)
        try:
            await pending.done.wait()
        finally:
            del self._pending[name]
            if order in seat.waiting:
                seat.waiting.remove(order)
        assert pending.ending is not None  # noqa: S101 - set before the event
        return pending.ending

    @asynccontextmanager
    async def listen(self, token: str) -> AsyncGenerator[trio.MemoryReceiveChannel[TaskOrder]]:
        """Receive the Service's tasks; several listeners share them.

        Leaving the block hands back what was taken and not answered: an instance that goes away
        loses no task, but another may run it again.
        """
        seat = self._seat_of(token)
        sender, receiver = trio.open_memory_channel[TaskOrder](0)
        seat.listeners.add(sender)
        seat.listening.set()
        try:
            with ungrouped():
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._deal, seat, sender)
                    yield receiver
                    nursery.cancel_scope.cancel()
        finally:
            seat.listeners.discard(sender)
            sender.close()
            receiver.close()
            self._hand_back(seat, sender)

    async def _deal(self, seat: _Seat, sender: trio.MemorySendChannel[TaskOrder]) -> None:
        """Give the listener one task after the other, as fast as it takes them."""
        while True:
            order = await seat.take()
            pending = self._pending.get(order.execution)
            if pending is None:
                continue  # its caller has gone meanwhile
            pending.holder = sender
            try:
                await sender.send(order)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return  # it is handed back when the listener leaves

    def _hand_back(self, seat: _Seat, sender: trio.MemorySendChannel[TaskOrder]) -> None:
        for pending in reversed(self._pending.values()):
            if pending.holder is sender and pending.ending is None:
                pending.holder = None
                seat.put(pending.order, first=True)

    async def submit(self, execution: str, output: TaskOutput) -> None:
        """End an execution; an output of the wrong shape ends it as failed and is refused."""
        pending = self._pending.get(execution)
        if pending is None or pending.ending is not None:
            raise NotFound(f"no execution {execution[:80]!r} waits for a result")
        now = self._clock.now_unix_ns()
        if output.error:
            self._end(pending, Failed(Failure("task_failed", output.error[:2_000]), now))
            return
        try:
            declared, data = self._check(pending.execution, output)
        except InvalidInput as error:
            failure = Failure("task_failed", f"the output is invalid: {error.message}")
            self._end(pending, Failed(failure, now))
            raise
        self._end(pending, Succeeded(declared.key, data, now))

    async def emit(self, token: str, event: str, data: Json) -> None:
        """Keep an event of the Service and tell its followers."""
        seat = self._seat_of(token)
        declared = seat.manifest.event(event)
        check_data(declared.data, data, what=f"event {event}")
        check_size(data, what=f"event {event}")
        await self._events.publish(seat.manifest.service, event, data)

    def _check(self, execution: Execution, output: TaskOutput) -> tuple[Output, Json]:
        manifest = self._seats[execution.service].manifest
        declared = choose_output(manifest.task(execution.task), output.output_key)
        data = output.outputs or {}
        check_data(declared.data, data, what=f"output {declared.key}")
        check_size(data, what=f"output {declared.key}")
        return declared, data

    def _seat_of(self, token: str) -> _Seat:
        service = self._tokens.get(token)
        if service is None:
            raise NotEntitled("the token is not known", hint="use the MESG_TOKEN of the instance")
        return self._seats[service]

    def _end(self, pending: _Pending, ending: Ending) -> None:
        pending.ending = ending
        pending.done.set()
