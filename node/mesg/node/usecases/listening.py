"""Listening to a Service's events wherever it runs: from the own log, or from a node that is followed.

A remote subscription survives lost sessions: it starts again behind the last event seen, so events
come at least once and in order. If the node runs the Service no more, another one is followed.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import structlog
import trio

from mesg.marketplace.domain.errors import (
    MesgError,
    NotFound,
    Overloaded,
    PeerUnavailable,
    ServiceStopped,
    Unavailable,
)
from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.advert import Advert
from mesg.node.domain.event import ServiceEvent
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.supervision import contained, ungrouped
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.feeds import EventFeed
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import next_answer
from mesg.node.usecases.services import ServiceBook
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.listening")

CREDIT = 64
"""Events on their way at once; the emitter waits for more credit."""
RETRY_S_FIRST = 0.2
RETRY_S_MAX = 10.0

LOST = (Unavailable, Overloaded, ServiceStopped)
"""Why one node can be followed no more, while another may."""

EventSender = trio.MemorySendChannel[ServiceEvent]


class Listener:
    """Gives Applications the events they ask for."""

    def __init__(
        self,
        parts: Parts,
        services: ServiceBook,
        events: EventFeed,
        adverts: AdvertBook,
        sessions: Sessions,
    ) -> None:
        self._parts = parts
        self._services = services
        self._events = events
        self._adverts = adverts
        self._sessions = sessions

    @asynccontextmanager
    async def listen(
        self, reference: str, *, event: str, after: int | None
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[ServiceEvent]]:
        """Receive events until the block is left; wrong names are refused on entering."""
        sender, receiver = trio.open_memory_channel[ServiceEvent](0)
        try:
            deployment = self._services.find(reference)
        except NotFound:
            deployment = None
        with ungrouped():
            async with trio.open_nursery() as nursery:
                if deployment is not None:
                    if event not in ("", "*"):
                        deployment.manifest.event(event)
                    position = self._events.last(deployment.service) if after is None else after
                    nursery.start_soon(
                        self._follow_here, deployment.service, event, position, sender
                    )
                else:
                    service = ServiceId(reference)
                    await nursery.start(self._follow_there, service, event, after, sender)
                yield receiver
                nursery.cancel_scope.cancel()

    async def _follow_here(
        self, service: ServiceId, event: str, after: int, sender: EventSender
    ) -> None:
        async with aclosing(self._events.follow(service, after=after, key=event)) as following:
            async for one, missed in following:
                if missed:
                    log.warning("events_missed", service=str(service), count=missed)
                await sender.send(one)

    async def _follow_there(
        self,
        service: ServiceId,
        event: str,
        after: int | None,
        sender: EventSender,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Follow one node; the first attempt may refuse, later ones go on until it works again."""
        position = [after]
        advert = await self._emitter(service)
        try:
            await self._follow_once(advert, event, position, sender, task_status)
        except LOST:
            advert = await self._emitter(service)  # the one that was asked is forgotten by now
            await self._follow_once(advert, event, position, sender, task_status)
        retry_s = RETRY_S_FIRST
        while True:
            await trio.sleep(retry_s)
            retry_s = min(retry_s * 2, RETRY_S_MAX)
            with contained(f"following {service}"):
                found = await self._emitter(service)
                if found.peer != advert.peer:
                    position[0] = None  # another node numbers its events itself
                advert = found
                await self._follow_once(advert, event, position, sender, None)
                retry_s = RETRY_S_FIRST

    async def _follow_once(
        self,
        advert: Advert,
        event: str,
        position: list[int | None],
        sender: EventSender,
        task_status: trio.TaskStatus[None] | None,
    ) -> None:
        """Follow until the session ends; `position` moves behind each event handed over."""
        started = False
        asked = pb.Subscribe(
            service=advert.service.sid,
            event=event,
            after=position[0] or 0,
            from_now=position[0] is None,
            credit=CREDIT,
        )
        try:
            session = await self._sessions.to(advert.peer, advert.addresses)
            async with session.open_flow(pb.Frame(subscribe=asked)) as answers:
                first = await next_answer(answers)
                position[0] = first.frame.event.sequence
                if task_status is not None:
                    task_status.started()
                    started = True
                while True:
                    message = (await next_answer(answers)).frame.event
                    await self._hand_over(advert, message, sender)
                    position[0] = message.sequence
                    credit = pb.Credit(request=message.request, count=1)
                    await session.send(pb.Frame(credit=credit))
        except LOST as error:
            self._adverts.forget(advert.service, advert.peer)
            if task_status is not None and not started:
                raise
            log.info("emitter_lost", peer=advert.peer, code=error.code, why=error.message)

    async def _hand_over(self, advert: Advert, message: pb.Event, sender: EventSender) -> None:
        if message.missed:
            log.warning("events_missed", service=str(advert.service), count=message.missed)
        await sender.send(wire.event_in(message, service=advert.service, peer=advert.peer))

    async def _emitter(self, service: ServiceId) -> Advert:
        trouble: MesgError | None = None
        for anew in (False, True):
            adverts = self._adverts.ranked(await self._adverts.find(service, anew=anew))
            if adverts:
                return adverts[0]
        if self._parts.journal.listing(service) is None:
            trouble = NotFound(
                f"no service {service} is on the market",
                hint=f"look for it with: mesg market search {service}",
            )
        raise trouble or PeerUnavailable(f"no node that runs {service} was found")
