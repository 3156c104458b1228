"""Events as a journaled log that many follow at their own pace, and results as they come.

A follower reads from the log, so a slow one neither loses anything nor holds anybody up; only the
log's limit can make it miss events, and then it is told how many.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
import trio

from mesg.marketplace.domain.identity import PeerId, ServiceId
from mesg.marketplace.ports import Clock
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution, Json
from mesg.node.ports import Journal

log = structlog.get_logger("mesg.feeds")

BATCH_MAX = 100
RESULTS_BUFFERED_MAX = 10_000
"""Results that wait for one slow listener; above it the listener is ended, never the node."""


class EventFeed:
    """The events that instances on this node emit."""

    def __init__(self, journal: Journal, clock: Clock, peer: PeerId) -> None:
        self._journal = journal
        self._clock = clock
        self._peer = peer
        self._last: dict[ServiceId, int] = {}
        self._news: dict[ServiceId, trio.Event] = {}

    async def publish(self, service: ServiceId, key: str, data: Json) -> ServiceEvent:
        """Number an event, keep it durably, and tell the followers."""
        sequence = self.last(service) + 1
        self._last[service] = sequence
        now = self._clock.now_unix_ns()
        event = ServiceEvent(service, key, data, sequence, now, self._peer)
        await self._journal.save(event)
        self._news.pop(service, trio.Event()).set()
        return event

    def last(self, service: ServiceId) -> int:
        """Return the newest sequence of a Service."""
        if service not in self._last:
            self._last[service] = self._journal.last_event(service)
        return self._last[service]

    async def follow(
        self, service: ServiceId, *, after: int | None, key: str = ""
    ) -> AsyncGenerator[tuple[ServiceEvent, int]]:
        """Yield events behind a sequence (None: from now on), each with how many were missed before it."""
        position = self.last(service) if after is None else after
        while True:
            news = self._news.setdefault(service, trio.Event())
            events = self._journal.events(service, after=position, most=BATCH_MAX)
            for event in events:
                missed = event.sequence - position - 1
                position = event.sequence
                if key in ("", "*", event.key):
                    yield event, missed
            if not events:
                await news.wait()


@dataclass(frozen=True, slots=True)
class _Listener:
    service: ServiceId
    task: str
    output: str
    tags: tuple[str, ...]
    sender: trio.MemorySendChannel[Execution]

    def wants(self, execution: Execution) -> bool:
        return (
            execution.service == self.service
            and self.task in ("", "*", execution.task)
            and self.output in ("", "*", execution.output_key)
            and all(tag in execution.tags for tag in self.tags)
        )


class ResultFeed:
    """The executions asked for on this node, as they end."""

    def __init__(self) -> None:
        self._listeners: list[_Listener] = []

    def publish(self, execution: Execution) -> None:
        """Tell every listener that wants it."""
        for listener in list(self._listeners):
            if not listener.wants(execution):
                continue
            try:
                listener.sender.send_nowait(execution)
            except (trio.WouldBlock, trio.BrokenResourceError):
                log.warning("listener_too_slow", service=str(listener.service))
                listener.sender.close()
                self._listeners.remove(listener)

    @asynccontextmanager
    async def listen(
        self, service: ServiceId, *, task: str, output: str, tags: Sequence[str]
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[Execution]]:
        """Receive executions as they end; in place once entered."""
        sender, receiver = trio.open_memory_channel[Execution](RESULTS_BUFFERED_MAX)
        listener = _Listener(service, task, output, tuple(tags), sender)
        self._listeners.append(listener)
        try:
            yield receiver
        finally:
            if listener in self._listeners:
                self._listeners.remove(listener)
            sender.close()
            receiver.close()
