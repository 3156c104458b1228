"""Commands that look at executions, asked for here or by others."""

import json

from mesg.marketplace.domain.errors import NotFound
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import Shown

DIGITS_MIN = 6
"""A shorter beginning would soon mean several."""
_NEWEST = "1000"
_COLUMNS = {
    "EXECUTION": "execution",
    "SERVICE": "service",
    "TASK": "task",
    "STATE": "state",
    "CHARGED": "charged",
    "CREATED": "createdAt",
}
_CARD = {
    "Execution": "execution",
    "Service": "service",
    "Task": "task",
    "State": "state",
    "Peer": "peer",
    "Charged": "charged",
    "Error": "error.message",
    "Finished": "finishedAt",
}


async def list_executions(*, most: int = 50, session: InSession) -> None:
    """List the newest executions of this node.

    Example: mesg exec list --most 10

    Args:
        most: How many.
    """
    answer = await session.node.get("executions", query=[("most", str(most))])
    session.show(Shown(answer, _COLUMNS, "execution"))


async def show(execution: str, /, *, session: InSession) -> None:
    """Show what is known of an execution.

    Example: mesg exec show 0x8f2c... --json

    Args:
        execution: Its id, or the beginning of it if it is among the newest.
    """
    answer = await session.node.get("executions", await _whole(session, execution))
    session.show(Shown(answer, _CARD, "execution"))
    if session.output == "table":
        session.terminal.data(json.dumps(answer["outputs"], ensure_ascii=False))


async def _whole(session: Session, text: str) -> str:
    """Return the id that begins like this, as tables show it; a whole one may be older than the newest."""
    digits = text.removeprefix("0x").removesuffix("…").lower()
    if len(digits) < DIGITS_MIN or len(digits) >= 64:
        return text
    answer = await session.node.get("executions", query=[("most", _NEWEST)])
    ids = [one["execution"] for one in answer["items"]]
    found = [one for one in ids if one.startswith(f"0x{digits}")]
    if len(found) != 1:
        raise NotFound(
            f"{len(found)} of the newest executions begin with {text!r}",
            hint="see them with: mesg exec list",
        )
    return str(found[0])
