"""What a manifest may say, whoever wrote it: a file on this machine or a peer far away.

The refusal's `where` is a dotted path into the manifest.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.node.domain.manifest import (
    Configuration,
    Dependency,
    Manifest,
    Parameter,
    ParameterType,
    Task,
)

KEY_LENGTH_MAX = 128
"""Keys appear in paths, logs and frames."""
NAME_LENGTH_MAX = 256
TEXT_LENGTH_MAX = 16_384
"""A description is not a book."""
MEMBERS_MAX = 512
"""Tasks, events, parameters of one level, list entries: all are shown to people."""
PARAMETER_DEPTH_MAX = 16
OWN_CONTAINER = "service"
"""The reserved name of the Service's own container among its dependencies."""

_KEY = re.compile(r"[!-~]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,255}")
_PORT = re.compile(r"(?:([0-9]{1,5}):)?([0-9]{1,5})")


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


def check_manifest(manifest: Manifest) -> None:
    """Raise InvalidManifest at the first rule that is broken."""
    _check_text(manifest.name, "name", NAME_LENGTH_MAX)
    if not manifest.name:
        _refuse("a Service needs a name", "name")
    _check_text(manifest.description, "description", TEXT_LENGTH_MAX)
    _check_text(manifest.repository, "repository", TEXT_LENGTH_MAX)
    _check_keys(manifest.tasks, "tasks")
    for task in manifest.tasks:
        _check_task(task, f"tasks.{task.key}")
    _check_keys(manifest.events, "events")
    for event in manifest.events:
        _check_texts(event.name, event.description, f"events.{event.key}")
        _check_parameters(event.data, f"events.{event.key}.data")
    _check_containers(manifest)


def _check_task(task: Task, where: str) -> None:
    _check_texts(task.name, task.description, where)
    _check_parameters(task.inputs, f"{where}.inputs")
    if not task.outputs:
        _refuse("a task needs outputs", where)
    if len(task.outputs) > 1 or task.outputs[0].key:
        _check_keys(task.outputs, f"{where}.outputs")
    for output in task.outputs:
        at = f"{where}.outputs.{output.key}" if output.key else f"{where}.outputs"
        _check_texts(output.name, output.description, at)
        _check_parameters(output.data, f"{at}.data" if output.key else at)


def _check_parameters(parameters: Sequence[Parameter], where: str, depth: int = 1) -> None:
    if depth > PARAMETER_DEPTH_MAX:
        _refuse(f"objects are nested deeper than {PARAMETER_DEPTH_MAX} levels", where)
    _check_keys(parameters, where)
    for parameter in parameters:
        at = f"{where}.{parameter.key}"
        _check_texts(parameter.name, parameter.description, at)
        if parameter.object and parameter.type is not ParameterType.OBJECT:
            _refuse(f"only an Object has members, not a {parameter.type}", f"{at}.object")
        _check_parameters(parameter.object, f"{at}.object", depth + 1)


def _check_containers(manifest: Manifest) -> None:
    _check_container(manifest.configuration, "configuration")
    _check_keys(manifest.dependencies, "dependencies")
    known = {dependency.key for dependency in manifest.dependencies}
    _check_sources(manifest.configuration.volumes_from, known, "configuration")
    for dependency in manifest.dependencies:
        where = f"dependencies.{dependency.key}"
        if _HOST.fullmatch(dependency.key) is None:
            _refuse("a dependency's key is its host name: letters, digits, _ . -", where)
        if dependency.key == OWN_CONTAINER:
            _refuse(f"{OWN_CONTAINER!r} is the name of the Service's own container", where)
        if _IMAGE.fullmatch(dependency.image) is None:
            _refuse("a dependency needs the name of an image", f"{where}.image")
        _check_container(dependency, where)
        others = known - {dependency.key} | {OWN_CONTAINER}
        _check_sources(dependency.volumes_from, others, where)


def _check_container(container: Configuration | Dependency, where: str) -> None:
    _check_text(container.command, f"{where}.command", TEXT_LENGTH_MAX)
    for index, argument in enumerate(container.args):
        _check_text(argument, f"{where}.args[{index}]", TEXT_LENGTH_MAX)
    _check_entries(container.ports, f"{where}.ports", _is_port, 'write "80" or "8080:80"')
    _check_entries(container.env, f"{where}.env", _is_variable, "write NAME=value or NAME")
    _check_entries(container.volumes, f"{where}.volumes", _is_volume, "write an absolute path")
    names = [entry.partition("=")[0] for entry in container.env]
    if len(set(names)) != len(names):
        _refuse("a variable is named twice", f"{where}.env")
    if len(container.args) > MEMBERS_MAX:
        _refuse(f"more than {MEMBERS_MAX} entries", f"{where}.args")


def _check_entries(
    entries: Sequence[str], where: str, is_good: Callable[[str], bool], hint: str
) -> None:
    if len(entries) > MEMBERS_MAX:
        _refuse(f"more than {MEMBERS_MAX} entries", where)
    for index, entry in enumerate(entries):
        _check_text(entry, f"{where}[{index}]", TEXT_LENGTH_MAX)
        if not is_good(entry):
            _refuse(f"{entry[:80]!r} makes no sense here", f"{where}[{index}]", hint)
        if entry in entries[:index]:
            _refuse(f"{entry[:80]!r} stands here twice", f"{where}[{index}]")


def _check_sources(sources: Sequence[str], known: Iterable[str], where: str) -> None:
    for index, source in enumerate(sources):
        if source not in known:
            at = f"{where}.volumesFrom[{index}]"
            _refuse(f"{source[:80]!r} is no other container of this Service", at)
    if len(set(sources)) != len(sources):
        _refuse("a container is named twice", f"{where}.volumesFrom")


def _is_port(text: str) -> bool:
    found = _PORT.fullmatch(text)
    return found is not None and all(
        port is None or 1 <= int(port) <= 65_535 for port in found.groups()
    )


def _is_variable(text: str) -> bool:
    return _VARIABLE.fullmatch(text.partition("=")[0]) is not None


def _is_volume(text: str) -> bool:
    is_absolute = text.startswith("/") and text.strip("/") != ""
    return is_absolute and ":" not in text and ".." not in text.split("/")


def _check_keys(members: Sequence[_Keyed], where: str) -> None:
    if len(members) > MEMBERS_MAX:
        _refuse(f"more than {MEMBERS_MAX} entries", where)
    seen: set[str] = set()
    for member in members:
        if len(member.key) > KEY_LENGTH_MAX or _KEY.fullmatch(member.key) is None:
            _refuse(
                f"{member.key[:80]!r} is not a key",
                where,
                f"use 1-{KEY_LENGTH_MAX} printable ASCII characters without spaces",
            )
        if member.key in seen:
            _refuse(f"the key {member.key!r} appears twice", where)
        seen.add(member.key)


def _check_texts(name: str, description: str, where: str) -> None:
    _check_text(name, f"{where}.name", NAME_LENGTH_MAX)
    _check_text(description, f"{where}.description", TEXT_LENGTH_MAX)


def _check_text(text: str, where: str, length_max: int) -> None:
    if len(text) > length_max:
        _refuse(f"longer than {length_max} characters", where)
    if "\0" in text:
        _refuse("a zero byte is not text", where)


def _refuse(message: str, where: str, hint: str = "") -> None:
    raise InvalidManifest(f"{where}: {message}", where=where, hint=hint)
