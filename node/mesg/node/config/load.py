"""From flags, environment, file and defaults (in that order) to one Config; remembers who said what."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from mesg.marketplace.domain.errors import Refused
from mesg.node.config.home import Home
from mesg.node.config.model import Config

ENV_PREFIX = "MESG_"
CONFIG_BYTES_MAX = 256 * 1024
"""A configuration is written by people; anything longer is not one."""


class ConfigInvalid(Refused):
    """The configuration has mistakes; all of them are in `mistakes`."""

    code: ClassVar[str] = "invalid_config"

    def __init__(self, mistakes: tuple[str, ...], *, where: str) -> None:
        lines = "".join(f"\n  {mistake}" for mistake in mistakes)
        super().__init__(
            f"the configuration has {len(mistakes)} mistake{'s' * (len(mistakes) > 1)}:{lines}",
            where=where,
            hint="see every key with: mesg config example",
        )
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A Config, and for each key `section.key` who set it."""

    config: Config
    origins: Mapping[str, str] = field(default_factory=dict)


def load_config(
    home: Home, *, environ: Mapping[str, str], flags: Mapping[str, str] | None = None
) -> LoadedConfig:
    """Merge all sources and check every value; raise ConfigInvalid with every mistake."""
    merged: dict[str, dict[str, Any]] = {}
    origins = dict.fromkeys((key for key, _ in leaves(Config())), "default")
    mistakes: list[str] = []
    sources = (
        _from_file(home, mistakes),
        _from_environment(environ, mistakes),
        _from_flags(flags or {}, mistakes),
    )
    for source in sources:
        for (section, key), (value, origin) in source.items():
            merged.setdefault(section, {})[key] = value
            origins[f"{section}.{key}"] = origin
    if merged.pop("home", None) is not None:
        mistakes.append("home: unknown")
    try:
        config = Config.model_validate({**merged, "home": home})
    except ValidationError as error:
        mistakes.extend(_mistake(detail, origins) for detail in error.errors())
        raise ConfigInvalid(tuple(mistakes), where=str(home.config_file)) from error
    if mistakes:
        raise ConfigInvalid(tuple(mistakes), where=str(home.config_file))
    return LoadedConfig(config, origins)


def leaves(config: Config) -> Iterator[tuple[str, Any]]:
    """Give every `section.key` with its value as it would be written in the file."""
    for section, keys in config.model_dump(mode="json").items():
        for key, value in keys.items():
            yield f"{section}.{key}", value


_Source = dict[tuple[str, str], tuple[Any, str]]


def _from_flags(flags: Mapping[str, str], mistakes: list[str]) -> _Source:
    found: _Source = {}
    for name, text in flags.items():
        section, dot, key = name.partition(".")
        if not dot:
            mistakes.append(f"{name[:80]}: not a key such as network.name")
            continue
        found[section, key] = (_value(section, key, text, mistakes), "flag")
    return found


def _from_file(home: Home, mistakes: list[str]) -> _Source:
    path = home.config_file
    if not path.exists():
        return {}
    if path.stat().st_size > CONFIG_BYTES_MAX:
        raise ConfigInvalid((f"longer than {CONFIG_BYTES_MAX} bytes",), where=str(path))
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid((f"not TOML: {error}",), where=str(path)) from error
    found: _Source = {}
    for section, keys in tables.items():
        if not isinstance(keys, dict):
            mistakes.append(f"{section}: stands outside a section such as [network]")
            continue
        found |= {(section, key): (value, path.name) for key, value in keys.items()}
    return found


def _from_environment(environ: Mapping[str, str], mistakes: list[str]) -> _Source:
    found: _Source = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(ENV_PREFIX) or "__" not in name:
            continue
        section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
        found[section, key] = (_value(section, key, text, mistakes), f"env {name}")
    return found


def _value(section: str, key: str, text: str, mistakes: list[str]) -> object:
    """Return a text as the model takes it: lists are JSON, or separated by commas."""
    if not _is_list(section, key):
        return text
    if text.lstrip().startswith("["):
        return _json_list(f"{section}.{key}", text, mistakes)
    return [part.strip() for part in text.split(",") if part.strip()]


def _json_list(name: str, text: str, mistakes: list[str]) -> list[Any]:
    try:
        parts = json.loads(text)
    except ValueError as error:
        mistakes.append(f"{name}: not a JSON list ({error})")
        return []
    return parts if isinstance(parts, list) else [parts]


def _is_list(section: str, key: str) -> bool:
    model = getattr(Config(), section, None)
    return isinstance(model, BaseModel) and isinstance(getattr(model, key, None), tuple)


def _mistake(detail: Mapping[str, Any], origins: Mapping[str, str]) -> str:
    """Say one mistake: which key, set by whom, what is wrong."""
    place = [str(part) for part in detail["loc"]]
    key = ".".join(place[:2])
    origin = origins.get(key, "")
    says = f" ({origin})" if origin else ""
    if detail["type"] == "extra_forbidden":
        return f"{key}{says}: unknown{_nearest(place)}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return f"{'.'.join(place)}{says}: {message[:1].lower()}{message[1:]}"


def _nearest(place: list[str]) -> str:
    model: Any = Config() if len(place) == 1 else getattr(Config(), place[0], None)
    names = list(type(model).model_fields) if isinstance(model, BaseModel) else []
    near = get_close_matches(place[-1], names, n=1)
    return f", did you mean {near[0]}?" if near else ""
