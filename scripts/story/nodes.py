"""A node of the story as its user sees it: a home, a process, and the `mesg` command."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from story.devnet import Devnet

MESG = str(Path(sys.executable).parent / "mesg")
STOP_S_MAX = 15.0
READY_S_MAX = 60.0


class StepFailed(Exception):
    """A command of the story did not do what it should."""


@dataclass(slots=True)
class StoryNode:
    """One of the three; it knows nothing but its own home."""

    name: str
    home: Path
    account: str = ""
    peer: str = ""
    address: str = ""
    """Where others may dial it, with its peer id."""
    core_api: str = ""

    @property
    def log_path(self) -> Path:
        """Where its output goes."""
        return self.home / "logs" / "story.log"

    async def mesg(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON the command prints
        """Run a user command on this node and return the JSON it prints; raise StepFailed."""
        command = [MESG, "--home", str(self.home), "--json", "--yes", *arguments]
        done = await trio.run_process(
            command, capture_stdout=True, capture_stderr=True, check=False, env=_environment()
        )
        if done.returncode != 0:
            shown = " ".join(["mesg", *arguments])
            raise StepFailed(
                f"`{shown}` on the {self.name}'s node: {done.stderr.decode().strip()}"
            )
        return json.loads(done.stdout) if done.stdout.strip() else {}

    async def init(self, net: Devnet, password_file: Path, bootstrap: Sequence[str]) -> None:
        """Make its home: an identity, a wallet, a configuration with one bootstrap address at most."""
        market = net.market
        settings = {
            "chain.token": market.token,
            "chain.registry": market.registry,
            "chain.pay": market.pay,
            "chain.poll_s": "0.2",
            "chain.confirmations": "0",
            "runtime.kind": "process",
            "market.claim_after": "0 MESG",
        }
        flags = [f"--set={key}={value}" for key, value in settings.items()]
        made = await self.mesg(
            "init",
            *("--network", "mesg-story", "--password-file", str(password_file)),
            *("--listen", "/ip4/127.0.0.1/tcp/0", "--grpc", "127.0.0.1:0"),
            *("--rpc-url", net.url),
            *[f"--bootstrap={address}" for address in bootstrap],
            *flags,
        )
        self.account = made["account"]

    async def learn(self) -> None:
        """Ask the running node who and where it is."""
        seen = await self.mesg("status")
        self.peer, self.core_api = seen["peer"], seen["coreApi"]
        self.address = f"{seen['addresses'][0]}/p2p/{self.peer}"


@asynccontextmanager
async def running(*nodes: StoryNode) -> AsyncGenerator[None]:
    """Run `mesg start` on each for as long as the block lasts; output goes to HOME/logs/story.log."""
    processes: list[trio.Process] = []
    try:
        for node in nodes:
            processes.append(await _begin(node))  # noqa: PERF401 - those begun must be ended
        async with trio.open_nursery() as nursery:
            for node, process in zip(nodes, processes, strict=True):
                nursery.start_soon(_wait_ready, node, process)
        yield
    finally:
        with trio.CancelScope(shield=True):
            async with trio.open_nursery() as nursery:
                for process in processes:
                    nursery.start_soon(_end, process)


async def _begin(node: StoryNode) -> trio.Process:
    with node.log_path.open("wb") as output:
        return await trio.lowlevel.open_process(
            [MESG, "--home", str(node.home), "start"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=_environment(),
        )


async def _wait_ready(node: StoryNode, process: trio.Process) -> None:
    with trio.move_on_after(READY_S_MAX):
        while process.poll() is None:
            if b"Node is ready" in await trio.Path(node.log_path).read_bytes():
                return
            await trio.sleep(0.05)
    tail = (await trio.Path(node.log_path).read_text(errors="replace"))[-1_000:]
    raise StepFailed(f"the {node.name}'s node did not start: {tail}")


async def _end(process: trio.Process) -> None:
    process.terminate()
    with trio.move_on_after(STOP_S_MAX):
        await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MESG_")}
    return kept | {"NO_COLOR": "1"}
