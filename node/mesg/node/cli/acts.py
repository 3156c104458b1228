"""Commands that send transactions: done and shown, or with --dry-run only tried and shown."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from cyclopts import Parameter

from mesg.node.cli.client import Json
from mesg.node.cli.planned import planned_lines
from mesg.node.cli.session import Session
from mesg.node.cli.show import Shown

DryRun = Annotated[
    bool,
    Parameter(
        help="Send nothing: show each transaction and what it would cost.",
        negative=(),
        show_default=False,
    ),
]


async def act(
    session: Session,
    *parts: str,
    dry_run: bool,
    body: Mapping[str, object] | None = None,
    id_key: str = "",
    hint: str = "",
) -> Json:
    """Ask the node to do it (or to try it), show what came of it, and return that; hint at what is next."""
    asked = {**(body or {}), **({"dryRun": True} if dry_run else {})}
    answer = await session.node.post(*parts, body=asked)
    show_done(session, answer, id_key)
    if hint and not dry_run:
        session.hint(hint)
    return answer


def show_done(session: Session, answer: Json, id_key: str) -> None:
    """Show what a command changed: its facts as data, its transactions beside them."""
    if session.output != "table":
        session.show(Shown(answer, {}, id_key))
        return
    for line in _told(answer):
        session.terminal.say(line, "green")
    for line in planned_lines(answer.get("planned", ()), sid=answer["facts"].get("sid", "")):
        session.terminal.data(line)
    session.show(Shown({"apiVersion": "v1", **answer["facts"]}))
    if "planned" in answer:
        session.hint("Dry run: nothing was sent, signed or kept")


def _told(answer: Json) -> Iterator[str]:
    for one in answer.get("transactions", ()):
        yield (
            f"✔ {one['action']} {one['transaction']} (block {one['block']}, {one['gasUsed']} gas)"
        )
