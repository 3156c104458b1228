"""Serving peers: adverts, content, events; calls are served in `serving_calls`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import trio

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import (
    InvalidInput,
    MesgError,
    NotEntitled,
    NotFound,
    Overloaded,
    ProtocolViolation,
    Refused,
    ServiceStopped,
)
from mesg.marketplace.domain.identity import Digest, ServiceId, digest_from
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import OfferKind
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.consent import consent_to_close
from mesg.node.domain.instance import Deployment
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.protocol.session import Received
from mesg.node.supervision import ungrouped
from mesg.node.usecases.access import Access
from mesg.node.usecases.announcing import Announcer
from mesg.node.usecases.feeds import EventFeed
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession
from mesg.node.usecases.serving_calls import CHANNEL_WAIT_S_MAX

CHUNK_BYTES = 256 << 10
SEQUENCE_MAX = 2**63 - 1
"""What the database can count to."""

Handler = Callable[[PeerSession, Received], Awaitable[None]]


@dataclass(slots=True)
class _Shared:
    """Content that is being fetched, and by how many."""

    users: int = 0
    content: bytes | None = None
    reading: trio.Lock = field(default_factory=trio.Lock)


class PeerServer:
    """Answers what peers ask, one handler a kind of request."""

    def __init__(
        self,
        parts: Parts,
        announcer: Announcer,
        access: Access,
        events: EventFeed,
        till: Till,
        serve_call: Handler,
    ) -> None:
        self._parts = parts
        self._announcer = announcer
        self._access = access
        self._events = events
        self._till = till
        self._fetched: dict[Digest, _Shared] = {}
        self._consenting: set[Digest] = set()
        self._handlers: dict[str, Handler] = {
            "call": serve_call,
            "ask_adverts": self._serve_adverts,
            "fetch": self._serve_content,
            "subscribe": self._serve_events,
            "channel": self._take_channel,
            "ask_close": self._consent,
            "settle": self._settle,
        }

    async def handle(self, session: PeerSession, said: Received) -> None:
        """Answer one request; raise Refused or Unavailable, which is told to the peer."""
        handler = self._handlers.get(said.kind)
        if handler is None:
            raise ProtocolViolation(f"a {said.kind} is not a request")
        await handler(session, said)

    async def _serve_adverts(self, session: PeerSession, said: Received) -> None:
        asked = said.frame.ask_adverts
        advert = self._announcer.advert(ServiceId(asked.service))
        adverts = [wire.advert_out(advert)] if advert else []
        await session.send(pb.Frame(adverts=pb.Adverts(request=asked.request, adverts=adverts)))

    async def _serve_content(self, session: PeerSession, said: Received) -> None:
        asked = said.frame.fetch
        digest = digest_from(asked.digest, what="digest")
        deployment = self._served(ServiceId(asked.service))
        await self._check_fetch(session, deployment, digest)
        async with self._shared(digest) as content:
            if asked.offset and asked.offset >= len(content):
                raise Refused(f"the offset {asked.offset} is behind the end, {len(content)}")
            allowance = session.credits(asked.request)
            for start in range(asked.offset, max(len(content), 1), CHUNK_BYTES):
                await allowance.spend()
                # No name for the chunk: nothing of it is kept while the next credit is awaited.
                await session.send(_chunk(asked.request, content, start))

    @asynccontextmanager
    async def _shared(self, digest: Digest) -> AsyncGenerator[bytes]:
        """Give content that is in memory once, however many (and however slowly) fetch it."""
        shared = self._fetched.setdefault(digest, _Shared())
        shared.users += 1
        try:
            async with shared.reading:
                if shared.content is None:
                    shared.content = await self._parts.shelf.get(digest)
            yield shared.content
        finally:
            shared.users -= 1
            if not shared.users:
                del self._fetched[digest]

    async def _check_fetch(
        self, session: PeerSession, deployment: Deployment, digest: Digest
    ) -> None:
        """Manifests are for everybody; packages for those with a pass, or who may host."""
        service = deployment.service
        if digest == deployment.version:
            return
        if digest != deployment.package:
            raise NotFound(f"{service} has no content {digest.hex()} here")
        listing = self._parts.journal.listing(service)
        now = self._parts.clock.now_unix_s()
        for offer in listing.offers if listing else ():
            is_open = not offer.disabled and not 0 < offer.terms.valid_until_unix_s < now
            if is_open and offer.terms.kind is OfferKind.METERED and not offer.terms.hosted_only:
                return
        if not await self._access.has_pass(service, session.account):
            raise NotEntitled(
                f"{session.account or 'an anonymous peer'} may not have the package of {service}",
                hint=f"buy a pass with: mesg market buy {service}",
            )

    async def _serve_events(self, session: PeerSession, said: Received) -> None:
        asked = said.frame.subscribe
        deployment = self._served(ServiceId(asked.service))
        if asked.event not in ("", "*"):
            deployment.manifest.event(asked.event)
        await self._check_events(session, deployment.service)
        allowance = session.credits(asked.request)
        after = self._events.last(deployment.service) if asked.from_now else asked.after
        if after > SEQUENCE_MAX:
            raise InvalidInput(f"there is no sequence {after}", where="after")
        begun = pb.Event(request=asked.request, sequence=after)  # confirms where it starts
        await session.send(pb.Frame(event=begun))
        following = self._events.follow(deployment.service, after=after, key=asked.event)
        with ungrouped():
            async with trio.open_nursery() as nursery, aclosing(following):
                nursery.start_soon(self._end_with, deployment.service)
                async for event, missed in following:
                    await allowance.spend()
                    message = wire.event_out(event, request=asked.request, missed=missed)
                    await session.send(pb.Frame(event=message))

    async def _end_with(self, service: ServiceId) -> None:
        """Raise ServiceStopped once it runs no more: its listeners may find it elsewhere."""
        await self._announcer.wait_stopped(service)
        raise ServiceStopped(f"{service} is not running here")

    async def _check_events(self, session: PeerSession, service: ServiceId) -> None:
        offer = self._access.metered_offer(service)
        if offer is not None and not offer.terms.price_per_event:
            return
        if not await self._access.has_pass(service, session.account):
            raise NotEntitled(
                f"the events of {service} are for holders of a pass",
                hint=f"buy one with: mesg market buy {service}",
            )

    async def _take_channel(self, session: PeerSession, said: Received) -> None:
        config = wire.config_in(said.frame.channel)
        channel = config.channel_id(self._parts.ledger.addresses.domain)
        if channel in session.announced:
            return
        try:
            await self._accept(session, config)
        except MesgError as error:
            session.note_channel_refused(channel, error)
            raise
        session.note_channel(channel)

    async def _accept(self, session: PeerSession, config: ChannelConfig) -> None:
        state = await self._parts.ledger.channel(config)
        kept, step = self._till.accept(config, state, payer=session.account)
        try:
            await self._parts.journal.save(kept, step)
        except BaseException:
            self._till.forget_unsaved(kept.channel)
            raise

    async def _settle(self, session: PeerSession, said: Received) -> None:
        asked = said.frame.settle
        channel = digest_from(asked.channel_id, what="channel_id")
        if self._till.config(channel).payer != session.account:
            raise NotEntitled("only the payer may settle a channel")
        promised = TokenAmount.from_bytes(asked.voucher.cumulative)
        voucher = Voucher(channel, asked.lane, promised, asked.voucher.signature)
        await self._parts.journal.save(self._till.confirm(voucher))
        await session.send(pb.Frame(settled=pb.Settled(request=asked.request)))

    async def _consent(self, session: PeerSession, said: Received) -> None:
        asked = said.frame.ask_close
        channel = digest_from(asked.channel_id, what="channel_id")
        if not self._till.knows(channel):
            with trio.move_on_after(CHANNEL_WAIT_S_MAX):
                await session.wait_channel(channel)
        if self._till.config(channel).payer != session.account:
            raise NotEntitled("only the payer may ask to close a channel")
        if channel in self._consenting:
            raise Overloaded("the channel is being closed already", hint="wait for that answer")
        self._consenting.add(channel)
        try:
            claimed, signature = await consent_to_close(
                channel,
                till=self._till,
                books=self._parts.journal,
                ledger=self._parts.ledger,
                signer=self._parts.signer,
            )
        finally:
            self._consenting.discard(channel)
        consent = pb.CloseConsent(
            request=asked.request, final_claimed=claimed.to_bytes(), signature=signature
        )
        await session.send(pb.Frame(close_consent=consent))

    def _served(self, service: ServiceId) -> Deployment:
        deployment = self._announcer.served(service)
        if deployment is None:
            raise NotFound(f"{service} is not served here")
        return deployment


def _chunk(request: int, content: bytes, start: int) -> pb.Frame:
    data = content[start : start + CHUNK_BYTES]
    return pb.Frame(chunk=pb.Chunk(request=request, offset=start, size=len(content), data=data))
