"""Commands about the running node: status, stop, id, peers."""

import trio

from mesg.node.cli.client import Json, ProblemAnswered
from mesg.node.cli.ending import watching_process_behind
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown
from mesg.node.errors import NodeNotRunning, Problem

STOP_S_MAX = 30.0
"""A node that still answers after that is not stopping."""
_POLL_S = 0.05

NODE_COLUMNS = {
    "Version": "version",
    "Peer": "peer",
    "Account": "account",
    "Wallet": "wallet",
    "P2P": "addresses",
    "Peers": "peers",
    "Chain id": "chainId",
    "Chain": "chain",
    "Runtime": "runtime",
    "Services": "services",
    "gRPC": "coreApi",
    "Up (s)": "uptimeSeconds",
}


async def status(*, session: InSession) -> None:
    """Show the node at a glance, and what is wrong with it in words.

    Example: mesg status --json
    """
    answer = await session.node.get("node")
    session.show(Shown(answer, NODE_COLUMNS, "peer"))
    for issue in answer["issues"]:
        session.terminal.say(f"! {issue}", "yellow")


async def stop(*, session: InSession) -> None:
    """Stop the node and wait until it has ended.

    Example: mesg stop
    """
    async with watching_process_behind(session.home.socket) as has_ended:
        await session.node.post("node", "stop")
        with trio.move_on_after(STOP_S_MAX) as waiting:
            while await answers(session):  # noqa: ASYNC110 (another process has no event)
                await trio.sleep(_POLL_S)
            await has_ended()
    if waiting.cancelled_caught:
        raise ProblemAnswered(
            Problem("deadline_exceeded", f"the node still runs after {STOP_S_MAX:.0f} s")
        )
    session.terminal.say("The node has stopped", "green")


async def answers(session: InSession) -> Json | None:
    """Return the node at a glance, None if it does not run."""
    try:
        return await session.node.get("node")
    except NodeNotRunning:
        return None


async def identity(*, session: InSession) -> None:
    """Show the node's peer id, its addresses and its account.

    Example: mesg node id -q
    """
    answer = await session.node.get("node")
    columns = {"Peer": "peer", "Account": "account", "Addresses": "addresses"}
    peer = answer["peer"]
    shape = {
        "apiVersion": answer["apiVersion"],
        "peer": peer,
        "account": answer["account"],
        "addresses": [f"{address}/p2p/{peer}" for address in answer["addresses"]],
    }
    session.show(Shown(shape, columns, "peer"))


async def peers(*, session: InSession) -> None:
    """List the connected peers.

    Example: mesg node peers
    """
    columns = {"PEER": "peer", "ADDRESS": "address", "DIRECTION": "direction", "AGENT": "agent"}
    session.show(Shown(await session.node.get("node", "peers"), columns, "peer"))
