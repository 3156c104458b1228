"""Commands that look at executions, asked for here or by others."""

import json

from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown

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
        execution: Its id.
    """
    answer = await session.node.get("executions", execution)
    session.show(Shown(answer, _CARD, "execution"))
    if session.output == "table":
        session.terminal.data(json.dumps(answer["outputs"], ensure_ascii=False))
