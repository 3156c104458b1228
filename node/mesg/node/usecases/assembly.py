"""All use cases tied together: made once per node, opened when its doors are, closed before them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import trio

from mesg.marketplace.buying.purse import Purse
from mesg.marketplace.domain.binding import BINDING_S_MAX, Binding
from mesg.marketplace.domain.errors import KeystoreLocked
from mesg.marketplace.selling.till import Till
from mesg.node.ports import ServiceEndpoint
from mesg.node.protocol.session import Greeting
from mesg.node.supervision import keep_running
from mesg.node.usecases.access import Access
from mesg.node.usecases.announcing import Announcer
from mesg.node.usecases.calling import Caller
from mesg.node.usecases.channels import Channels
from mesg.node.usecases.claiming import Claimer
from mesg.node.usecases.closing import Closing
from mesg.node.usecases.counter import NodeCounter
from mesg.node.usecases.desk import ServiceDesk
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.feeds import EventFeed, ResultFeed
from mesg.node.usecases.fetching import Fetcher
from mesg.node.usecases.following import Follower
from mesg.node.usecases.income import Income
from mesg.node.usecases.last_claims import LastClaims
from mesg.node.usecases.listening import Listener
from mesg.node.usecases.market import Market
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.passes import Passes
from mesg.node.usecases.reckoning import Reckoner
from mesg.node.usecases.remote_call import RemoteCaller
from mesg.node.usecases.restarting import Restarter
from mesg.node.usecases.selling import Selling
from mesg.node.usecases.services import ServiceBook
from mesg.node.usecases.serving import PeerServer
from mesg.node.usecases.serving_calls import CallServer
from mesg.node.usecases.sessions import Sessions
from mesg.node.usecases.trading import Acts
from mesg.node.usecases.wallet import Wallet

STOP_S_MAX = 20.0
"""How long instances may take to stop with the node."""

Unlock = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A node's use cases; `counter` and `desk` are its doors."""

    parts: Parts
    services: ServiceBook
    desk: ServiceDesk
    announcer: Announcer
    adverts: AdvertBook
    sessions: Sessions
    call_server: CallServer
    caller: Caller
    channels: Channels
    follower: Follower
    claimer: Claimer
    last_claims: LastClaims
    reckoner: Reckoner
    counter: NodeCounter
    purse: Purse
    till: Till

    @asynccontextmanager
    async def running(self, endpoint: ServiceEndpoint) -> AsyncGenerator[None]:
        """Run what goes on by itself; leaving the block stops every instance first."""
        self.services.endpoint = endpoint
        async with trio.open_nursery() as nursery:
            await self._start(nursery)
            try:
                yield
            finally:
                with trio.CancelScope(shield=True), trio.move_on_after(STOP_S_MAX):
                    await self.services.stop_all()
                nursery.cancel_scope.cancel()

    async def greet_anew(self) -> None:
        """Act for the account from now on: its wallet was just unlocked."""
        self.announcer.binding = _bind(self.parts)
        self.sessions.greet_anew(_greeting(self.parts, self.announcer.binding))
        self.services.tell_changed()

    async def _start(self, nursery: trio.Nursery) -> None:
        await self.follower.catch_up()
        self.announcer.binding = _bind(self.parts)
        await self.call_server.settle_unfinished()
        await nursery.start(self.call_server.run)
        await nursery.start(self.caller.run)
        greeting = _greeting(self.parts, self.announcer.binding)
        await nursery.start(partial(self.sessions.run, greeting))
        for what, work in (
            ("following the chain", self.follower.run),
            ("announcing", self.announcer.keep_announced),
            ("refreshing adverts", self.adverts.keep_fresh),
            ("watching services", self.services.watch),
            ("claiming", self.claimer.run),
            ("claiming before a close", self.last_claims.run),
            ("reckoning", self.reckoner.run),
            ("restarting", Restarter(self.services).run),
        ):
            nursery.start_soon(keep_running, what, work)
        nursery.start_soon(self.services.start_wanted)


def assemble(parts: Parts, *, unlock: Unlock, stop: trio.Event) -> Assembly:
    """Give every use case what it needs; nothing runs yet."""
    domain = parts.ledger.addresses.domain
    events = EventFeed(parts.journal, parts.clock, parts.network.peer)
    results = ResultFeed()
    desk = ServiceDesk(events, parts.clock)
    access = Access(parts)
    services = ServiceBook(parts, desk, access)
    announcer = Announcer(parts, services, access)
    purse = Purse(parts.journal, parts.signer, domain)
    till = Till(parts.journal, parts.signer, domain)
    call_server = CallServer(parts, announcer, access, desk, till)
    server = PeerServer(parts, announcer, access, events, till, call_server.serve)
    sessions = Sessions(parts.network, parts.clock, server.handle)
    adverts = AdvertBook(parts, sessions)
    fetcher = Fetcher(parts, sessions)
    reckoner = Reckoner(parts, sessions, purse)
    channels = Channels(parts, sessions, adverts, access, purse, till, reckoner)
    remote = RemoteCaller(parts, sessions, purse, access, channels)
    caller = Caller(parts, services, desk, adverts, fetcher, remote, results)
    last_claims = LastClaims(parts, till)
    follower = Follower(parts, access, channels, services, last_claims)

    async def unlock_and_greet(password: str) -> None:
        await unlock(password)
        await assembly.greet_anew()

    acts = Acts(
        selling=Selling(parts, services),
        passes=Passes(parts, access),
        channels=channels,
        closing=Closing(parts, sessions, adverts, purse, channels),
        wallet=Wallet(parts),
        income=Income(parts, till),
    )
    counter = NodeCounter(
        parts,
        services=services,
        caller=caller,
        listener=Listener(parts, services, events, adverts, sessions),
        market=Market(parts, services, adverts, fetcher, access),
        acts=acts,
        access=access,
        follower=follower,
        results=results,
        unlock=unlock_and_greet,
        stop=stop,
    )
    assembly = Assembly(
        parts=parts,
        services=services,
        desk=desk,
        announcer=announcer,
        adverts=adverts,
        sessions=sessions,
        call_server=call_server,
        caller=caller,
        channels=channels,
        follower=follower,
        claimer=Claimer(parts, till),
        last_claims=last_claims,
        reckoner=reckoner,
        counter=counter,
        purse=purse,
        till=till,
    )
    return assembly


def _bind(parts: Parts) -> Binding | None:
    """Return this peer's binding to the account; None while the wallet is locked."""
    now = parts.clock.now_unix_s()
    binding = Binding(parts.network.peer, parts.signer.address, now, now + BINDING_S_MAX)
    try:
        return binding.signed(parts.signer.sign(binding.digest(parts.ledger.addresses.domain)))
    except KeystoreLocked:
        return None


def _greeting(parts: Parts, binding: Binding | None) -> Greeting:
    settings = parts.settings
    return Greeting(settings.network, parts.ledger.addresses, settings.agent, binding)
