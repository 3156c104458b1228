"""Whole nodes in one process: real use cases, sessions and databases; the network and the chain in memory."""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from mesg.marketplace.domain.errors import KeystoreLocked
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.marketplace.testing.memory_market import MemoryMarket
from mesg.node.domain.execution import Json
from mesg.node.doors import CallOutcome, CallRequest
from mesg.node.ports import ServiceEndpoint
from mesg.node.store.database import open_database
from mesg.node.store.journal import SqliteJournal
from mesg.node.store.migrations import MIGRATIONS
from mesg.node.store.shelf import Shelf
from mesg.node.testing.memory_directory import MemoryDirectory
from mesg.node.testing.memory_network import MemoryHub, open_memory_hub
from mesg.node.testing.scripted_runtime import ScriptedRuntime, TaskFunction
from mesg.node.usecases.assembly import Assembly, assemble
from mesg.node.usecases.counter import NodeCounter
from mesg.node.usecases.parts import Parts, Settings

TOKENS = TokenAmount.parse("1000 MESG")
NOWHERE = ServiceEndpoint(tcp="127.0.0.1:1", socket="/nowhere/service.sock")
METERED = OfferTerms(
    kind=OfferKind.METERED,
    price=TokenAmount.parse("0.5 MESG"),
    close_delay_s=3_600,
    author_bps=2_000,
)


@dataclass(slots=True)
class MarketClock:
    """The time of the market in memory: everybody sees the same."""

    market: MemoryMarket

    def now_unix_s(self) -> int:
        """Return the market's time."""
        return self.market.now_unix_s

    def now_unix_ns(self) -> int:
        """Return the market's time, moving on a little with each look."""
        return self.market.now_unix_s * 10**9 + int(trio.current_time() * 10**9) % 10**9


@dataclass(slots=True)
class TestSigner:
    """A key in memory."""

    __test__ = False
    key: AccountKey
    is_locked: bool = False

    @property
    def address(self) -> AccountAddress:
        return self.key.address

    def sign(self, digest: Digest) -> bytes:
        if self.is_locked:
            raise KeystoreLocked("the wallet is locked")
        return self.key.sign(digest)


@dataclass(slots=True)
class TestNode:
    """One node of the world."""

    __test__ = False
    name: str
    assembly: Assembly
    runtime: ScriptedRuntime
    ledger: MemoryLedger
    signer: TestSigner

    @property
    def account(self) -> AccountAddress:
        return self.signer.address

    @property
    def counter(self) -> NodeCounter:
        return self.assembly.counter

    async def call(self, service: str, task: str, inputs: Json, **more: Any) -> CallOutcome:
        return await self.counter.call(CallRequest(service, task, inputs, **more))


@dataclass(slots=True)
class World:
    """The nodes, and what they share."""

    folder: Path
    hub: MemoryHub
    market: MemoryMarket
    nursery: trio.Nursery
    scripts: trio.Nursery
    over: trio.Event = field(default_factory=trio.Event)
    nodes: dict[str, TestNode] = field(default_factory=dict)

    async def open(
        self,
        name: str,
        scripts: Mapping[str, TaskFunction] | None = None,
        settings: Settings | None = None,
    ) -> TestNode:
        """Open a node that lasts as long as the world; its key and folder go by its name."""
        node: TestNode = await self.nursery.start(self._hold, name, scripts, settings)
        return node

    async def _hold(
        self,
        name: str,
        scripts: Mapping[str, TaskFunction] | None,
        settings: Settings | None,
        *,
        task_status: trio.TaskStatus[TestNode] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Keep a node open in a task of its own, whichever fixture asked for it."""
        async with self.node(name, scripts, settings) as node:
            task_status.started(node)
            await self.over.wait()

    @asynccontextmanager
    async def node(
        self,
        name: str,
        scripts: Mapping[str, TaskFunction] | None = None,
        settings: Settings | None = None,
    ) -> AsyncGenerator[TestNode]:
        """Open a node that lasts as long as the block; the same name comes back with its memory."""
        seed = name.encode().ljust(32, b".")
        signer = TestSigner(AccountKey.from_bytes(seed))
        if not self.market.token.balance_of(signer.address):
            self.market.fund(signer.address, TOKENS)
        network = self.hub.join(seed)
        runtime = ScriptedRuntime(self.scripts, scripts or {})
        ledger = MemoryLedger(self.market, signer)
        home = self.folder / name
        home.mkdir(exist_ok=True)
        async with open_database(home / "node.db", MIGRATIONS) as database:
            parts = Parts(
                clock=MarketClock(self.market),
                entropy=os.urandom,
                network=network,
                directory=MemoryDirectory(self.hub, network),
                runtime=runtime,
                shelf=Shelf(home / "packages"),
                journal=SqliteJournal(database),
                ledger=ledger,
                signer=signer,
                settings=settings or Settings(network="test", agent="test", poll_s=0.01),
            )
            assembly = assemble(parts, unlock=_never_locked, stop=trio.Event())
            runtime.desk = assembly.desk
            async with assembly.running(NOWHERE):
                self.nodes[name] = TestNode(name, assembly, runtime, ledger, signer)
                yield self.nodes[name]
        network.leave()

    async def publish(
        self, node: TestNode, folder: Path, *terms: OfferTerms, start: bool = True
    ) -> str:
        """Deploy a folder on a node, publish it with offers, and start it; return its sid."""
        view = await node.counter.deploy(str(folder), {})
        sid = view.deployment.service.sid
        await node.counter.publish(sid)
        for one in terms:
            await node.counter.create_offer(sid, one)
        if start:
            await node.counter.start_service(sid)
        await self.settle()
        return sid

    async def settle(self) -> None:
        """Let every node read the chain to its end."""
        with trio.fail_after(5):
            for node in self.nodes.values():
                while await node.assembly.follower.read_some():
                    pass
        await trio.sleep(0.05)


@asynccontextmanager
async def open_world(folder: Path) -> AsyncGenerator[World]:
    """Give an empty world; leaving the block ends all its nodes."""
    async with (
        open_memory_hub() as hub,
        trio.open_nursery() as scripts,
        trio.open_nursery() as nodes,
    ):
        world = World(folder, hub, MemoryMarket(), nodes, scripts)
        try:
            yield world
        finally:
            world.over.set()
            with trio.CancelScope(shield=True), trio.move_on_after(5):
                while nodes.child_tasks:
                    await trio.sleep(0.01)
            nodes.cancel_scope.cancel()
            scripts.cancel_scope.cancel()


def write_service(folder: Path, manifest: str) -> Path:
    """Write a Service folder with that mesg.yml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mesg.yml").write_text(manifest)
    (folder / "service.py").write_text("# run by a script of the test\n")
    return folder


async def _never_locked(_: str) -> None:
    await trio.lowlevel.checkpoint()


FREE = OfferTerms(kind=OfferKind.METERED, price=ZERO, close_delay_s=3_600)
PASS = OfferTerms(
    kind=OfferKind.PASS, price=TokenAmount.parse("3 MESG"), duration_s=86_400, seats=1
)
