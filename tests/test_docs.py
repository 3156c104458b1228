"""The documents say what the code does."""

import re
from pathlib import Path

import pytest
from starlette.routing import Route

from mesg.node.api.http.server import application
from mesg.node.cli.commands import command_tree
from mesg.node.cli.config_file import config_text
from mesg.node.cli.reference import cli_reference, config_reference, errors_reference
from mesg.node.config.home import Home
from mesg.node.config.load import leaves
from mesg.node.config.model import Config
from mesg.node.errors import EXIT_CODES
from mesg.node.testing.memory_counter import MemoryCounter

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("config.example.toml", config_text),
        ("docs/operating/config.md", config_reference),
        ("docs/reference/cli.md", cli_reference),
        ("docs/reference/errors.md", errors_reference),
    ],
)
def test_what_is_made_from_the_code_is_up_to_date(path: str, made: object) -> None:
    assert callable(made)
    assert (ROOT / path).read_text() == made(), "run scripts/generate-docs"


def test_every_key_of_the_configuration_is_documented() -> None:
    example, table = config_text(), config_reference()

    for key, _ in leaves(Config()):
        variable = f"MESG_{key.replace('.', '__').upper()}"
        assert variable in example
        assert variable in table
    assert all(
        field.description
        for section in (getattr(Config(), name) for name in Config.model_fields if name != "home")
        for field in type(section).model_fields.values()
    )


def test_every_error_has_a_meaning() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", errors_reference(), re.MULTILINE))

    assert set(rows) == set(EXIT_CODES)
    assert all(meaning.strip() for meaning in rows.values())


def test_every_command_has_an_example_that_begins_with_its_name() -> None:
    sections = re.split(r"^#+ (?=mesg )", cli_reference(), flags=re.MULTILINE)[1:]
    commands = {
        text.partition("\n")[0]: text
        for text in sections
        if "[OPTIONS]" in text or "Example" in text
    }

    assert len(commands) > 30
    for name, text in commands.items():
        assert f"Example: {name}" in text, name


def test_every_route_is_documented() -> None:
    text = (ROOT / "docs/reference/http.md").read_text()
    routes = {
        f"`{method} {route.path}`"
        for route in application(MemoryCounter()).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }

    assert routes == set(re.findall(r"^\| (`[A-Z]+ [^`]+`)", text, re.MULTILINE))


def test_every_place_in_the_home_is_documented() -> None:
    text = (ROOT / "docs/operating/running.md").read_text()
    home = Home(Path("HOME"))

    for place in (home.config_file, home.identity, home.token_file, home.database, home.socket):
        assert f"`{place.relative_to(home.path)}`" in text
    for folder in (home.keystore, home.packages, home.instances, home.logs):
        assert f"`{folder.name}/" in text


def test_the_tree_for_help_is_the_tree_for_running() -> None:
    assert set(command_tree(for_help=True)) == set(command_tree())
