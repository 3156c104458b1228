"""The configuration: precedence, every mistake at once, and who set what."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.config.home import Home, home_from
from mesg.node.config.load import ConfigInvalid, LoadedConfig, load_config
from mesg.node.config.model import Config

TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def load(path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> LoadedConfig:
    home = Home(path)
    home.config_file.write_text(text)
    return load_config(home, environ=environ or {})


def test_without_a_file_every_key_has_its_default(tmp_path: Path) -> None:
    loaded = load_config(Home(tmp_path), environ={})

    assert loaded.config == Config(home=Home(tmp_path))
    assert set(loaded.origins.values()) == {"default"}


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config_file.write_text('[network]\nname = "file"\n[chain]\nchain_id = 5\npoll_s = 3\n')
    environ = {"MESG_NETWORK__NAME": "env", "MESG_CHAIN__CHAIN_ID": "7"}

    loaded = load_config(home, environ=environ, flags={"network.name": "flag"})

    assert loaded.config.network.name == "flag"
    assert loaded.config.chain.chain_id == 7
    assert loaded.config.chain.poll_s == 3.0
    assert loaded.origins["network.name"] == "flag"
    assert loaded.origins["chain.chain_id"] == "env MESG_CHAIN__CHAIN_ID"
    assert loaded.origins["chain.poll_s"] == "config.toml"
    assert loaded.origins["log.level"] == "default"


def test_values_arrive_parsed(tmp_path: Path) -> None:
    text = f'[chain]\ntoken = "{TOKEN}"\n[market]\nchannel_budget = "2.5 MESG"\n'

    config = load(tmp_path, text).config

    assert config.chain.token == AccountAddress.parse(TOKEN)
    assert config.chain.pay is None
    assert config.market.channel_budget == TokenAmount(25 * 10**17)


@pytest.mark.parametrize(
    "text",
    ["/ip4/10.0.0.1/tcp/1,/ip4/10.0.0.2/tcp/2", '["/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.2/tcp/2"]'],
)
def test_a_list_in_the_environment_is_json_or_separated_by_commas(
    tmp_path: Path, text: str
) -> None:
    config = load(tmp_path, environ={"MESG_NETWORK__LISTEN": text}).config

    assert config.network.listen == ("/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.2/tcp/2")


def test_every_mistake_is_told_at_once_with_its_source(tmp_path: Path) -> None:
    text = '[network]\nlisen = []\n[chain]\nchain_id = "x"\ntoken = "0x12"\n[colour]\nred = 1\n'

    with pytest.raises(ConfigInvalid) as caught:
        load(tmp_path, text, {"MESG_API__HTTP": "0.0.0.0:80", "MESG_LOG__LEVLE": "info"})

    assert caught.value.mistakes == (
        "network.lisen (config.toml): unknown, did you mean listen?",
        (
            "chain.chain_id (config.toml): input should be a valid integer, unable to parse string"
            " as an integer"
        ),
        "chain.token (config.toml): '0x12' is not an account address (0x and 40 digits)",
        (
            "api.http (env MESG_API__HTTP): must listen on this machine only"
            " (127.0.0.1, [::1], localhost)"
        ),
        "log.levle (env MESG_LOG__LEVLE): unknown, did you mean level?",
        "colour: unknown",
    )


def test_a_key_outside_a_section_and_bad_toml_are_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="name: stands outside a section"):
        load(tmp_path, 'name = "x"\n')
    with pytest.raises(ConfigInvalid, match="not TOML"):
        load(tmp_path, "[network\n")


def test_flags_are_checked_like_everything_else(tmp_path: Path) -> None:
    flags = {"network.listen": "/ip4/10.0.0.1/tcp/1", "chain.chain_id": "12"}

    config = load_config(Home(tmp_path), environ={}, flags=flags).config

    assert (config.network.listen, config.chain.chain_id) == (("/ip4/10.0.0.1/tcp/1",), 12)
    with pytest.raises(ConfigInvalid, match="listen: not a key"):
        load_config(Home(tmp_path), environ={}, flags={"listen": "x"})


def test_the_home_is_not_a_section(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="home: unknown"):
        load(tmp_path, '[home]\npath = "/x"\n')


def test_other_variables_of_the_environment_are_left_alone(tmp_path: Path) -> None:
    environ = {"MESG_TOKEN": "x", "MESG_HOME": "y", "MESG_KEYSTORE_PASSWORD": "z", "PATH": "p"}

    assert load(tmp_path, environ=environ).config == Config(home=Home(tmp_path))


def test_the_home_is_a_flag_or_a_variable_or_the_default(tmp_path: Path) -> None:
    assert home_from("/a", {"MESG_HOME": "/b"}).path == Path("/a")
    assert home_from("", {"MESG_HOME": "/b"}).path == Path("/b")
    assert home_from("", {}).path == Path("~/.local/share/mesg").expanduser()
