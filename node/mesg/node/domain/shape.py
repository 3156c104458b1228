"""Whether data fits its declared shape (the rules of 2018), and JSON objects read from strangers.

A missing or null value is fine if it is optional; `repeated` wants a list; keys that nobody declared
are allowed. The refusal's `where` is a JSON pointer (RFC 6901) into the data.
"""

import json
import math
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.domain.execution import Json
from mesg.node.domain.manifest import Output, Parameter, ParameterType, Task

JSON_BYTES_MAX = 1 << 20
"""One value of a task or an event: generous for data, small enough to hold a thousand of them."""
JSON_DEPTH_MAX = 64
"""Deeper data is an attack on whoever walks it recursively."""
JSON_INTEGER_MAX = 2**53 - 1
"""Above it JSON readers disagree on the number, so no hash could be agreed on (RFC 8785, RFC 7493)."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_NAMES = {
    str: "a String",
    bool: "a Boolean",
    int: "a Number",
    float: "a Number",
    dict: "an Object",
    list: "a list",
    type(None): "null",
}
_TYPES: dict[ParameterType, tuple[type, ...]] = {
    ParameterType.STRING: (str,),
    ParameterType.NUMBER: (int, float),
    ParameterType.BOOLEAN: (bool,),
    ParameterType.OBJECT: (dict,),
}


def check_data(parameters: Sequence[Parameter], data: Json, *, what: str) -> None:
    """Raise InvalidInput at the first value that does not fit; `what` names the data."""
    _check_members(parameters, data, what, ())


def choose_output(task: Task, key: str) -> Output:
    """Return the output that `key` names; raise InvalidInput if there is none such.

    An empty key means the only output, or `success`; the nameless output of version 0.10 takes any.
    """
    known = {output.key: output for output in task.outputs}
    if key in known:
        return known[key]
    if len(known) == 1 and (key == "" or "" in known):
        return task.outputs[0]
    if key == "" and "success" in known:
        return known["success"]
    near = get_close_matches(key, known, n=3, cutoff=0.4) or sorted(known)[:5]
    hint = f"did you mean: {', '.join(near)}?" if near else "the task declares no outputs"
    raise InvalidInput(f"task {task.key} has no output {key[:80]!r}", where=key[:80], hint=hint)


def parse_json_object(raw: str | bytes, *, what: str) -> dict[str, Any]:
    """Read one JSON object within limits; raise InvalidInput naming `what` and the fault."""
    text = _decode(raw, what)
    # The parser recurses in C: a library that raises Python's recursion limit (py_ecc does) would
    # turn deep data from strangers into a crash of the whole process.
    if _nesting(text) > JSON_DEPTH_MAX:
        _refuse_depth(what)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
    except InvalidInput as error:
        raise InvalidInput(f"{what}: {error.message}", hint=error.hint) from None
    except json.JSONDecodeError as error:
        at = f"line {error.lineno} column {error.colno}"
        raise InvalidInput(f"{what} is not valid JSON: {error.msg} at {at}", where=at) from None
    if not isinstance(value, dict):
        raise InvalidInput(f"{what} must be a JSON object, not {_name(value)}")
    _check_text(text, value, what)
    return value


def check_size(data: Json, *, what: str) -> None:
    """Raise InvalidInput for data whose own JSON form is too large, however short it was written."""
    if len(encode_json(data).encode()) > JSON_BYTES_MAX:
        _refuse_size(what)


def encode_json(data: Json) -> str:
    """Return the object as compact JSON text."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _check_members(
    parameters: Sequence[Parameter], data: Json, what: str, path: tuple[str, ...]
) -> None:
    for parameter in parameters:
        _check_parameter(parameter, data.get(parameter.key), what, (*path, parameter.key))


def _check_parameter(parameter: Parameter, value: Any, what: str, path: tuple[str, ...]) -> None:  # noqa: ANN401
    if value is None:
        if not parameter.optional:
            _refuse(what, path, "is required")
    elif not parameter.repeated:
        _check_value(parameter, value, what, path)
    elif not isinstance(value, list | tuple):
        _refuse(what, path, f"must be a list, not {_name(value)}")
    else:
        for index, member in enumerate(value):
            _check_value(parameter, member, what, (*path, str(index)))


def _check_value(parameter: Parameter, value: Any, what: str, path: tuple[str, ...]) -> None:  # noqa: ANN401
    if parameter.type is ParameterType.ANY:
        return
    is_bool_as_number = isinstance(value, bool) and parameter.type is ParameterType.NUMBER
    if is_bool_as_number or not isinstance(value, _TYPES[parameter.type]):
        _refuse(what, path, f"must be {_wanted(parameter.type)}, not {_name(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        _refuse(what, path, "must be a finite number")
    if isinstance(value, dict):
        _check_members(parameter.object, value, what, path)


def _refuse(what: str, path: tuple[str, ...], fault: str) -> NoReturn:
    where = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
    raise InvalidInput(f"{what}{where} {fault}", where=where)


def _wanted(kind: ParameterType) -> str:
    return f"an {kind}" if kind is ParameterType.OBJECT else f"a {kind}"


def _name(value: Any) -> str:  # noqa: ANN401
    return _NAMES.get(type(value), type(value).__name__)


def _decode(raw: str | bytes, what: str) -> str:
    if len(raw) > JSON_BYTES_MAX:
        _refuse_size(what)
    try:
        encoded = raw if isinstance(raw, bytes) else raw.encode()
        text = encoded.decode()
    except UnicodeError:
        raise InvalidInput(f"{what} is not valid UTF-8 text") from None
    if len(encoded) > JSON_BYTES_MAX:
        _refuse_size(what)
    return text


def _refuse_size(what: str) -> NoReturn:
    raise InvalidInput(f"{what} is larger than {JSON_BYTES_MAX} bytes")


def _refuse_depth(what: str) -> NoReturn:
    raise InvalidInput(f"{what} is nested deeper than {JSON_DEPTH_MAX} levels")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidInput(f"the key {_shown(twice)} appears twice in one object")
    return members


def _shown(text: str) -> str:
    return ascii(text[:80])


def _refuse_constant(word: str) -> NoReturn:
    raise InvalidInput(f"{word} is not JSON", hint="use null, or leave the key out")


def _integer(digits: str) -> int:
    value = int(digits) if len(digits) <= 17 else JSON_INTEGER_MAX + 1
    if abs(value) > JSON_INTEGER_MAX:
        raise InvalidInput(
            f"the integer {digits[:40]} is beyond what JSON readers agree on (2^53-1)",
            hint="send large integers as strings",
        )
    return value


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise InvalidInput(f"the number {digits[:40]} is too large")
    return value


def _nesting(text: str) -> int:
    """Return how deep brackets nest outside of strings, without recursion; 0 for clearly shallow."""
    if text.count("{") + text.count("[") <= JSON_DEPTH_MAX:
        return 0
    depth = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, depth)
        if deepest > JSON_DEPTH_MAX:
            break
    return deepest


def _check_text(text: str, value: Any, what: str) -> None:  # noqa: ANN401
    """Refuse half a surrogate pair: such text has no UTF-8 form and cannot be hashed or sent on."""
    if "\\u" not in text:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{what} holds half a surrogate pair (\\ud800-\\udfff)") from None
