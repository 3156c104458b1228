"""The command that listens: events as CloudEvents, or results, one JSON object a line."""

import json
from typing import Annotated

from cyclopts import Parameter

from mesg.node.cli.session import InSession


async def listen(
    service: str,
    /,
    *,
    from_: Annotated[str, Parameter("--from")] = "",
    count: int = 0,
    results: bool = False,
    task: str = "",
    tag: list[str] | None = None,
    session: InSession,
) -> None:
    """Print a Service's events as they come, one CloudEvent a line.

    Example: mesg listen erc20:transfer --from 41 --count 10

    Args:
        service: SERVICE or SERVICE:EVENT.
        from_: Resume behind this sequence (the `sequence` of the last event you saw); 0 for all kept.
        count: End after so many; 0 for never.
        results: Listen to results of executions of this node instead of events.
        task: With --results, of this task only.
        tag: With --results, with this tag only; may be repeated.
    """
    sid, _, event = service.partition(":")
    if results:
        query = [("task", task), *(("tag", one) for one in tag or [])]
    else:
        query = [("event", event), *([("after", from_)] if from_ else [])]
    kind = "results" if results else "events"
    async with session.node.open_stream("services", sid, kind, query=query) as lines:
        session.hint(f"Listening to {service}; Ctrl-C ends it")
        seen = 0
        async for line in lines:
            session.terminal.data(json.dumps(line, ensure_ascii=False))
            seen += 1
            if seen == count:
                return
