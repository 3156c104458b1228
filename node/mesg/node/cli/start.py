"""The command that starts the node: here, in the foreground; or behind, as its own process."""

from functools import partial
from typing import Annotated

from cyclopts import Parameter

from mesg.node.cli.detached import start_detached
from mesg.node.cli.durations import seconds_of
from mesg.node.cli.node import NODE_COLUMNS, answers
from mesg.node.cli.pairs import pairs_of
from mesg.node.cli.passwords import password_if_any
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import Shown
from mesg.node.config.load import load_config
from mesg.node.config.model import Config
from mesg.node.doors import NodeView
from mesg.node.keystore import Keystore
from mesg.node.logs import set_up_logs


async def start(
    *,
    detach: bool = False,
    password_file: str = "",
    set_: Annotated[list[str] | None, Parameter("--set")] = None,
    timeout: str = "60s",
    session: InSession,
) -> None:
    """Run the node until it is stopped (Ctrl-C, SIGTERM or mesg stop).

    It works with a locked wallet: it serves and calls what costs nothing, until mesg wallet unlock.

    Example: mesg start --detach

    Args:
        detach: Start it as a process of its own and return once it is ready.
        password_file: A file (mode 0600) with the wallet's password.
        set_: A key of the configuration for this run, as section.key=value; may be repeated.
        timeout: With --detach, how long to wait until it is ready.
    """
    if (running := await answers(session)) is not None:
        session.show(Shown(running, NODE_COLUMNS, "peer"))
        session.terminal.say("The node is already running", "yellow")
        return
    flags = pairs_of(set_ or (), what="--set")
    config = load_config(session.home, environ=session.environ, flags=flags).config
    password = _password(session, config, password_file)
    if not detach:
        await _run_here(session, config, password)
        return
    answer = await start_detached(
        session, set_ or (), password=password, within_s=seconds_of(timeout)
    )
    session.show(Shown(answer, NODE_COLUMNS, "peer"))
    session.terminal.say("Node is ready", "green")


def _password(session: Session, config: Config, password_file: str) -> str | None:
    if not Keystore(session.home.keystore).has(config.wallet.name):
        return None
    return password_if_any(session, password_file or config.wallet.password_file)


async def _run_here(session: Session, config: Config, password: str | None) -> None:
    from mesg.node.app import run_node  # noqa: PLC0415 (seconds of imports, only for a node)

    set_up_logs(level=config.log.level, format_=config.log.format, stream=session.terminal.stderr)
    await run_node(config, password=password, ready=partial(_say_ready, session))


def _say_ready(session: Session, view: NodeView) -> None:
    from mesg.node.api.http.shapes import node  # noqa: PLC0415 (comes with the node)
    from mesg.node.api.http.values import versioned  # noqa: PLC0415 (comes with the node)

    session.show(Shown(versioned(node(view)), NODE_COLUMNS, "peer"))
    for issue in view.issues:
        session.terminal.say(f"! {issue}", "yellow")
    if view.wallet == "locked":
        session.terminal.say("The wallet is locked; unlock it with: mesg wallet unlock", "yellow")
    session.terminal.say("Node is ready", "green")
