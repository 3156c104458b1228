"""Documentation made from the code: the configuration's keys, the commands, the errors."""

import inspect
import re
from collections.abc import Iterator

from mesg.marketplace.domain.errors import MesgError
from mesg.node.api.http.problems import STATUSES
from mesg.node.cli.commands import command_tree
from mesg.node.cli.config_file import kind, sections, toml, variable
from mesg.node.config.load import ConfigInvalid, leaves
from mesg.node.config.model import Config
from mesg.node.errors import EXIT_CODES, EXIT_MEANINGS
from mesg.node.keystore.private_files import KeystoreUnsafe
from mesg.node.usecases.remote_call import Trouble

_MADE = "<!-- Made by scripts/generate-docs; a test compares it with the code. -->\n"
_WITHOUT_CLASS = {
    "bug": "A mistake in mesg itself; a report is in HOME/logs.",
    "interrupted": "Interrupted by Ctrl-C.",
}
_GLOBAL_FLAGS = """
Global flags stand anywhere on the line:

| flag | meaning |
|---|---|
| `--home DIR` | the folder of the node; else `MESG_HOME`, else `~/.local/share/mesg` |
| `-o`, `--output table\\|json\\|ndjson\\|id` | how to print data; streams are always one JSON object a line |
| `--json` | the same as `-o json`; errors are then one JSON object on standard error |
| `-q`, `--quiet` | the same as `-o id`: only the id of the thing |
| `--no-input` | never ask; fail where an answer is needed |
| `--yes` | consent to what would be asked; a purchase also needs `--max-price`, a new name `--max-fee` |
| `--debug` | show the traceback of a bug, and a contract's own words for a refusal |

Data goes to standard output; progress, hints, questions and errors go to standard error. Colours only
on a terminal, never with `NO_COLOR`. Exit codes and error codes: [errors](errors.md).
Aliases from MESG Core of 2018: `service execute` is `call`, `marketplace` is `market`.
"""


def config_reference() -> str:
    """Return docs/operating/config.md."""
    defaults = dict(leaves(Config()))
    parts = [
        "# Configuration\n",
        _MADE,
        (
            "The file is `HOME/config.toml`; `mesg config example` prints one with every key,"
            " `mesg config show --origin` what is in effect and who set it.\n"
        ),
        (
            "Precedence: a flag (`mesg start --set section.key=value`) wins over a variable of the"
            " environment, that over the file, that over the default. Unknown keys are mistakes, and"
            " all mistakes are told at once. Lists in a variable are JSON, or separated by commas.\n"
        ),
    ]
    for name, section in sections():
        parts += [f"## [{name}]\n", f"{section.__doc__}\n"]
        parts += ["| key | default | type | variable | meaning |", "|---|---|---|---|---|"]
        for key, field in type(section).model_fields.items():
            path = f"{name}.{key}"
            meaning = " ".join((field.description or "").split())
            cells = (
                f"`{key}`",
                f"`{toml(defaults[path])}`",
                kind(field).replace("|", "\\|"),
                f"`{variable(path)}`",
                meaning,
            )
            parts.append(f"| {' | '.join(cells)} |")
        parts.append("")
    return "\n".join(parts)


def cli_reference() -> str:
    """Return docs/reference/cli.md."""
    text = command_tree(for_help=True).generate_docs(output_format="markdown", usage_name="mesg")
    # cyclopts lets through how this very process was started (`python -m NAME`).
    text = re.sub(r"^(mesg [a-z ]+) -m [\w.]+", r"\1", text, flags=re.MULTILINE)
    for nothing in (' *[default: ""]*', " *[default: False]*"):
        text = text.replace(nothing, "")
    title, _, rest = text.partition("\n")
    lines = (line.rstrip() for line in rest.splitlines())
    return f"{title}\n\n{_MADE}{_GLOBAL_FLAGS}{chr(10).join(lines)}\n"


def errors_reference() -> str:
    """Return docs/reference/errors.md."""
    parts = ["# Errors\n", _MADE, "## Exit codes of `mesg`\n", "| exit | meaning |", "|---|---|"]
    parts += [f"| {code} | {meaning} |" for code, meaning in EXIT_MEANINGS.items()]
    parts += [
        "\n## Codes\n",
        (
            "An error is `error[code]: message` with a `hint:` on standard error; with `--json` it is"
            ' `{"error": {"code", "message", "where", "hint", "retryable", "cause"}}`. The HTTP API answers'
            " `application/problem+json` whose `type` is the code. `cause` is a"
            " contract's refusal in its own words; people see it with `--debug`.\n"
        ),
        "| code | meaning | exit | HTTP | try again |",
        "|---|---|---|---|---|",
    ]
    meanings = dict(_meanings())
    for code, exit_code in EXIT_CODES.items():
        about, retryable = meanings.get(code, (_WITHOUT_CLASS.get(code, ""), False))
        status = STATUSES.get(code)
        shown = str(int(status)) if status else "-"
        again = "yes" if retryable else "no"
        parts.append(f"| `{code}` | {about} | {exit_code} | {shown} | {again} |")
    return "\n".join(parts) + "\n"


def _meanings() -> Iterator[tuple[str, tuple[str, bool]]]:
    """Give each code's meaning: the first sentence of its class."""
    waiting: list[type[MesgError]] = [MesgError, ConfigInvalid, KeystoreUnsafe, Trouble]
    while waiting:
        error = waiting.pop(0)
        waiting += error.__subclasses__()
        if "code" in vars(error):
            about = (inspect.getdoc(error) or "").partition("\n\n")[0].replace("\n", " ")
            yield error.code, (about, error.retryable)
