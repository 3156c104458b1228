"""What the readers promise for any text and any bytes."""

from hypothesis import given
from hypothesis import strategies as some

from mesg.marketplace.domain.errors import InvalidManifest
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
from mesg.node.domain.manifest_file import manifest_from_canonical, read_manifest

TEXT = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
KEYS = some.text(some.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
HOSTS = some.from_regex("[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(
    lambda key: key != "service"
)
PORTS = some.lists(some.integers(1, 65_535).map(str), unique=True, max_size=3).map(tuple)
VARIABLES = some.lists(
    some.from_regex("[A-Z][A-Z0-9_]{0,6}", fullmatch=True), unique=True, max_size=3
).map(tuple)
VOLUMES = some.lists(some.from_regex("/[a-z]{1,6}", fullmatch=True), unique=True, max_size=2).map(
    tuple
)


def keyed(values: some.SearchStrategy) -> some.SearchStrategy:
    return some.lists(values, max_size=3, unique_by=lambda value: value.key).map(tuple)


def parameters(depth: int = 2) -> some.SearchStrategy[tuple[Parameter, ...]]:
    def with_members(parameter: Parameter) -> some.SearchStrategy[Parameter]:
        if depth == 0 or parameter.type is not ParameterType.OBJECT:
            return some.just(parameter)
        return some.builds(
            Parameter,
            key=some.just(parameter.key),
            type=some.just(parameter.type),
            object=parameters(depth - 1),
        )

    flat = some.builds(
        Parameter,
        key=KEYS,
        type=some.sampled_from(ParameterType),
        name=TEXT,
        description=TEXT,
        optional=some.booleans(),
        repeated=some.booleans(),
    )
    return keyed(flat.flatmap(with_members))


OUTPUTS = some.one_of(
    some.builds(Output, key=some.just(""), data=parameters(0)).map(lambda output: (output,)),
    keyed(some.builds(Output, key=KEYS, data=parameters(0), name=TEXT)).filter(bool),
)
MANIFESTS = some.builds(
    Manifest,
    service=some.from_regex("[a-z]{1,8}", fullmatch=True).map(ServiceId),
    name=TEXT.filter(bool),
    description=TEXT,
    repository=TEXT,
    tasks=keyed(some.builds(Task, key=KEYS, inputs=parameters(), outputs=OUTPUTS, name=TEXT)),
    events=keyed(some.builds(Event, key=KEYS, data=parameters(0), description=TEXT)),
    configuration=some.builds(
        Configuration,
        command=TEXT,
        args=some.lists(TEXT, max_size=3).map(tuple),
        env=VARIABLES,
        ports=PORTS,
        volumes=VOLUMES,
        network=some.booleans(),
    ),
    dependencies=keyed(
        some.builds(Dependency, key=HOSTS, image=HOSTS, ports=PORTS, env=VARIABLES, command=TEXT)
    ),
)
YAML_WORDS = some.sampled_from(
    (
        *("name: x\n", "tasks:\n", "outputs: ", "type: String\n", "ports: [80]\n"),
        *("configuration:\n", "- ", "a: ", "{", "}", "[", "]", "&a ", "*a", "<<: ", ", "),
        *('"', "'", "|", "\n", "  ", "é"),
    )
)


@given(MANIFESTS)
def test_canonical_bytes_and_manifests_are_the_same_thing(manifest: Manifest) -> None:
    assert manifest_from_canonical(manifest.canonical()) == manifest


@given(some.one_of(some.text(), some.lists(YAML_WORDS, max_size=40).map("".join)))
def test_any_text_is_a_manifest_or_refused(text: str) -> None:
    try:
        manifest = read_manifest(text)
    except InvalidManifest as error:
        assert error.message
    else:
        assert manifest_from_canonical(manifest.canonical()) == manifest


@given(some.binary())
def test_any_bytes_are_a_manifest_or_refused(raw: bytes) -> None:
    try:
        manifest = manifest_from_canonical(raw)
    except InvalidManifest as error:
        assert error.message
    else:
        assert manifest.canonical() == raw


@given(MANIFESTS, some.data())
def test_a_changed_byte_gives_another_manifest_or_none(
    manifest: Manifest, data: some.DataObject
) -> None:
    raw = bytearray(manifest.canonical())
    raw[data.draw(some.integers(0, len(raw) - 1))] = data.draw(some.integers(0, 255))
    try:
        changed = manifest_from_canonical(bytes(raw))
    except InvalidManifest:
        return
    assert changed.canonical() == bytes(raw)
