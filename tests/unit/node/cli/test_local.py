"""What needs no running node: usage, init, wallets, configuration, validation, bugs."""

import io
import json
from pathlib import Path

import pytest
from tests.unit.node.cli.typed import Shell

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.cli.config_file import config_text
from mesg.node.cli.durations import seconds_of
from mesg.node.cli.market import row_of
from mesg.node.cli.offers import share_of
from mesg.node.cli.pairs import inputs_of
from mesg.node.cli.run import run
from mesg.node.config.home import Home
from mesg.node.config.load import load_config
from mesg.node.config.model import Config
from mesg.node.errors import UsageError

MANIFEST = """
name: Greeter
sid: greeter
tasks:
  greet:
    inputs:
      name:
        type: String
    outputs:
      success:
        data:
          text:
            type: String
"""


@pytest.fixture
def mesg(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text("correct horse\n")
    path.chmod(0o600)
    return str(path)


async def test_commands_say_that_the_node_does_not_run(mesg: Shell) -> None:
    for words in (("status",), ("stop",), ("call", "a", "b"), ("listen", "a")):
        answer = await mesg(*words)
        assert (answer.code, answer.out) == (6, "")
        assert "hint: start it with: mesg start --detach" in answer.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cal",), 'Did you mean "call"?'),
        (("call", "x"), "requires an argument"),
        (("status", "--nonsense"), "Unknown option"),
        (("status", "-o", "xml"), "xml"),
        (("call", "a", "b", "novalue"), "'novalue' is not an input"),
        (("market", "offer", "create", "a"), "either --pass PRICE or --per-call PRICE"),
    ],
)
async def test_bad_command_lines_are_usage_errors(
    mesg: Shell, words: tuple[str, ...], says: str
) -> None:
    answer = await mesg(*words)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[usage]: ")
    assert says in answer.err


async def test_init_makes_a_private_home_once_and_keeps_what_exists(
    mesg: Shell, password_file: str
) -> None:
    words = ("init", "--network", "test-net", "--password-file", password_file, "--json")
    first = await mesg(*words)
    again = await mesg(*words)
    other = await mesg("init", "--network", "other")

    home = Home(mesg.home)
    assert first.json["made"] == ["config", "token", "wallet"]
    assert again.json == {**first.json, "made": []}
    assert first.json["account"].startswith("0x")
    assert (again.err, other.code) == ("", 0)
    assert "the flags change nothing" in other.err
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert home.token_file.stat().st_mode & 0o777 == 0o600
    assert len(home.token_file.read_text()) > 40
    config = load_config(home, environ={}).config
    assert config.network.name == "test-net"
    assert config.wallet.password_file == password_file


async def test_init_without_a_password_says_how_to_give_one(mesg: Shell) -> None:
    refused = await mesg("init")
    without = await mesg("init", "--no-wallet", "-o", "json")

    assert refused.code == 4
    assert "--password-file" in refused.err
    assert without.json["account"] == ""


async def test_init_refuses_mistakes_before_it_writes(mesg: Shell) -> None:
    answer = await mesg("init", "--listen", "nonsense", "--set", "api.port=1")

    assert answer.code == 9
    assert "network.listen.0 (flag): 'nonsense' is not a multiaddr" in answer.err
    assert "api.port (flag): unknown" in answer.err
    assert not Home(mesg.home).config_file.exists()


async def test_wallets_are_made_listed_and_imported(
    mesg: Shell, password_file: str, tmp_path: Path
) -> None:
    made = await mesg("wallet", "create", "first", "--password-file", password_file, "-q")
    file = Home(mesg.home).keystore / "first.json"
    imported = await mesg(
        "wallet", "import", str(file), "--name", "copy", "--password-file", password_file, "-q"
    )
    listed = await mesg("wallet", "list", "-q")
    twice = await mesg("wallet", "create", "first", "--password-file", password_file)

    assert imported.out == made.out
    assert listed.out == made.out * 2
    assert twice.code == 1


async def test_a_bare_key_is_read_from_standard_input_only(
    mesg: Shell, password_file: str
) -> None:
    key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80\n"

    words = ("wallet", "import", "--private-key-stdin", "--password-file", password_file, "-q")
    good = await mesg(*words, typing=key)
    bad = await mesg(*words, typing="nonsense\n")

    assert good.out == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\n"
    assert bad.code == 9


async def test_the_configuration_is_shown_with_its_origins(mesg: Shell) -> None:
    shown = await mesg("config", "show", "--origin", "--json", MESG_LOG__LEVEL="debug")
    table = await mesg("config", "show")
    path = await mesg("config", "path")
    wrong = await mesg("config", "show", MESG_LOG__LEVLE="debug")

    rows = {row["key"]: (row["value"], row["origin"]) for row in shown.json["items"]}
    assert rows["log.level"] == ("debug", "env MESG_LOG__LEVEL")
    assert rows["log.format"] == ("auto", "default")
    assert "network.listen         /ip4/127.0.0.1/tcp/4001\n" in table.out
    assert "network.bootstrap      -\n" in table.out
    assert path.out == f"{mesg.home}/config.toml\n"
    assert (wrong.code, "did you mean level?" in wrong.err) == (9, True)


