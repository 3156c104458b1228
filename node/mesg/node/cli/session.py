"""What every command is given: the home, the terminal, the way to show things, the way to the node."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from mesg.node.cli.client import NodeClient
from mesg.node.cli.show import Shown, shown
from mesg.node.cli.terminal import Terminal
from mesg.node.config.home import Home
from mesg.node.errors import UsageError

OutputForm = Literal["table", "json", "ndjson", "id"]


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command."""

    home: Home
    environ: Mapping[str, str]
    terminal: Terminal
    output: OutputForm = "table"
    yes: bool = False
    debug: bool = False

    @property
    def node(self) -> NodeClient:
        """The way to the node of this home."""
        return NodeClient(self.home.socket)

    def show(self, what: Shown) -> None:
        """Print data in the form that was asked for."""
        for line in shown(what, self.output):
            self.terminal.data(line)

    def hint(self, text: str) -> None:
        """Suggest what to do next, unless a program reads."""
        if self.output == "table":
            self.terminal.say(text, "dim")

    def confirm(self, question: str, *, flags: str) -> None:
        """Go on only if a person says yes; raise UsageError naming the flags that say it for him."""
        if not self.terminal.can_ask:
            raise UsageError("this needs your consent, and nobody can be asked", hint=flags)
        if not self.terminal.confirm(question):
            raise UsageError("you said no; nothing was done")


InSession = Annotated[Session, Parameter(parse=False)]
"""The type of a command's `session` argument: given by `main`, never by the user."""
