"""Commands about the configuration."""

from mesg.node.cli.config_file import config_text
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown
from mesg.node.config.load import leaves, load_config


def show(*, origin: bool = False, session: InSession) -> None:
    """Show every value in effect.

    Example: mesg config show --origin

    Args:
        origin: Also say who set each value: a flag, a variable, the file, or nobody (default).
    """
    loaded = load_config(session.home, environ=session.environ)
    values = dict(leaves(loaded.config))
    if not origin:
        session.show(Shown({"apiVersion": "v1", **values}))
        return
    items = [
        {"key": key, "value": value, "origin": loaded.origins[key]}
        for key, value in values.items()
    ]
    columns = {"KEY": "key", "VALUE": "value", "ORIGIN": "origin"}
    session.show(Shown({"apiVersion": "v1", "items": items}, columns, "key"))


def path(*, session: InSession) -> None:
    """Print where the configuration file is, whether it exists or not.

    Example: mesg config path
    """
    columns = {"Path": "path"}
    shape = {"apiVersion": "v1", "path": str(session.home.config_file)}
    if session.output == "table":
        session.terminal.data(shape["path"])
        return
    session.show(Shown(shape, columns, "path"))


def example(*, session: InSession) -> None:
    """Print a configuration file with every key, its meaning and its default.

    Example: mesg config example > config.toml
    """
    session.terminal.data(config_text().rstrip("\n"))
