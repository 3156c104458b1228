"""Commands about channels: tokens reserved for the nodes that serve you, and what you are owed."""

from typing import Annotated

from cyclopts import Parameter

from mesg.node.cli.acts import DryRun, act
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
    service: str,
    /,
    *,
    amount: str,
    peer: str = "",
    dry_run: DryRun = False,
    session: InSession,
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
    hint = f"Next: mesg call {service} TASK"
    await act(session, "channels", body=body, dry_run=dry_run, id_key="facts.channel", hint=hint)


async def top_up(
    channel: str, amount: str, /, *, dry_run: DryRun = False, session: InSession
) -> None:
    """Reserve more tokens on a channel you pay on, from your wallet.

    Example: mesg channel topup 0x4f6e21 5

    Args:
        channel: Its id, or the beginning of it.
        amount: How much more, such as "5 MESG".
    """
    path = ("channels", channel, "topup")
    await act(session, *path, body={"amount": amount}, dry_run=dry_run, id_key="facts.reserved")


async def list_channels(*, session: InSession) -> None:
    """List your channels, those you pay on and those you are paid on.

    Example: mesg channel list
    """
    session.show(Shown(await session.node.get("channels"), _COLUMNS, "channel"))


async def claim(*, dry_run: DryRun = False, session: InSession) -> None:
    """Cash every voucher that has something worth its gas to give, as few transactions as possible.

    Example: mesg channel claim
    """
    hint = "Next, to send it to your account: mesg wallet collect"
    await act(session, "channels", "claim", dry_run=dry_run, id_key="facts.claimed", hint=hint)


async def close(
    channel: str,
    /,
    *,
    unilateral: bool = False,
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Close a channel you pay on: at once if its operator consents, else after its delay.

    Example: mesg channel close 0x4f6e

    Args:
        channel: Its id, or the beginning of it.
        unilateral: Do not ask the operator; wait for the channel's delay.
    """
    body = {"cooperative": not unilateral}
    path = ("channels", channel, "close")
    answer = await act(session, *path, body=body, dry_run=dry_run, id_key="facts.channel")
    if answer["facts"].get("closesAt"):
        session.hint(f"At {answer['facts']['closesAt']}, to finish it: mesg channel withdraw")
    elif not dry_run:
        session.hint("What is left lies in your vault; to your wallet: mesg channel withdraw")


async def withdraw(
    channel: str = "",
    /,
    *,
    to_wallet: Annotated[bool, Parameter(negative="--no-to-wallet")] = True,
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Finish the closes whose delay is over, and send what lies in your vault to your wallet.

    Example: mesg channel withdraw

    Args:
        channel: One channel only, by its id or the beginning of it.
        to_wallet: Empty the vault too.
    """
    body = {"channel": channel or None, "toWallet": to_wallet}
    path = ("channels", "withdraw")
    answer = await act(session, *path, body=body, dry_run=dry_run, id_key="facts.finished")
    if answer["facts"].get("nextAt"):
        session.hint(f"Others wait for their delay, the next until {answer['facts']['nextAt']}")
