"""Commands about the seats of a pass: who else may use it."""

from mesg.marketplace.domain.identity import AccountAddress
from mesg.node.cli.acts import DryRun, act
from mesg.node.cli.session import InSession


async def give(
    service: str,
    account: str,
    /,
    *,
    seat: int = 1,
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Let an account use a Service on your pass; who sat there loses the seat.

    Who sits on somebody else's pass moves to yours with: mesg market seat take

    Example: mesg market seat give weather.acme 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --seat 2

    Args:
        service: Its sid.
        account: Who gets the seat.
        seat: Which one, from 1 to one less than the offer's seats: your own is not given away.
    """
    body = {"number": seat, "account": str(AccountAddress.parse(account))}
    path = ("market", "services", service, "seats")
    await act(session, *path, body=body, dry_run=dry_run, id_key="facts.seat")


async def empty(
    service: str, seat: int, /, *, dry_run: DryRun = False, session: InSession
) -> None:
    """Take a seat of your pass back from who sits there.

    Example: mesg market seat empty weather.acme 2

    Args:
        service: Its sid.
        seat: Which one.
    """
    path = ("market", "services", service, "seats")
    await act(session, *path, body={"number": seat}, dry_run=dry_run, id_key="facts.seat")


async def take(
    service: str,
    holder: str,
    /,
    *,
    seat: int = 1,
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Sit on a seat that a holder gave you, instead of the one you sit on.

    Example: mesg market seat take weather.acme 0x70997970C51812dc3A010C7d01b50e0d17dc79C8

    Args:
        service: Its sid.
        holder: Whose pass it is.
        seat: Which one.
    """
    body = {"number": seat, "holder": str(AccountAddress.parse(holder))}
    path = ("market", "services", service, "seats", "take")
    await act(session, *path, body=body, dry_run=dry_run, id_key="facts.seat")


async def leave(service: str, /, *, dry_run: DryRun = False, session: InSession) -> None:
    """Leave the seat that somebody gave you on his pass.

    Example: mesg market seat leave weather.acme

    Args:
        service: Its sid.
    """
    path = ("market", "services", service, "seats", "leave")
    await act(session, *path, dry_run=dry_run, id_key="facts.sid")
