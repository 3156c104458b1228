"""The command that runs a task."""

import json
from typing import Annotated

from cyclopts import Parameter

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.cli.client import Json
from mesg.node.cli.durations import seconds_of
from mesg.node.cli.pairs import inputs_of
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import Shown, cell, short


async def call(
    service: str,
    task: str,
    /,
    *inputs: Annotated[str, Parameter(allow_leading_hyphen=False)],
    max_price: str = "",
    timeout: str = "30s",
    peer: str = "",
    tag: list[str] | None = None,
    execution: str = "",
    no_wait: bool = False,
    session: InSession,
) -> None:
    """Run a task, here or on a node of the market, pay for it, and print its outputs.

    Example: mesg call weather.acme forecast city=Paris days:=3 --max-price 0.5

    Args:
        service: The Service's sid, or the beginning of a version's hash.
        task: The task's key.
        inputs: name=text, name:=json, or @file.json (@- reads standard input).
        max_price: The most that the call may cost, such as "0.5 MESG".
        timeout: How long to wait, such as 30s or 2m.
        peer: Run it on this node only.
        tag: A tag for those who listen to results; may be repeated.
        execution: Your own id (32 bytes in hexadecimal): the same id never runs or costs twice.
        no_wait: Print the execution's id at once; see it later with mesg exec show.
    """
    seconds = seconds_of(timeout)
    if seconds <= 0:
        raise InvalidInput("the timeout must be positive", where="--timeout")
    body = {
        "service": service,
        "task": task,
        "inputs": inputs_of(inputs),
        "tags": tag or [],
        "maxPrice": max_price or None,
        "timeoutSeconds": seconds,
        "peer": peer or None,
        "execution": execution or None,
    }
    if no_wait:
        begun = await session.node.post("executions", body=body)
        session.show(Shown(begun, {"Execution": "execution"}, "execution"))
        return
    _show_outcome(session, await session.node.post("calls", body=body))


def _show_outcome(session: Session, outcome: Json) -> None:
    if session.output != "table":
        session.show(Shown(outcome, {}, "execution"))
        return
    session.terminal.data(json.dumps(outcome["outputs"], ensure_ascii=False))
    facts = [
        outcome["peer"] or "this node",
        cell(outcome["charged"]),
        f"execution {short(outcome['execution'])}",
    ]
    if outcome["outputKey"]:
        facts.insert(0, f"output {outcome['outputKey']}")
    session.terminal.say("✔ " + " · ".join(facts), "green")
