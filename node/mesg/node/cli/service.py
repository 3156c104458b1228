"""Commands about the Services on this node."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mesg.marketplace.domain.errors import NotFound
from mesg.node.cli.pairs import environment_of
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown

_COLUMNS = {
    "SERVICE": "service",
    "STATUS": "status",
    "ORIGIN": "origin",
    "RUNTIME": "runtime",
    "VERSION": "version",
}
_CARD = {
    "Service": "service",
    "Name": "name",
    "Description": "description",
    "Status": "status",
    "Origin": "origin",
    "Runtime": "runtime",
    "Version": "version",
    "Package": "package",
    "Environment": "environment",
    "Deployed": "deployedAt",
}
Env = Annotated[list[str] | None, Parameter(help="NAME=value for the Service; may be repeated.")]


async def deploy(
    source: str, /, *, env: Env = None, start: bool = False, session: InSession
) -> None:
    """Take a Service from a folder with a mesg.yml, or one you bought by its sid.

    Example: mesg service deploy ./greeter --env KEY=value --start

    Args:
        source: The folder, or the sid of a Service you have a pass for.
        start: Start it too.
    """
    body = {"source": _source(source), "environment": environment_of(env)}
    answer = await session.node.post("services", body=body)
    sid = answer["service"]
    if start:
        answer = await session.node.post("services", sid, "start")
    session.show(Shown(answer, _CARD, "service"))
    if not start:
        session.hint(f"Next: mesg service start {sid}")


def _source(text: str) -> str:
    """Return an absolute folder, or the sid; raise NotFound for a path where nothing is."""
    path = Path(text).expanduser()
    if path.exists():
        return str(path.resolve())
    if "/" in text or text.startswith((".", "~")):
        raise NotFound(f"there is no folder {text}")
    return text


async def start(service: str, /, *, session: InSession) -> None:
    """Start a Service and wait until it listens.

    Example: mesg service start greeter

    Args:
        service: Its sid, or the beginning of its version's hash.
    """
    answer = await session.node.post("services", service, "start")
    session.show(Shown(answer, _CARD, "service"))


async def stop(service: str, /, *, session: InSession) -> None:
    """Stop a Service; its data stays.

    Example: mesg service stop greeter

    Args:
        service: Its sid, or the beginning of its version's hash.
    """
    answer = await session.node.post("services", service, "stop")
    session.show(Shown(answer, _CARD, "service"))


async def list_services(*, session: InSession) -> None:
    """List the Services on this node.

    Example: mesg service list
    """
    session.show(Shown(await session.node.get("services"), _COLUMNS, "service"))


async def detail(service: str, /, *, session: InSession) -> None:
    """Show a Service with its tasks and events.

    Example: mesg service detail greeter

    Args:
        service: Its sid, or the beginning of its version's hash.
    """
    answer = await session.node.get("services", service)
    session.show(Shown(answer, _CARD, "service"))
    if session.output == "table":
        for task in answer["tasks"]:
            session.terminal.data(f"Task   {task['key']}({_signature(task['inputs'])})")
        for event in answer["events"]:
            session.terminal.data(f"Event  {event['key']}({_signature(event['data'])})")


def _signature(parameters: list[dict[str, object]]) -> str:
    return ", ".join(
        f"{one['key']}{'?' * bool(one['optional'])}: {one['type']}{'[]' * bool(one['repeated'])}"
        for one in parameters
    )


async def logs(
    service: str,
    /,
    *,
    follow: Annotated[bool, Parameter(("--follow", "-f"))] = False,
    tail: int = 100,
    session: InSession,
) -> None:
    """Print what a Service wrote.

    Example: mesg service logs greeter --follow

    Args:
        service: Its sid, or the beginning of its version's hash.
        follow: Go on until interrupted.
        tail: How many lines of the past.
    """
    query = [("follow", str(follow).lower()), ("tail", str(tail))]
    async with session.node.open_stream("services", service, "logs", query=query) as lines:
        async for line in lines:
            if session.output == "table":
                prefix = "" if line["dependency"] == "service" else f"{line['dependency']} | "
                session.terminal.data(prefix + printable(line["text"]))
            else:
                session.show(Shown(line))


def printable(text: str) -> str:
    """Take out what could command the terminal: a Service's output is a stranger's."""
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in text)


async def delete(service: str, /, *, delete_data: bool = False, session: InSession) -> None:
    """Stop a Service and forget it.

    Example: mesg service delete greeter --delete-data

    Args:
        service: Its sid, or the beginning of its version's hash.
        delete_data: Delete its data too.
    """
    query = [("deleteData", str(delete_data).lower())]
    await session.node.delete("services", service, query=query)
    session.terminal.say(f"Deleted {service}", "green")


async def host(service: str, /, *, env: Env = None, session: InSession) -> None:
    """Fetch a Service of the market, run it for others and earn.

    Example: mesg host weather.acme --env API_KEY=...

    Args:
        service: Its sid.
    """
    body = {"environment": environment_of(env)}
    answer = await session.node.post("services", service, "host", body=body)
    session.show(Shown(answer, _CARD, "service"))
    session.hint("See what you are owed: mesg channel list")