async def test_the_example_is_a_configuration_that_sets_nothing(
    mesg: Shell, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.config_file.write_text((await mesg("config", "example")).out)

    assert load_config(home, environ={}).config == Config(home=home)


def test_every_key_of_the_example_can_be_uncommented(tmp_path: Path) -> None:
    home = Home(tmp_path)
    keys = [
        line[2:] for line in config_text().splitlines() if " = " in line and line[2:3].islower()
    ]
    sections = [line for line in config_text().splitlines() if line.startswith("[")]
    text = "\n".join(line[2:] if line[2:] in keys else line for line in config_text().splitlines())
    home.config_file.write_text(text)

    assert len(keys) > len(sections)
    assert load_config(home, environ={}).config == Config(home=home)


async def test_a_manifest_is_validated_without_a_node(mesg: Shell, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    (good / "mesg.yml").write_text(MANIFEST)
    (bad / "mesg.yml").write_text("name: x\ntasks: []\nnonsense: 1\n")

    valid = await mesg("service", "validate", str(good), "--json")
    invalid = await mesg("service", "validate", str(bad))
    missing = await mesg("service", "validate", str(tmp_path / "none"))

    assert (valid.json["service"], valid.json["tasks"]) == ("greeter", ["greet"])
    assert (invalid.code, missing.code) == (9, 3)


@pytest.mark.parametrize("words", [(), ("--help",), ("service",), ("call", "--help")])
def test_help_goes_to_standard_output(
    mesg: Shell, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = mesg.type(words, None, {})

    assert answer.code == 0
    assert "Usage: mesg" in capsys.readouterr().out


def test_a_bug_is_one_line_with_a_report_and_a_traceback_only_for_debug(tmp_path: Path) -> None:
    class Broken(io.StringIO):
        def write(self, _text: str) -> int:
            raise RuntimeError("boom")

    def broken(*words: str) -> tuple[int, str]:
        err = io.StringIO()
        environ = {"MESG_HOME": str(tmp_path)}
        code = run(words, environ=environ, stdin=io.StringIO(), stdout=Broken(), stderr=err)
        return code, err.getvalue()

    code, err = broken("config", "path")
    _, debug = broken("config", "path", "--debug")
    _, as_json = broken("config", "path", "--json")

    report = next((tmp_path / "logs").glob("crash-*.log"))
    assert code == 1
    assert err.splitlines() == [
        "error[bug]: RuntimeError: this is a mistake in mesg, not yours",
        f"where: {report}",
        "hint: report it with the file above; --debug shows the traceback",
    ]
    assert "boom" in report.read_text()
    assert "Traceback" in debug
    assert json.loads(as_json)["error"]["code"] == "bug"


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    class Left(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    code = run(
        ("config", "path"),
        environ={"MESG_HOME": str(tmp_path)},
        stdin=io.StringIO(),
        stdout=Left(),
        stderr=io.StringIO(),
    )

    assert code == 0


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("1.5m", 90), ("24h", 86_400), ("2d", 172_800)]
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "1y", "1 h", "1e3s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidInput):
        seconds_of(text)


def test_shares_are_basis_points() -> None:
    assert [share_of(text) for text in ("20%", "2.5%", "0.05%", "100")] == [2000, 250, 5, 10_000]
    for text in ("101%", "-1%", "1.234%", "x"):
        with pytest.raises(InvalidInput):
            share_of(text)


def test_inputs_are_texts_or_json() -> None:
    assert inputs_of(("a=1", "b:=1", 'c:={"x": [true]}', "d=x=y", "e=")) == {
        "a": "1",
        "b": 1,
        "c": {"x": [True]},
        "d": "x=y",
        "e": "",
    }
    with pytest.raises(UsageError):
        inputs_of(("=1",))
    with pytest.raises(InvalidInput):
        inputs_of(("a:=nope",))
    with pytest.raises(InvalidInput):
        inputs_of(("@/no/such/file",))


@pytest.mark.parametrize(
    ("name", "tasks", "shown"), [("", [], "-"), ("Clock", [], "0"), ("Greeter", ["greet"], "1")]
)
def test_the_tasks_of_a_manifest_that_nobody_gave_yet_are_unknown(
    name: str, tasks: list[str], shown: str
) -> None:
    listing = {"name": name, "tasks": tasks, "events": [], "offers": []}

    assert row_of(listing)["tasks"] == shown


def test_a_file_of_inputs_that_is_no_text_is_invalid_and_no_bug(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff")

    with pytest.raises(InvalidInput) as refused:
        inputs_of((f"@{picture}",))

    assert (refused.value.message, refused.value.where) == ("not UTF-8 text", str(picture))
