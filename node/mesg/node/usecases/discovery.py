"""Finding who runs a Service: a cache of checked adverts, filled by the DHT and kept fresh behind the calls."""

from collections.abc import Sequence

import structlog
import trio

from mesg.marketplace.domain.errors import MesgError, Refused
from mesg.marketplace.domain.identity import Digest, PeerId, ServiceId
from mesg.node.domain.advert import Advert, supersedes
from mesg.node.domain.selection import Experience, learned, rank
from mesg.node.ports import FoundPeer
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.supervision import contained
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.discovery")

FIND_S_MAX = 12.0
ASK_S_MAX = 6.0
PROVIDERS_WANTED = 8
SERVICES_FRESH_MAX = 256
"""Services whose adverts are kept fresh; the longest unused is forgotten."""
REFRESH_S = 60.0
ADVERTS_IN_ANSWER_MAX = 4


def service_key(service: ServiceId) -> bytes:
    """Return what a Service's providers are found under in the DHT."""
    return b"mesg-service:" + service.sid.encode()


def version_key(version: Digest) -> bytes:
    """Return what those who have a version are found under in the DHT."""
    return b"mesg-version:" + version


class AdvertBook:
    """What other nodes truly said they run."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions
        self._adverts: dict[tuple[ServiceId, PeerId], Advert] = {}
        self._used: dict[ServiceId, float] = {}
        self._finding: dict[ServiceId, trio.Event] = {}
        self._experience: dict[PeerId, Experience] = {}

    def known(self, service: ServiceId) -> list[Advert]:
        """Return the adverts that hold now, without asking anybody."""
        now = self._parts.clock.now_unix_s()
        return [
            advert
            for (about, _), advert in self._adverts.items()
            if about == service and advert.expires_at_unix_s >= now
        ]

    async def find(self, service: ServiceId, *, anew: bool = False) -> list[Advert]:
        """Return who has a Service, from the cache if it knows anybody; empty if nobody answers."""
        self._touch(service)
        known = self.known(service)
        if known and not anew:
            return known
        while service in self._finding:
            await self._finding[service].wait()
            if known := self.known(service):
                return known
        done = self._finding[service] = trio.Event()
        try:
            with trio.move_on_after(FIND_S_MAX):
                await self._ask_around(service)
        finally:
            del self._finding[service]
            done.set()
        return self.known(service)

    def ranked(self, adverts: Sequence[Advert]) -> list[Advert]:
        """Return those that run the Service, whom to ask first."""
        return rank(adverts, self._experience)

    def learn(self, peer: PeerId, *, latency_s: float | None) -> None:
        """Remember how a call to a peer went; None for a failure."""
        before = self._experience.get(peer, Experience())
        self._experience[peer] = learned(before, latency_s=latency_s)

    def take(self, advert: Advert) -> bool:
        """Keep an advert if it is genuine, current and newer than what is known; else ignore it."""
        try:
            advert.check(
                self._parts.ledger.addresses.domain, now_unix_s=self._parts.clock.now_unix_s()
            )
        except Refused as error:
            log.info("advert_ignored", peer=advert.peer, code=error.code, why=error.message)
            return False
        key = (advert.service, advert.peer)
        if not supersedes(advert, self._adverts.get(key)):
            return False
        self._adverts[key] = advert
        return True

    def forget(self, service: ServiceId, peer: PeerId) -> None:
        """Drop the advert of a peer that does not answer, or no longer runs the Service."""
        self._adverts.pop((service, peer), None)

    async def keep_fresh(self) -> None:
        """Ask again, in the background and for ever, for the Services that are in use."""
        while True:
            await trio.sleep(REFRESH_S)
            for service in list(self._used):
                with contained(f"refreshing {service}"):
                    await self.find(service, anew=True)

    async def _ask_around(self, service: ServiceId) -> None:
        key = service_key(service)
        found = await self._parts.directory.find(key, want=PROVIDERS_WANTED)
        async with trio.open_nursery() as nursery:
            for peer in found:
                if peer.peer != self._parts.network.peer:
                    nursery.start_soon(self._ask, service, peer)

    async def _ask(self, service: ServiceId, found: FoundPeer) -> None:
        with trio.move_on_after(ASK_S_MAX):
            try:
                session = await self._sessions.to(found.peer, found.addresses)
                asked = pb.Frame(ask_adverts=pb.AskAdverts(service=service.sid))
                said = await session.ask(asked)
                for message in said.frame.adverts.adverts[:ADVERTS_IN_ANSWER_MAX]:
                    advert = wire.advert_in(message)
                    if (advert.peer, advert.service) == (found.peer, service):
                        self.take(advert)
            except MesgError as error:
                self.forget(service, found.peer)
                log.info("provider_lost", peer=found.peer, code=error.code, why=error.message)

    def _touch(self, service: ServiceId) -> None:
        self._used.pop(service, None)
        self._used[service] = trio.current_time()
        while len(self._used) > SERVICES_FRESH_MAX:
            gone = next(iter(self._used))
            del self._used[gone]
            for key in [key for key in self._adverts if key[0] == gone]:
                del self._adverts[key]
