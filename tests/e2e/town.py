"""A small market for end-to-end tests: a chain, an author who serves what he sells, and a buyer; all real processes."""

import json
import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from story.devnet import Devnet, open_devnet
from story.nodes import MESG, StoryNode, running

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "contracts"
SOLD = ROOT / "examples" / "transfer-message"
SID = "transfer-message"
INPUTS = ("from=alice", "to=bob", "value=1000000000000000000")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the data it printed."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """Return the error it printed, as scripts read it."""
        error: dict[str, Any] = json.loads(self.err)["error"]
        return error


@dataclass(slots=True)
class Town:
    """The running market."""

    net: Devnet
    author: StoryNode
    buyer: StoryNode
    folder: Path

    def mesg(self, node: StoryNode, *arguments: str, **environment: str) -> Answer:
        """Run a command with --json on a node, whatever comes of it."""
        command = [MESG, "--home", str(node.home), "--json", "--no-input", *arguments]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
            env=os.environ | environment,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def state(self, node: StoryNode) -> Any:
        """Return all that a refused command must not change."""
        transport = httpx2.HTTPTransport(uds=str(node.home / "run" / "node.sock"))
        with httpx2.Client(transport=transport, base_url="http://node/v1") as client:
            paths = ("wallet/balances", "channels", "executions", "services")
            return [client.get(f"/{path}").raise_for_status().json() for path in paths]


@asynccontextmanager
async def open_town(folder: Path) -> AsyncGenerator[Town]:
    """Open the market: `transfer-message` is served by its author at half a token per call."""
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text("for tests only")
    async with open_devnet(CACHE) as net:
        author, buyer = StoryNode("author", folder / "a"), StoryNode("buyer", folder / "b")
        await author.init(net, password, [])
        async with running(author):
            await author.learn()
            await buyer.init(net, password, [author.address])
            async with running(buyer):
                await buyer.learn()
                for node in (author, buyer):
                    account = AccountAddress.parse(node.account)
                    await net.fund(account, TokenAmount.parse("100"))
                await _sell(author)
                yield Town(net, author, buyer, folder)


async def _sell(author: StoryNode) -> None:
    await author.mesg("service", "deploy", str(SOLD))
    await author.mesg("market", "publish", SID, "--max-fee", "2")
    await author.mesg("market", "offer", "create", SID, "--per-call", "0.5")
    await author.mesg("service", "start", SID)
