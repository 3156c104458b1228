"""A `mesg.yml` of 2018-2019, as a tree, into the model; unknown keys are refused by name.

Both shapes of `outputs` are read: named outputs with `data`, and version 0.10's plain parameters.
"""

from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import NoReturn, TypeVar

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
from mesg.node.domain.yaml_tree import Items, Scalar, Table, Value

_MANIFEST_KEYS = (
    *("name", "sid", "description", "repository", "tasks", "events"),
    *("configuration", "dependencies", "permissions"),
)
_CONTAINER_KEYS = ("volumes", "volumesfrom", "volumesFrom", "ports", "command", "args", "env")
_PARAMETER_KEYS = ("name", "description", "type", "optional", "repeated", "object")
_LEGACY_MANIFEST_KEYS = ("version", "visibility", "publish")
_LEGACY_TASK_KEYS = ("verifiable", "payable", "fees", "secrets")
_LEGACY_EVENT_KEYS = ("fees",)

_Member = TypeVar("_Member")


class Place:
    """A value and the way to it; absent values are null."""

    def __init__(self, value: Value, path: str, line: int) -> None:
        self.value = value
        self.path = path
        self.line = line

    @property
    def is_null(self) -> bool:
        """Tell whether nothing is written here."""
        return isinstance(self.value, Scalar) and self.value.is_null

    def refuse(self, message: str, *, hint: str = "") -> NoReturn:
        """Refuse what stands here."""
        where = f"{self.path}, line {self.line}" if self.path else f"line {self.line}"
        raise InvalidManifest(f"{where}: {message}", where=where, hint=hint)

    def keys(self, *allowed: str) -> tuple[str, ...]:
        """Return the keys written here; refuse those that are not allowed."""
        for key in self._table().members:
            if key not in allowed:
                near = get_close_matches(key, allowed, n=2)
                hint = f"did you mean: {', '.join(near)}?" if near else f"known: {_list(allowed)}"
                self.at(key).refuse(f"unknown key {key[:80]!r}", hint=hint)
        return tuple(self._table().members)

    def at(self, key: str) -> "Place":
        """Return a member of a mapping, null if it is not there."""
        table = self._table()
        path = f"{self.path}.{key[:80]}" if self.path else key[:80]
        absent = Scalar("", is_plain=True, line=self.line)
        return Place(table.members.get(key, absent), path, table.lines.get(key, self.line))

    def members(self) -> "list[tuple[str, Place]]":
        """Return the members of a mapping in written order; none for null."""
        return [(key, self.at(key)) for key in self._table().members]

    def text(self) -> str:
        """Return what is written here, whatever YAML would make of it; empty for null."""
        if not isinstance(self.value, Scalar):
            self.refuse("must be text")
        return "" if self.value.is_null else self.value.text

    def flag(self) -> bool:
        """Return a boolean, false for null."""
        said = self.value.boolean() if isinstance(self.value, Scalar) else None
        if said is None and not self.is_null:
            self.refuse("must be true or false")
        return bool(said)

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts, empty for null."""
        if self.is_null:
            return ()
        if not isinstance(self.value, Items):
            self.refuse("must be a list")
        return tuple(
            Place(value, f"{self.path}[{index}]", value.line).text()
            for index, value in enumerate(self.value.values)
        )

    def _table(self) -> Table:
        if self.is_null:
            return Table({}, {}, self.line, weight=1, height=1)
        if not isinstance(self.value, Table):
            self.refuse("must be a mapping")
        return self.value


def manifest_of(root: Place, *, default_sid: str) -> Manifest:
    """Return the manifest written in the tree; raise InvalidManifest with path and line."""
    root.keys(*_MANIFEST_KEYS, *_LEGACY_MANIFEST_KEYS)
    return Manifest(
        service=_service(root.at("sid"), default_sid),
        name=root.at("name").text(),
        description=root.at("description").text(),
        repository=root.at("repository").text(),
        tasks=_each(root.at("tasks"), _task),
        events=_each(root.at("events"), _event),
        configuration=_configuration(root.at("configuration"), root.at("permissions")),
        dependencies=_each(root.at("dependencies"), _dependency),
    )


def _service(place: Place, default_sid: str) -> ServiceId:
    """Read the sid; capitals are lowered, as they were since version 0.6."""
    try:
        return ServiceId(place.text().lower() or default_sid)
    except InvalidInput as error:
        place.refuse(error.message, hint=error.hint)


def _task(key: str, place: Place) -> Task:
    place.keys("name", "description", "inputs", "outputs", *_LEGACY_TASK_KEYS)
    return Task(
        key=key,
        inputs=_parameters(place.at("inputs")),
        outputs=_outputs(place),
        name=place.at("name").text(),
        description=place.at("description").text(),
    )


def _event(key: str, place: Place) -> Event:
    place.keys("name", "description", "data", *_LEGACY_EVENT_KEYS)
    return Event(
        key=key,
        data=_parameters(place.at("data")),
        name=place.at("name").text(),
        description=place.at("description").text(),
    )


def _outputs(task: Place) -> tuple[Output, ...]:
    """Read named outputs, or the parameters of the only one: those have a `type`."""
    place = task.at("outputs")
    if "outputs" not in task.keys("name", "description", "inputs", "outputs", *_LEGACY_TASK_KEYS):
        task.refuse("a task needs outputs", hint="write outputs: {} if it gives nothing back")
    flat = [_has_type(member) for _, member in place.members()]
    if all(flat):
        return (Output(key="", data=_parameters(place)),)
    if any(flat):
        place.refuse("either all members are parameters with a type, or all are named outputs")
    return _each(place, _output)


def _has_type(place: Place) -> bool:
    value = place.value
    return isinstance(value, Table) and isinstance(value.members.get("type"), Scalar)


def _output(key: str, place: Place) -> Output:
    place.keys("name", "description", "data")
    return Output(
        key=key,
        data=_parameters(place.at("data")),
        name=place.at("name").text(),
        description=place.at("description").text(),
    )


def _parameters(place: Place) -> tuple[Parameter, ...]:
    return _each(place, _parameter)


def _parameter(key: str, place: Place) -> Parameter:
    place.keys(*_PARAMETER_KEYS)
    return Parameter(
        key=key,
        type=_type(place.at("type")),
        name=place.at("name").text(),
        description=place.at("description").text(),
        optional=place.at("optional").flag(),
        repeated=place.at("repeated").flag(),
        object=_parameters(place.at("object")),
    )


def _type(place: Place) -> ParameterType:
    word = place.text()
    if word not in tuple(ParameterType):
        by_lower = {known.lower(): known.value for known in ParameterType}
        near = get_close_matches(word.lower(), by_lower, n=1)
        hint = (
            f"did you mean: {by_lower[near[0]]}?"
            if near
            else f"one of {_list(tuple(by_lower.values()))}"
        )
        problem = f"{word[:80]!r} is not a type" if word else "a parameter needs a type"
        place.refuse(problem, hint=hint)
    return ParameterType(word)


def _configuration(place: Place, permissions: Place) -> Configuration:
    place.keys(*_CONTAINER_KEYS)
    permissions.keys("network")
    return Configuration(
        command=place.at("command").text(),
        args=place.at("args").texts(),
        env=place.at("env").texts(),
        ports=place.at("ports").texts(),
        volumes=place.at("volumes").texts(),
        volumes_from=_volumes_from(place),
        network=permissions.at("network").flag(),
    )


def _dependency(key: str, place: Place) -> Dependency:
    place.keys("image", *_CONTAINER_KEYS)
    return Dependency(
        key=key,
        image=place.at("image").text(),
        volumes=place.at("volumes").texts(),
        volumes_from=_volumes_from(place),
        ports=place.at("ports").texts(),
        command=place.at("command").text(),
        args=place.at("args").texts(),
        env=place.at("env").texts(),
    )


def _volumes_from(place: Place) -> tuple[str, ...]:
    """Read both spellings: `volumesfrom` until version 0.9, `volumesFrom` since."""
    old, new = place.at("volumesfrom"), place.at("volumesFrom")
    if not old.is_null and not new.is_null:
        old.refuse("volumesfrom and volumesFrom are the same; keep one")
    return new.texts() or old.texts()


def _each(place: Place, read: Callable[[str, Place], _Member]) -> tuple[_Member, ...]:
    return tuple(read(key, member) for key, member in place.members())


def _list(words: Collection[str]) -> str:
    return ", ".join(words)
