"""The three streams of a command: data goes out, everything else beside it, questions to a person only."""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from mesg.node.errors import UsageError

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Terminal:
    """Standard input, output and error, and whether colours and questions are wanted."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
    no_input: bool = False

    @property
    def can_ask(self) -> bool:
        """Tell whether a person is there to answer."""
        return not self.no_input and "CI" not in self.environ and self.stdin.isatty()

    def data(self, text: str) -> None:
        """Print what was asked for, at once: the reader may be a program that waits for it."""
        self.stdout.write(text + "\n")
        self.stdout.flush()

    def say(self, text: str, colour: str = "") -> None:
        """Tell a person something; never data."""
        self.stderr.write(self._painted(text, colour) + "\n")
        self.stderr.flush()

    def confirm(self, question: str) -> bool:
        """Ask yes or no; anything but yes is no."""
        self.stderr.write(f"{question} [y/N] ")
        self.stderr.flush()
        return self.stdin.readline().strip().lower() in ("y", "yes")

    def ask_password(self, prompt: str) -> str:
        """Ask without showing what is typed."""
        return getpass.getpass(f"{prompt}: ", self.stderr)

    def ask_new_password(self) -> str:
        """Ask twice; raise UsageError if the two differ."""
        first = self.ask_password("New wallet password")
        if first != self.ask_password("Again"):
            raise UsageError("the two passwords differ")
        return first

    def _painted(self, text: str, colour: str) -> str:
        wanted = self.environ.get("FORCE_COLOR") or (
            self.stderr.isatty()
            and not self.environ.get("NO_COLOR")
            and self.environ.get("TERM") != "dumb"
        )
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if wanted and colour else text
