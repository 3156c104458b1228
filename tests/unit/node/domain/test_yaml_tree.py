import pytest

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.node.domain.yaml_tree import (
    YAML_BYTES_MAX,
    YAML_DEPTH_MAX,
    YAML_NODES_MAX,
    Items,
    Scalar,
    Table,
    Value,
    parse_yaml,
)


def plain(value: Value) -> object:
    match value:
        case Scalar():
            return value.text
        case Items():
            return [plain(member) for member in value.values]
        case Table():
            return {key: plain(member) for key, member in value.members.items()}


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(InvalidManifest) as raised:
        parse_yaml(text)
    return raised.value.message.removeprefix(f"{raised.value.where}: "), raised.value.where


def test_scalars_stay_what_was_written() -> None:
    text = "a: 22:22\nb: 1.0\nc: no\nd: 0o17\ne: 2018-01-01\nf: !!str x\n1: 'q'\n"

    assert plain(parse_yaml(text)) == {
        "a": "22:22",
        "b": "1.0",
        "c": "no",
        "d": "0o17",
        "e": "2018-01-01",
        "f": "x",
        "1": "q",
    }


def test_anchors_and_merge_keys_work_and_what_is_written_wins() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\nc: {y: 5, <<: [*a, *b]}\nd: *b\n"

    tree = parse_yaml(text)

    assert plain(tree) == {
        "a": {"x": "1", "y": "2"},
        "b": {"x": "3", "z": "4"},
        "c": {"y": "5", "x": "1", "z": "4"},
        "d": {"x": "3", "z": "4"},
    }


@pytest.mark.parametrize("word", ["null", "~", ""])
def test_null_is_null_unless_quoted(word: str) -> None:
    tree = parse_yaml(f"a: {word}\nb: '{word}'")

    assert isinstance(tree, Table)
    assert [isinstance(it, Scalar) and it.is_null for it in tree.members.values()] == [True, False]


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("a: 1\na: 2", "the key 'a' appears twice", "line 2"),
        ("a: !!python/name:os x", "tags such as tag:yaml.org,2002:python/name:os are not allowed", "line 1"),
        ("a: !!binary aGk=", "tags such as tag:yaml.org,2002:binary are not allowed", "line 1"),
        ("[a]: 1", "a key must be a word", "line 1"),
        ("a: &a [*a]", "no anchor 'a' before this alias", "line 1"),
        ("a: 1\n---\nb: 2", "a manifest is one document", "line 3"),
        ('a: "\\ud800"', "half a surrogate pair is not text", "line 1"),
        ("a: 1\n<<: 2", "<< merges mappings only", "line 2"),
        ("a:\n  - {", "not valid YAML: expected the node content, but found '<stream end>'", "line 2"),
    ],
)  # fmt: skip
def test_the_unsafe_and_the_malformed_are_refused_by_line(
    text: str, message: str, where: str
) -> None:
    assert refusal(text) == (message, where)


def test_size_has_a_limit() -> None:
    assert plain(parse_yaml("a" * YAML_BYTES_MAX)) == "a" * YAML_BYTES_MAX
    assert refusal("a" * (YAML_BYTES_MAX + 1))[0] == "the manifest is larger than 262144 bytes"
    assert (
        refusal("é" * (YAML_BYTES_MAX // 2 + 1))[0] == "the manifest is larger than 262144 bytes"
    )


def test_depth_has_a_limit_with_and_without_aliases() -> None:
    deep = "[" * (YAML_DEPTH_MAX - 1) + "x" + "]" * (YAML_DEPTH_MAX - 1)
    half = "[" * 16 + "x" + "]" * 16

    assert parse_yaml(deep).height == YAML_DEPTH_MAX
    assert refusal(f"[{deep}]") == ("nested deeper than 32 levels", "line 1")
    assert refusal(f"a: &a {half}\nb: {'[' * 16}*a{']' * 16}")[0] == "nested deeper than 32 levels"


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]

    assert refusal("\n".join(lines)) == (f"more than {YAML_NODES_MAX} values", "line 5")


def test_a_bomb_of_merges_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} {{k{n}: *a{n - 1}, <<: *a{n - 1}}}" for n in range(1, 40)]

    assert refusal("\n".join(lines))[0] == f"more than {YAML_NODES_MAX} values"
