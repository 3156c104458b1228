import json
import sys
from typing import Any

import pytest

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.domain.manifest import Output, Parameter, ParameterType, Task
from mesg.node.domain.shape import (
    JSON_BYTES_MAX,
    JSON_DEPTH_MAX,
    JSON_INTEGER_MAX,
    check_data,
    choose_output,
    encode_json,
    parse_json_object,
)

PERSON = Parameter(
    "person",
    ParameterType.OBJECT,
    object=(
        Parameter("name", ParameterType.STRING),
        Parameter("tags/~", ParameterType.STRING, repeated=True, optional=True),
    ),
)


def refusal(parameter: Parameter, value: object) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as raised:
        check_data((parameter,), {parameter.key: value}, what="inputs")
    return raised.value.message, raised.value.where


def text_refusal(raw: str | bytes) -> str:
    with pytest.raises(InvalidInput) as raised:
        parse_json_object(raw, what="inputs")
    return raised.value.message


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ParameterType.STRING, ""),
        (ParameterType.NUMBER, 0),
        (ParameterType.NUMBER, -1.5),
        (ParameterType.BOOLEAN, False),
        (ParameterType.OBJECT, {"anything": [1]}),
        (ParameterType.ANY, [None]),
    ],
)
def test_a_value_of_its_type_fits(kind: ParameterType, value: object) -> None:
    check_data((Parameter("a", kind),), {"a": value, "extra": 1}, what="inputs")


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (ParameterType.STRING, 1, "must be a String, not a Number"),
        (ParameterType.NUMBER, "1", "must be a Number, not a String"),
        (ParameterType.NUMBER, True, "must be a Number, not a Boolean"),
        (ParameterType.NUMBER, float("nan"), "must be a finite number"),
        (ParameterType.BOOLEAN, 0, "must be a Boolean, not a Number"),
        (ParameterType.OBJECT, [], "must be an Object, not a list"),
        (ParameterType.STRING, None, "is required"),
        (ParameterType.ANY, None, "is required"),
    ],
)
def test_a_value_of_another_type_is_refused(
    kind: ParameterType, value: object, message: str
) -> None:
    assert refusal(Parameter("a", kind), value) == (f"inputs/a {message}", "/a")


@pytest.mark.parametrize("data", [{}, {"a": None}])
def test_what_is_optional_may_be_missing_or_null(data: dict[str, Any]) -> None:
    check_data((Parameter("a", ParameterType.STRING, optional=True),), data, what="inputs")


def test_repeated_wants_a_list_of_its_type() -> None:
    numbers = Parameter("a", ParameterType.NUMBER, repeated=True)

    check_data((numbers,), {"a": []}, what="inputs")
    check_data((numbers,), {"a": [1, 2.5]}, what="inputs")
    assert refusal(numbers, 1) == ("inputs/a must be a list, not a Number", "/a")
    assert refusal(numbers, [1, "2"]) == ("inputs/a/1 must be a Number, not a String", "/a/1")
    assert refusal(numbers, [None]) == ("inputs/a/0 must be a Number, not null", "/a/0")


def test_members_of_objects_are_checked_and_pointed_at() -> None:
    check_data((PERSON,), {"person": {"name": "Ada", "more": 1}}, what="inputs")

    assert refusal(PERSON, {}) == ("inputs/person/name is required", "/person/name")
    assert refusal(PERSON, {"name": "Ada", "tags/~": ["a", 1]}) == (
        "inputs/person/tags~1~0/1 must be a String, not a Number",
        "/person/tags~1~0/1",
    )


def task(*keys: str) -> Task:
    return Task("t", (), tuple(Output(key, ()) for key in keys))


def test_an_output_is_chosen_by_its_key_or_for_want_of_another() -> None:
    assert choose_output(task("a", "b"), "b").key == "b"
    assert choose_output(task(""), "").key == ""
    assert choose_output(task(""), "success").key == ""
    assert choose_output(task("done"), "").key == "done"
    assert choose_output(task("error", "success"), "").key == "success"


@pytest.mark.parametrize(
    ("keys", "key", "hint"),
    [
        (("success", "error"), "sucess", "did you mean: success?"),
        (("a", "b"), "", "did you mean: a, b?"),
        ((), "a", "the task declares no outputs"),
    ],
)
def test_an_output_nobody_declared_is_refused(keys: tuple[str, ...], key: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        choose_output(task(*keys), key)

    assert (raised.value.message, raised.value.hint) == (f"task t has no output {key!r}", hint)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "inputs is not valid JSON: Expecting value at line 1 column 1"),
        ("[]", "inputs must be a JSON object, not a list"),
        ("null", "inputs must be a JSON object, not null"),
        (b"\xff", "inputs is not valid UTF-8 text"),
        ('{"a":"\ud800"}', "inputs is not valid UTF-8 text"),
        ('{"a":"\\ud800"}', "inputs holds half a surrogate pair (\\ud800-\\udfff)"),
        ('{"\\uDC00":1}', "inputs holds half a surrogate pair (\\ud800-\\udfff)"),
        ('{"a":1,"a":1}', "inputs: the key 'a' appears twice in one object"),
        ('{"b":{"a":1,"a":1}}', "inputs: the key 'a' appears twice in one object"),
        ('{"a":NaN}', "inputs: NaN is not JSON"),
        ('{"a":-Infinity}', "inputs: -Infinity is not JSON"),
        ('{"a":1e999}', "inputs: the number 1e999 is too large"),
        ('{"a":' + "[" * 100_000, "inputs is nested deeper than 64 levels"),
    ],
)
def test_what_is_no_safe_json_object_is_refused(raw: str | bytes, message: str) -> None:
    assert text_refusal(raw) == message


def test_integers_have_a_limit_on_both_sides() -> None:
    exact = {"a": JSON_INTEGER_MAX, "b": -JSON_INTEGER_MAX}

    assert parse_json_object(json.dumps(exact), what="inputs") == exact
    for value in (JSON_INTEGER_MAX + 1, -JSON_INTEGER_MAX - 1, 10**5_000):
        digits = "1" + "0" * 5_000 if value > 10**20 else str(value)
        assert text_refusal(f'{{"a":{digits}}}').endswith("JSON readers agree on (2^53-1)")


def test_size_has_a_limit_in_bytes() -> None:
    room = JSON_BYTES_MAX - len('{"a":""}')

    assert parse_json_object('{"a":"' + "x" * room + '"}', what="inputs")["a"] == "x" * room
    for text in ("x" * (room + 1), "é" * (room // 2 + 1)):
        assert text_refusal(f'{{"a":"{text}"}}') == "inputs is larger than 1048576 bytes"


def test_depth_is_refused_before_the_parser_recurses() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        assert text_refusal("[{" * 200_000) == "inputs is nested deeper than 64 levels"
    finally:
        sys.setrecursionlimit(before)
    assert parse_json_object('{"a": "' + "[" * 500 + '\\"["}', what="x") == {"a": "[" * 500 + '"['}


def test_depth_has_a_limit() -> None:
    def nested(depth: int) -> str:
        return '{"a":' * depth + "1" + "}" * depth

    assert parse_json_object(nested(JSON_DEPTH_MAX), what="inputs")
    assert text_refusal(nested(JSON_DEPTH_MAX + 1)) == "inputs is nested deeper than 64 levels"


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_json_object('{"a":"\\ud83d\\ude00"}', what="inputs") == {"a": "😀"}


def test_encoding_is_compact_and_keeps_text() -> None:
    assert encode_json({"a": "é", "b": [1, None]}) == '{"a":"é","b":[1,null]}'
