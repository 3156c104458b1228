"""The composition root: the one place where a port meets an adapter, and where a node begins and ends."""

import os
import random
import secrets
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import resources

import structlog
import trio
from mesg.node.runtime.docker import docker_is_there, open_docker_runtime

from mesg.marketplace.buying.purse import Purse
from mesg.marketplace.chain.deployment import parse_deployment
from mesg.marketplace.chain.ledger import open_ledger
from mesg.marketplace.domain.binding import BINDING_S_MAX, Binding
from mesg.marketplace.domain.errors import EngineUnavailable, KeystoreLocked, Refused
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.ports import MarketAddresses
from mesg.marketplace.selling.till import Till
from mesg.node.api.grpc.server import open_grpc_api
from mesg.node.api.http.server import open_http_api
from mesg.node.clock import SystemClock
from mesg.node.config.home import Home
from mesg.node.config.model import Config
from mesg.node.doors import Counter, NodeView
from mesg.node.keystore import Keystore, KeystoreSigner
from mesg.node.p2p.host import open_host
from mesg.node.p2p.identity import load_identity
from mesg.node.ports import Runtime
from mesg.node.protocol.session import Greeting
from mesg.node.runtime.process import open_process_runtime
from mesg.node.store.database import open_database
from mesg.node.store.journal import SqliteJournal
from mesg.node.store.migrations import MIGRATIONS
from mesg.node.store.shelf import Shelf
from mesg.node.supervision import keep_running
from mesg.node.usecases.access import Access
from mesg.node.usecases.announcing import Announcer
from mesg.node.usecases.calling import Caller
from mesg.node.usecases.channels import Channels
from mesg.node.usecases.claiming import Claimer
from mesg.node.usecases.counter import VERSION, NodeCounter
from mesg.node.usecases.desk import ServiceDesk
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.feeds import EventFeed, ResultFeed
from mesg.node.usecases.fetching import Fetcher
from mesg.node.usecases.following import Follower
from mesg.node.usecases.listening import Listener
from mesg.node.usecases.market import Market
from mesg.node.usecases.parts import Parts, Settings
from mesg.node.usecases.remote_call import RemoteCaller
from mesg.node.usecases.services import ServiceBook
from mesg.node.usecases.serving import PeerServer
from mesg.node.usecases.serving_calls import CallServer
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.app")

SOCKET_PATH_MAX = 100
"""Unix socket paths end at 107 bytes; leave room for the names below the home."""


@dataclass(frozen=True, slots=True)
class _Rooms:
    """The use cases, tied together."""

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
    listener: Listener
    market: Market
    access: Access
    results: ResultFeed


async def run_node(
    config: Config, *, password: str | None, ready: Callable[[NodeView], None]
) -> None:
    """Run a node until SIGINT, SIGTERM or `mesg stop`; call `ready` once it serves."""
    stop = trio.Event()
    async with open_node(config, password=password, stop=stop) as counter:
        ready(await counter.node())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_stop_on_signal, stop)
            await stop.wait()
            nursery.cancel_scope.cancel()
        log.info("stopping")


@asynccontextmanager
async def open_node(
    config: Config, *, password: str | None, stop: trio.Event | None = None
) -> AsyncGenerator[Counter]:
    """Open everything, from the disk up to the doors; leaving the block leaves nothing behind."""
    stop = stop or trio.Event()
    home = config.home
    _prepare(home)
    signer = KeystoreSigner(Keystore(home.keystore), config.wallet.name)
    if password is not None:
        await signer.unlock(password)
    identity = load_identity(home.identity)
    rng = random.Random(secrets.randbits(128))  # noqa: S311 - jitter only
    async with (
        open_database(home.database, MIGRATIONS) as database,
        open_ledger(
            config.chain.rpc_urls, market_of(config), signer, poll_s=config.chain.poll_s
        ) as ledger,
        open_runtime(config) as runtime,
        open_host(
            identity=identity,
            network_name=config.network.name,
            listen=config.network.listen,
            announce=config.network.announce,
            bootstrap=config.network.bootstrap,
            rng=rng,
        ) as host,
    ):
        parts = Parts(
            clock=SystemClock(),
            entropy=os.urandom,
            network=host.network,
            directory=host.directory,
            runtime=runtime,
            shelf=Shelf(home.packages),
            journal=SqliteJournal(database),
            ledger=ledger,
            signer=signer,
            settings=_settings(config),
        )
        async with _serve(parts, signer, config, stop) as counter:
            yield counter


@asynccontextmanager
async def open_runtime(config: Config) -> AsyncGenerator[Runtime]:
    """Open the runtime that the configuration asks for; `auto` takes Docker if it answers."""
    kind = config.runtime.kind
    socket = config.runtime.docker_socket
    if kind == "auto":
        kind = "docker" if await docker_is_there(socket) else "process"
        log.info("runtime_chosen", kind=kind)
    if kind == "docker":
        if not await docker_is_there(socket):
            raise EngineUnavailable(
                f"no Docker engine answers at {socket}",
                hint='start it, or set runtime.kind = "process"',
            )
        async with open_docker_runtime(
            socket=socket, allow_network=config.runtime.allow_network
        ) as docker:
            yield docker
    else:
        async with open_process_runtime(config.home.instances) as process:
            yield process


