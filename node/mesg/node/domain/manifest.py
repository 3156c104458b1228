"""What a Service declares about itself, as one internal model whatever the shape of its `mesg.yml`.

The canonical bytes (RFC 8785) of the model and their sha-256 identify a version on the network and
on chain. Reading YAML is the business of `manifest_file`; checking data against parameters that of
`shape`.
"""

import hashlib
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

import rfc8785

from mesg.marketplace.domain.errors import NotFound
from mesg.marketplace.domain.identity import Digest, ServiceId

_Named = TypeVar("_Named")


class ParameterType(StrEnum):
    """The types of 2018; the wire carries these words."""

    STRING = "String"
    NUMBER = "Number"
    BOOLEAN = "Boolean"
    OBJECT = "Object"
    ANY = "Any"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named value of a task's inputs, an output or an event."""

    key: str
    type: ParameterType
    name: str = ""
    description: str = ""
    optional: bool = False
    repeated: bool = False
    object: tuple["Parameter", ...] = ()
    """The members of a nested object; empty means any members."""


@dataclass(frozen=True, slots=True)
class Output:
    """One of the ways a task can end; version 0.10 tasks have one, with an empty key."""

    key: str
    data: tuple[Parameter, ...]
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """An action with typed inputs."""

    key: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an instance tells by itself."""

    key: str
    data: tuple[Parameter, ...]
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A sidecar container, reachable by its key."""

    key: str
    image: str
    volumes: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the Service's own container or process is run."""

    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    """`NAME=value` with a default, or `NAME` alone: it must be given at deployment."""
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()
    network: bool = False
    """Whether the Service asks to reach the network (`permissions.network`)."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A Service's whole declaration."""

    service: ServiceId
    name: str
    description: str = ""
    repository: str = ""
    tasks: tuple[Task, ...] = ()
    events: tuple[Event, ...] = ()
    configuration: Configuration = Configuration()
    dependencies: tuple[Dependency, ...] = ()

    @property
    def digest(self) -> Digest:
        """The sha-256 of the canonical bytes: the version's hash."""
        return Digest(hashlib.sha256(self.canonical()).digest())

    def canonical(self) -> bytes:
        """Return the model as canonical JSON (RFC 8785)."""
        return rfc8785.dumps(_plain(asdict(self)))

    def task(self, key: str) -> Task:
        """Return a task by its key; raise NotFound with the nearest names."""
        return _by_key("task", key, {task.key: task for task in self.tasks}, self.service)

    def event(self, key: str) -> Event:
        """Return an event by its key; raise NotFound with the nearest names."""
        return _by_key("event", key, {event.key: event for event in self.events}, self.service)


def _by_key(what: str, key: str, known: dict[str, _Named], service: ServiceId) -> _Named:
    if key in known:
        return known[key]
    near = get_close_matches(key, known, n=3, cutoff=0.4) or sorted(known)[:5]
    hint = f"did you mean: {', '.join(near)}?" if near else f"{service} has no {what}s"
    raise NotFound(f"{service} has no {what} {key[:80]!r}", hint=hint)


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Leave out what is empty, so that a new optional key does not change old hashes."""
    if isinstance(value, dict):
        plain = {key: _plain(member) for key, member in value.items()}
        return {key: member for key, member in plain.items() if member not in ("", [], {}, False)}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value
