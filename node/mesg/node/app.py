"""The composition root: the one place where a port meets an adapter, and where a node begins and ends."""

import os
import random
import secrets
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib import resources

import structlog
import trio

from mesg.marketplace.chain.deployment import parse_deployment
from mesg.marketplace.chain.ledger import open_ledger
from mesg.marketplace.domain.errors import EngineUnavailable, Refused
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.ports import MarketAddresses
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
from mesg.node.runtime.docker import docker_is_there, open_docker_runtime
from mesg.node.runtime.process import open_process_runtime
from mesg.node.store.database import open_database
from mesg.node.store.journal import SqliteJournal
from mesg.node.store.migrations import MIGRATIONS
from mesg.node.store.shelf import Shelf
from mesg.node.usecases.assembly import assemble
from mesg.node.usecases.counter import VERSION
from mesg.node.usecases.parts import Parts, Settings

log = structlog.get_logger("mesg.app")

SOCKET_PATH_MAX = 100
"""Unix socket paths end at 107 bytes; leave room for the names below the home."""


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
    stop = trio.Event() if stop is None else stop
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
            config.chain.rpc_urls,
            market_of(config)[0],
            signer,
            poll_s=config.chain.poll_s,
            confirmations=config.chain.confirmations,
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
            config.home.instances, socket=socket, allow_network=config.runtime.allow_network
        ) as docker:
            yield docker
    else:
        async with open_process_runtime(config.home.instances) as process:
            yield process


def market_of(config: Config) -> tuple[MarketAddresses, int]:
    """Return where the market is, as configured or as known of that chain, and its first block."""
    chain = config.chain
    if chain.token and chain.registry and chain.pay:
        return MarketAddresses(chain.chain_id, chain.token, chain.registry, chain.pay), 0
    known = resources.files("mesg.marketplace.chain") / "deployments" / f"{chain.chain_id}.json"
    if not known.is_file():
        raise Refused(
            f"no deployment of the market on chain {chain.chain_id} is known",
            where="chain",
            hint="set chain.token, chain.registry and chain.pay in config.toml",
        )
    return parse_deployment(known.read_text())


@asynccontextmanager
async def _serve(
    parts: Parts, signer: KeystoreSigner, config: Config, stop: trio.Event
) -> AsyncGenerator[Counter]:
    """Open the doors around the use cases; instances stop while the doors are still open."""
    node = assemble(parts, unlock=signer.unlock, stop=stop)
    token = application_token(config.home)
    run = config.home.run
    async with (
        open_grpc_api(
            desk=node.desk,
            counter=node.counter,
            listen=config.api.grpc,
            service_socket=str(run / "service" / "service.sock"),
            core_socket=str(run / "core.sock"),
            application_token=token,
        ) as grpc,
        node.running(grpc.service),
        open_http_api(
            node.counter, socket_path=config.home.socket, tcp=config.api.http or None, token=token
        ),
    ):
        yield node.counter


def _settings(config: Config) -> Settings:
    market = config.market
    return Settings(
        network=config.network.name,
        agent=f"mesg/{VERSION}",
        channel_amount=market.channel_amount if market.channel_budget else ZERO,
        channel_budget=market.channel_budget,
        claim_after=market.claim_after,
        poll_s=config.chain.poll_s,
        first_block=market_of(config)[1],
        expects_peers=bool(config.network.bootstrap),
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
    for folder in (home.path, home.run, home.packages, home.instances):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home.run / "service").mkdir(mode=0o711, exist_ok=True)


async def _stop_on_signal(stop: trio.Event) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop.set()
            return
