"""What reading and checking promise for any data."""

import json
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.domain.manifest import Parameter, ParameterType
from mesg.node.domain.shape import (
    JSON_INTEGER_MAX,
    check_data,
    encode_json,
    parse_json_object,
)

TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=10)
NUMBERS = some.integers(-JSON_INTEGER_MAX, JSON_INTEGER_MAX) | some.floats(
    allow_nan=False, allow_infinity=False
)
VALUES = some.recursive(
    some.none() | some.booleans() | NUMBERS | TEXT,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
OBJECTS = some.dictionaries(TEXT, VALUES, max_size=4)
PARAMETERS = some.lists(
    some.builds(
        Parameter,
        key=TEXT,
        type=some.sampled_from(ParameterType),
        optional=some.booleans(),
        repeated=some.booleans(),
    ),
    max_size=4,
    unique_by=lambda parameter: parameter.key,
)


@given(OBJECTS)
def test_what_is_encoded_is_read_back(data: dict[str, Any]) -> None:
    assert parse_json_object(encode_json(data), what="data") == data
    assert parse_json_object(json.dumps(data).encode(), what="data") == data


@given(some.text() | some.binary())
def test_any_text_is_an_object_or_refused_and_what_passes_can_be_hashed(raw: str | bytes) -> None:
    try:
        data = parse_json_object(raw, what="data")
    except InvalidInput as error:
        assert error.message.startswith("data")
        assert error.message.isprintable()
    else:
        rfc8785.dumps(data)


@given(PARAMETERS, OBJECTS)
def test_checking_changes_nothing_and_refuses_with_a_pointer(
    parameters: list[Parameter], data: dict[str, Any]
) -> None:
    before = encode_json(data)
    try:
        check_data(parameters, data, what="data")
    except InvalidInput as error:
        assert error.where.startswith("/")
    else:
        for parameter in parameters:
            assert parameter.optional or data[parameter.key] is not None
    assert encode_json(data) == before


@given(PARAMETERS, OBJECTS, OBJECTS)
def test_keys_that_nobody_declared_make_no_difference(
    parameters: list[Parameter], data: dict[str, Any], extra: dict[str, Any]
) -> None:
    def fits(value: dict[str, Any]) -> bool:
        try:
            check_data(parameters, value, what="data")
        except InvalidInput:
            return False
        return True

    declared = {parameter.key for parameter in parameters}
    undeclared = {key: value for key, value in extra.items() if key not in declared}

    assert fits(data) == fits(undeclared | data)
