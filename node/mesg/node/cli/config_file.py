"""config.toml as people read it: every key with its meaning, default, type and variable."""

import json
import textwrap
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mesg.node.config.load import ENV_PREFIX, leaves
from mesg.node.config.model import Config

_TYPES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    tuple: "list of texts",
}


def config_text(given: Mapping[str, Any] | None = None) -> str:
    """Return the file; keys in `given` (`section.key`) are set, all others stand as comments."""
    chosen = dict(given or {})
    defaults = dict(leaves(Config()))
    parts = [
        "# The configuration of a MESG node. What stands here as a comment is the default.",
        "# A flag wins over a variable of the environment, and that over this file.",
    ]
    for name, section in sections():
        parts += ["", f"# {section.__doc__}", f"[{name}]"]
        for key, field in type(section).model_fields.items():
            path = f"{name}.{key}"
            parts += ["", *_comment(path, field)]
            line = f"{key} = {toml(chosen.get(path, defaults[path]))}"
            parts.append(line if path in chosen else f"# {line}")
    return "\n".join(parts) + "\n"


def sections() -> list[tuple[str, BaseModel]]:
    """Return the sections with their defaults."""
    config = Config()
    pairs = [(name, getattr(config, name)) for name in Config.model_fields]
    return [(name, section) for name, section in pairs if isinstance(section, BaseModel)]


def variable(path: str) -> str:
    """Return the environment variable of `section.key`."""
    return ENV_PREFIX + path.replace(".", "__").upper()


def kind(field: FieldInfo) -> str:
    """Return a field's type in words."""
    annotation: Any = field.annotation
    choices = get_args(annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return " | ".join(json.dumps(choice) for choice in choices)
    if annotation in _TYPES:
        return _TYPES[annotation]
    if getattr(annotation, "__name__", "") == "tuple" or str(annotation).startswith("tuple"):
        return _TYPES[tuple]
    return (
        'amount, such as "0.5 MESG"' if "TokenAmount" in str(annotation) else "address, or empty"
    )


def toml(value: object) -> str:
    """Return a value as TOML; its texts, lists and numbers are written as in JSON."""
    return json.dumps(value, ensure_ascii=False)


def _comment(path: str, field: FieldInfo) -> list[str]:
    text = " ".join((field.description or "").split())
    lines = [f"# {line}" for line in textwrap.wrap(text, 96)]
    return [*lines, f"# {kind(field)}; {variable(path)}"]
