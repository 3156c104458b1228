"""One command line: global flags in front, errors and exit codes behind."""

import inspect
import json as json_text
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TextIO

import trio
from cyclopts import App, CycloptsError, Group, Parameter

from mesg.marketplace.domain.errors import MesgError
from mesg.node.cli.client import ProblemAnswered
from mesg.node.cli.commands import BRANCHES, command_tree
from mesg.node.cli.crash import write_crash_report
from mesg.node.cli.session import OutputForm, Session
from mesg.node.cli.terminal import Terminal
from mesg.node.config.home import home_from
from mesg.node.errors import EXIT_INTERRUPTED, EXIT_OK, Problem, problem_of

_GLOBAL = Group("Global flags", sort_key=90)
_Flag = Annotated[bool, Parameter(negative=(), group=_GLOBAL, show_default=False)]


def run(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """Run one command line and return its exit code; nothing but data goes to `stdout`."""
    running = _Run(environ, stdin, stdout, stderr, as_json="--json" in argv)
    return running.exit_code_of(argv)


@dataclass
class _Run:
    """One command line being run; remembers what the error must know: how to show itself."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    as_json: bool = False
    debug: bool = False
    session: Session | None = None

    def exit_code_of(self, argv: Sequence[str]) -> int:
        try:
            self._launch(argv)
        except CycloptsError as error:
            return self._failed(Problem("usage", _plain(error), hint="see: mesg --help"))
        except BrokenPipeError:
            # The reader has what it wanted (`mesg listen x | head -1`).
            return EXIT_OK
        except BaseException as error:  # noqa: ASYNC103, BLE001 (the edge: nothing may pass it as a traceback)
            return self._ended_by(error)  # noqa: ASYNC104
        return EXIT_OK

    def _launch(self, argv: Sequence[str]) -> None:
        asks_help = not argv or argv[-1] in BRANCHES or not {"--help", "-h"}.isdisjoint(argv)
        app = command_tree(for_help=asks_help)

        @app.meta.default
        def launch(
            *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
            home: Annotated[str, Parameter(group=_GLOBAL, show_default=False)] = "",
            output: Annotated[OutputForm, Parameter(("--output", "-o"), group=_GLOBAL)] = "table",
            json: _Flag = False,
            quiet: Annotated[_Flag, Parameter(("--quiet", "-q"))] = False,
            no_input: _Flag = False,
            yes: _Flag = False,
            debug: _Flag = False,
        ) -> None:
            """Run, sell, buy and call services in a peer-to-peer market.

            Args:
                home: The folder of the node (else MESG_HOME, else ~/.local/share/mesg).
                output: How to print data.
                json: The same as --output json; errors are JSON on standard error.
                quiet: The same as --output id.
                no_input: Never ask; fail where an answer is needed.
                yes: Consent to what would be asked; purchases also need --max-price or --max-fee.
                debug: Show the traceback of a bug, and a contract's own words for a refusal.
            """
            form: OutputForm = "json" if json else "id" if quiet else output
            self.as_json, self.debug = form in ("json", "ndjson"), debug
            terminal = Terminal(self.stdin, self.stdout, self.stderr, self.environ, no_input)
            self.session = Session(
                home_from(home, self.environ), self.environ, terminal, form, yes, debug
            )
            _dispatch(app, tokens, self.session)

        app.meta(list(argv), exit_on_error=False, print_error=False, result_action="return_none")

    def _ended_by(self, error: BaseException) -> int:
        leaves = _leaves(error)
        if any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
            return EXIT_INTERRUPTED
        for leaf in leaves:
            if isinstance(leaf, SystemExit):
                return int(leaf.code or 0)
        problems = [found for leaf in leaves if (found := _problem(leaf)) is not None]
        if len(problems) == len(leaves):
            return self._failed(problems[0])
        return self._failed(self._bug(error))

    def _bug(self, error: BaseException) -> Problem:
        if self.debug:
            traceback.print_exception(error, file=self.stderr)
        home = self.session.home if self.session is not None else home_from("", self.environ)
        report = write_crash_report(home.logs, error)
        return Problem(
            "bug",
            f"{type(error).__name__}: this is a mistake in mesg, not yours",
            report,
            "report it with the file above; --debug shows the traceback",
        )

    def _failed(self, problem: Problem) -> int:
        terminal = Terminal(self.stdin, self.stdout, self.stderr, self.environ)
        if self.as_json:
            terminal.say(json_text.dumps(problem.as_json(), ensure_ascii=False))
            return problem.exit_code
        first, *rest = problem.as_lines(debug=self.debug)
        terminal.say(first, "red")
        for line in rest:
            terminal.say(line)
        return problem.exit_code


def _dispatch(app: App, tokens: Sequence[str], session: Session) -> None:
    command, bound, ignored = app.parse_args(list(tokens), exit_on_error=False, print_error=False)
    given: dict[str, Any] = {name: session for name in ignored if name == "session"}
    called = partial(command, *bound.args, **bound.kwargs, **given)
    if inspect.iscoroutinefunction(command):
        trio.run(called)
    else:
        called()


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


def _problem(error: BaseException) -> Problem | None:
    if isinstance(error, MesgError):
        return problem_of(error)
    if isinstance(error, ProblemAnswered):
        return error.problem
    return None


def _plain(error: CycloptsError) -> str:
    return " ".join(str(error).split())
