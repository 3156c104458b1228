"""Reads manifests: `mesg.yml` as people write it, and the canonical bytes as peers send them."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mesg.marketplace.domain.errors import InvalidInput, InvalidManifest
from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.manifest import (
    Configuration,
    Dependency,
    Event,
    Manifest,
    Output,
    Parameter,
    ParameterType,
    Task,
)
from mesg.node.domain.manifest_rules import check_manifest
from mesg.node.domain.manifest_tree import Place, manifest_of
from mesg.node.domain.shape import parse_json_object
from mesg.node.domain.yaml_tree import Items, Table, Value, parse_yaml

CANONICAL_BYTES_MAX = 512 << 10
"""Above what the largest `mesg.yml` can become: keys are spelled out, aliases expanded."""
_STEP = re.compile(r"([^.\[]+)|\[(\d+)\]")

_Member = TypeVar("_Member")


def read_manifest(text: str, *, default_sid: str | None = None) -> Manifest:
    """Read a `mesg.yml`; raise InvalidManifest whose `where` is a key and its line.

    Without a sid the Service is called `default_sid`, or `_` and the text's hash.
    """
    tree = parse_yaml(text)
    if default_sid is None:
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
        default_sid = f"_{digest[:12]}"
    manifest = manifest_of(Place(tree, "", tree.line), default_sid=default_sid)
    try:
        check_manifest(manifest)
        _check_canonical_size(manifest)
    except InvalidManifest as error:
        where = f"{error.where}, line {_line_of(tree, error.where)}"
        message = error.message.replace(error.where, where, 1)
        raise InvalidManifest(message, where=where, hint=error.hint) from None
    return manifest


def manifest_from_canonical(raw: bytes) -> Manifest:
    """Return the manifest whose canonical bytes these are; raise InvalidManifest for any other."""
    if len(raw) > CANONICAL_BYTES_MAX:
        raise InvalidManifest(f"the manifest is larger than {CANONICAL_BYTES_MAX} bytes")
    try:
        manifest = _manifest(parse_json_object(raw, what="the manifest"))
    except InvalidInput as error:
        raise InvalidManifest(error.message, where=error.where, hint=error.hint) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidManifest("the bytes are not a manifest") from error
    check_manifest(manifest)
    if manifest.canonical() != raw:
        raise InvalidManifest("the manifest is not in its canonical form")
    return manifest


def _check_canonical_size(manifest: Manifest) -> None:
    size = len(manifest.canonical())
    if size > CANONICAL_BYTES_MAX:
        raise InvalidManifest(f"the manifest becomes {size} bytes: at most {CANONICAL_BYTES_MAX}")


def _line_of(tree: Value, path: str) -> int:
    """Return the line of the last step of a dotted path that is written in the tree."""
    line = tree.line
    for key, index in _STEP.findall(path):
        if isinstance(tree, Table) and key in tree.members:
            line, tree = tree.lines[key], tree.members[key]
        elif isinstance(tree, Items) and index and int(index) < len(tree.values):
            tree = tree.values[int(index)]
            line = tree.line
    return line


# What is written below trusts nothing of the bytes but that the canonical form of what it makes of
# them is compared with them: a value of a wrong type, an unknown key or a missing one differs.


def _manifest(plain: Mapping[str, Any]) -> Manifest:
    return Manifest(
        service=ServiceId(_text(plain["service"], "sid")),
        name=_text(plain, "name"),
        description=_text(plain, "description"),
        repository=_text(plain, "repository"),
        tasks=_each(plain, "tasks", _task),
        events=_each(plain, "events", _event),
        configuration=_configuration(plain.get("configuration", {})),
        dependencies=_each(plain, "dependencies", _dependency),
    )


def _task(plain: Mapping[str, Any]) -> Task:
    return Task(
        key=_text(plain, "key"),
        inputs=_each(plain, "inputs", _parameter),
        outputs=_each(plain, "outputs", _output),
        name=_text(plain, "name"),
        description=_text(plain, "description"),
    )


def _output(plain: Mapping[str, Any]) -> Output:
    return Output(
        key=_text(plain, "key"),
        data=_each(plain, "data", _parameter),
        name=_text(plain, "name"),
        description=_text(plain, "description"),
    )


def _event(plain: Mapping[str, Any]) -> Event:
    return Event(
        key=_text(plain, "key"),
        data=_each(plain, "data", _parameter),
        name=_text(plain, "name"),
        description=_text(plain, "description"),
    )


def _parameter(plain: Mapping[str, Any]) -> Parameter:
    return Parameter(
        key=_text(plain, "key"),
        type=ParameterType(plain["type"]),
        name=_text(plain, "name"),
        description=_text(plain, "description"),
        optional=plain.get("optional", False) is True,
        repeated=plain.get("repeated", False) is True,
        object=_each(plain, "object", _parameter),
    )


def _configuration(plain: Mapping[str, Any]) -> Configuration:
    return Configuration(
        command=_text(plain, "command"),
        args=_texts(plain, "args"),
        env=_texts(plain, "env"),
        ports=_texts(plain, "ports"),
        volumes=_texts(plain, "volumes"),
        volumes_from=_texts(plain, "volumes_from"),
        network=plain.get("network", False) is True,
    )


def _dependency(plain: Mapping[str, Any]) -> Dependency:
    return Dependency(
        key=_text(plain, "key"),
        image=_text(plain, "image"),
        volumes=_texts(plain, "volumes"),
        volumes_from=_texts(plain, "volumes_from"),
        ports=_texts(plain, "ports"),
        command=_text(plain, "command"),
        args=_texts(plain, "args"),
        env=_texts(plain, "env"),
    )


def _text(plain: Mapping[str, Any], key: str) -> str:
    value = plain.get(key, "")
    if not isinstance(value, str):
        raise TypeError(f"{key} must be text")
    return value


def _texts(plain: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = plain.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{key} must be a list of texts")
    return tuple(values)


def _each(
    plain: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], _Member]
) -> tuple[_Member, ...]:
    return tuple(read(member) for member in plain.get(key, []))