def market_of(config: Config) -> MarketAddresses:
    """Return where the market is: as configured, or the known deployment of that chain."""
    chain = config.chain
    if chain.token and chain.registry and chain.pay:
        return MarketAddresses(chain.chain_id, chain.token, chain.registry, chain.pay)
    known = resources.files("mesg.marketplace.chain") / "deployments" / f"{chain.chain_id}.json"
    if not known.is_file():
        raise Refused(
            f"no deployment of the market on chain {chain.chain_id} is known",
            where="chain",
            hint="set chain.token, chain.registry and chain.pay in config.toml",
        )
    return parse_deployment(known.read_text())[0]


@asynccontextmanager
async def _serve(
    parts: Parts, signer: KeystoreSigner, config: Config, stop: trio.Event
) -> AsyncGenerator[Counter]:
    """Open the doors, start what runs behind them, and stop all in the opposite order."""
    rooms = _tie(parts)

    async def unlock(password: str) -> None:
        await signer.unlock(password)
        rooms.announcer.binding = _bind(parts)
        rooms.sessions.greet_anew(_greeting(parts, rooms.announcer.binding))
        rooms.services.tell_changed()

    counter = NodeCounter(
        parts,
        services=rooms.services,
        caller=rooms.caller,
        listener=rooms.listener,
        market=rooms.market,
        channels=rooms.channels,
        access=rooms.access,
        follower=rooms.follower,
        results=rooms.results,
        unlock=unlock,
        stop=stop,
    )
    token = application_token(config.home)
    run = config.home.run
    async with (
        trio.open_nursery() as nursery,
        open_grpc_api(
            desk=rooms.desk,
            counter=counter,
            listen=config.api.grpc,
            service_socket=str(run / "service" / "service.sock"),
            core_socket=str(run / "core" / "core.sock"),
            application_token=token,
        ) as grpc,
    ):
        rooms.services.endpoint = grpc.service
        await _start(nursery, parts, rooms)
        async with open_http_api(
            counter, socket_path=config.home.socket, tcp=config.api.http or None, token=token
        ):
            try:
                yield counter
            finally:
                with trio.CancelScope(shield=True), trio.move_on_after(20):
                    await rooms.services.stop_all()
        nursery.cancel_scope.cancel()


async def _start(nursery: trio.Nursery, parts: Parts, rooms: _Rooms) -> None:
    rooms.announcer.binding = _bind(parts)
    await rooms.call_server.settle_unfinished()
    await nursery.start(rooms.call_server.run)
    await nursery.start(rooms.caller.run)
    greeting = _greeting(parts, rooms.announcer.binding)
    await nursery.start(partial(rooms.sessions.run, greeting))
    for name, work in (
        ("following the chain", rooms.follower.run),
        ("announcing", rooms.announcer.keep_announced),
        ("refreshing adverts", rooms.adverts.keep_fresh),
        ("watching services", rooms.services.watch),
        ("claiming", rooms.claimer.run),
    ):
        nursery.start_soon(keep_running, name, work)
    nursery.start_soon(rooms.services.start_wanted)


def _tie(parts: Parts) -> _Rooms:
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
    channels = Channels(parts, sessions, adverts, access, purse, till)
    remote = RemoteCaller(parts, sessions, purse, access, channels)
    return _Rooms(
        services=services,
        desk=desk,
        announcer=announcer,
        adverts=adverts,
        sessions=sessions,
        call_server=call_server,
        caller=Caller(parts, services, desk, adverts, fetcher, remote, results),
        channels=channels,
        follower=Follower(parts, access, channels, services),
        claimer=Claimer(parts, till),
        listener=Listener(parts, services, events, adverts, sessions),
        market=Market(parts, services, adverts, fetcher, access),
        access=access,
        results=results,
    )


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


def _settings(config: Config) -> Settings:
    market = config.market
    return Settings(
        network=config.network.name,
        agent=f"mesg/{VERSION}",
        channel_amount=market.channel_amount if market.channel_budget else ZERO,
        channel_budget=market.channel_budget,
        claim_after=market.claim_after,
        poll_s=config.chain.poll_s,
    )


def application_token(home: Home) -> str:
    """Return the secret that applications show on TCP, made once and readable by its owner only."""
    if not home.token_file.exists():
        descriptor = os.open(home.token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return home.token_file.read_text().strip()


def _prepare(home: Home) -> None:
    longest = str(home.run / "service" / "service.sock")
    if len(longest) > SOCKET_PATH_MAX:
        raise Refused(
            f"the home {home.path} is too deep for unix sockets: {len(longest)} bytes",
            hint="use a shorter --home",
        )
    for folder in (home.path, home.run, home.run / "core", home.packages, home.instances):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home.run / "service").mkdir(mode=0o711, exist_ok=True)


async def _stop_on_signal(stop: trio.Event) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop.set()
            return
