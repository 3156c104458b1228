"""The command that tells what you earned, and where it lies."""

from mesg.node.cli.acts import DryRun, act
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown, cell
from mesg.node.errors import UsageError

_COLUMNS = {
    "SERVICE": "service",
    "COLLECTABLE": "collectable",
    "VESTED": "vested",
    "HELD": "held",
    "PASSES": "passes",
}


async def earnings(
    service: str = "",
    /,
    *,
    settle: bool = False,
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Show what your Services and your account earned: collectable, vested in passes, still held by them.

    Example: mesg market earnings weather.acme --settle

    Args:
        service: One Service of yours; all of them without it.
        settle: Credit what passes have earned by now, so that it can be collected.
    """
    if dry_run and not settle:
        raise UsageError("--dry-run is for --settle: looking sends nothing")
    if settle:
        body = {"service": service or None}
        path = ("market", "earnings", "settle")
        hint = "Next, to send it to your account: mesg wallet collect"
        await act(session, *path, body=body, dry_run=dry_run, id_key="facts.settled", hint=hint)
        return
    query = [("service", service)] if service else []
    answer = await session.node.get("market", "earnings", query=query)
    session.show(Shown(answer, _COLUMNS, "service"))
    if session.output == "table":
        session.terminal.data(f"Your account  {cell(answer['account'])} to collect")
        session.terminal.data(f"Vouchers      {cell(answer['unclaimed'])} to claim")
        session.hint("To get it: mesg channel claim, then mesg wallet collect")
