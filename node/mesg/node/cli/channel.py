"""Commands about channels: tokens reserved for the nodes that serve you, and what you are owed."""

from mesg.node.cli.market import show_done
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown
from mesg.node.errors import UsageError

_COLUMNS = {
    "CHANNEL": "channel",
    "ROLE": "role",
    "SERVICE": "service",
    "WITH": "counterparty",
    "PHASE": "phase",
    "RESERVED": "reserved",
    "CHARGED": "charged",
    "CLAIMED": "claimed",
}


async def open_channel(
    service: str, /, *, amount: str, peer: str = "", session: InSession
) -> None:
    """Reserve tokens for a node that runs a Service, so that calls can be paid without the chain.

    Example: mesg channel open weather.acme --amount 10

    Args:
        service: The Service's sid.
        amount: How much to reserve; what is not spent comes back when the channel is closed.
        peer: The node; the best one is chosen without it.
    """
    if service.startswith("12D3KooW"):
        raise UsageError(
            "a channel is for one Service on a node",
            hint=f"mesg channel open SERVICE --peer {service} --amount {amount}",
        )
    body = {"service": service, "amount": amount, "peer": peer or None}
    answer = await session.node.post("channels", body=body)
    show_done(session, answer, "facts.channel")
    session.hint(f"Next: mesg call {service} TASK")


async def list_channels(*, session: InSession) -> None:
    """List your channels, those you pay on and those you are paid on.

    Example: mesg channel list
    """
    session.show(Shown(await session.node.get("channels"), _COLUMNS, "channel"))


async def claim(*, session: InSession) -> None:
    """Cash every voucher that has something to give, in one transaction.

    Example: mesg channel claim
    """
    show_done(session, await session.node.post("channels", "claim"), "facts.claimed")
    session.hint("Next, to send it to your account: mesg wallet collect")


async def close(channel: str, /, *, unilateral: bool = False, session: InSession) -> None:
    """Close a channel you pay on: at once if its operator consents, else after its delay.

    Example: mesg channel close 0x4f6e

    Args:
        channel: Its id, or the beginning of it.
        unilateral: Do not ask the operator; wait for the channel's delay.
    """
    body = {"cooperative": not unilateral}
    answer = await session.node.post("channels", channel, "close", body=body)
    show_done(session, answer, "facts.channel")
