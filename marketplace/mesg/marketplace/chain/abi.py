"""Calls, answers, logs and errors of contracts as bytes and back, from their artifacts; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak

from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.domain.identity import AccountAddress

Parameter = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how to call it and how to read its answer."""

    name: str
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def call(self, *arguments: object) -> bytes:
        """Return the calldata; structs are tuples, addresses 20 bytes."""
        return self.selector + encode(self.inputs, arguments)

    def answer(self, raw: bytes) -> tuple[object, ...]:
        """Return the decoded outputs; raise ValueError if the bytes are something else."""
        return _decode(self.outputs, raw)


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its first topic and how to read the rest."""

    name: str
    topic: bytes
    indexed: tuple[tuple[str, str], ...]
    plain: tuple[tuple[str, str], ...]

    def fields(self, topics: Sequence[bytes], data: bytes) -> dict[str, object]:
        """Return all parameters by name; raise ValueError if the log is something else."""
        if len(topics) != len(self.indexed) + 1:
            raise ValueError(f"{self.name} has {len(self.indexed) + 1} topics, not {len(topics)}")
        values = _decode(tuple(kind for _, kind in self.plain), data)
        found = {
            name: _decode((kind,), topic)[0]
            for (name, kind), topic in zip(self.indexed, topics[1:], strict=True)
        }
        return found | {name: value for (name, _), value in zip(self.plain, values, strict=True)}


@dataclass(frozen=True, slots=True)
class DescribedCall:
    """A call read back from its bytes: what is called, with which arguments, shown."""

    function: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ContractError:
    """One custom error and its parameters."""

    name: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]

    def describe(self, data: bytes) -> str:
        """Show it with its numbers: `PriceTooHigh(price=5, maxPrice=3)`."""
        values = _decode(self.kinds, data)
        parts = zip(self.names, self.kinds, values, strict=True)
        shown = (f"{name}={_show(kind, value)}" for name, kind, value in parts)
        return f"{self.name}({', '.join(shown)})"


@cache
def function(contract: str, name: str) -> Function:
    """Return a function of a contract of ours; its name must not be overloaded."""
    (entry,) = (entry for entry in _entries(contract, "function") if entry["name"] == name)
    inputs = _kinds(entry["inputs"])
    return Function(name, _hash(entry)[:4], inputs, _kinds(entry["outputs"]))


def describe_call(contract: str, data: bytes) -> DescribedCall:
    """Read a call to a contract of ours; raise ValueError if it has no such function."""
    for entry in _entries(contract, "function"):
        if _hash(entry)[:4] == data[:4]:
            parameters = _parameters(entry["inputs"])
            values = _decode(_kinds(parameters), data[4:])
            shown = zip(parameters, values, strict=True)
            arguments = tuple(
                (str(one["name"]), _show_parameter(one, value)) for one, value in shown
            )
            return DescribedCall(str(entry["name"]), arguments)
    raise ValueError(f"{contract} has no function 0x{data[:4].hex()}")


@cache
def event(contract: str, name: str) -> Event:
    """Return an event of a contract of ours."""
    (entry,) = (entry for entry in _entries(contract, "event") if entry["name"] == name)
    parameters = _parameters(entry["inputs"])
    named = [(str(each["name"]), _kind(each), bool(each["indexed"])) for each in parameters]
    return Event(
        name,
        _hash(entry),
        indexed=tuple((title, kind) for title, kind, indexed in named if indexed),
        plain=tuple((title, kind) for title, kind, indexed in named if not indexed),
    )


@cache
def contract_errors() -> Mapping[bytes, ContractError]:
    """Return every error that a contract of ours may answer with, by selector."""
    found = {
        _hash(entry)[:4]: ContractError(
            str(entry["name"]),
            tuple(str(each["name"]) for each in _parameters(entry["inputs"])),
            _kinds(entry["inputs"]),
        )
        for contract in ("MesgToken", "ServiceRegistry", "MesgPay")
        for entry in _entries(contract, "error")
    }
    found[keccak(b"Error(string)")[:4]] = ContractError("Error", ("reason",), ("string",))
    found[keccak(b"Panic(uint256)")[:4]] = ContractError("Panic", ("code",), ("uint256",))
    # A market's token may be one that can be paused (OpenZeppelin's `Pausable`); ours cannot.
    found[keccak(b"EnforcedPause()")[:4]] = ContractError("EnforcedPause", (), ())
    return found


def constructor_call(contract: str, *arguments: object) -> bytes:
    """Return the creation code of a contract with its constructor's arguments."""
    kinds = [_kinds(entry["inputs"]) for entry in _entries(contract, "constructor")]
    return artifact(contract).creation_code + encode(kinds[0] if kinds else (), arguments)


def _decode(kinds: Sequence[str], raw: bytes) -> tuple[object, ...]:
    try:
        return cast("tuple[object, ...]", decode(kinds, raw))
    except (DecodingError, OverflowError) as error:
        raise ValueError(f"{len(raw)} bytes are not ({', '.join(kinds)})") from error


def _entries(contract: str, kind: str) -> list[Parameter]:
    return [entry for entry in artifact(contract).abi if entry["type"] == kind]


def _hash(entry: Parameter) -> bytes:
    return keccak(f"{entry['name']}({','.join(_kinds(entry['inputs']))})".encode())


def _kinds(parameters: object) -> tuple[str, ...]:
    return tuple(_kind(each) for each in _parameters(parameters))


def _parameters(parameters: object) -> Sequence[Parameter]:
    return cast("Sequence[Parameter]", parameters)


def _kind(parameter: Parameter) -> str:
    """Return the canonical type: a struct is the tuple of its members."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_kinds(parameter['components']))}){kind.removeprefix('tuple')}"


def _show_parameter(parameter: Parameter, value: object) -> str:
    """Show a value with its members' names: `(payer=0x…, amount=5)`, `[…, …]`."""
    kind = str(parameter["type"])
    if kind.endswith("[]"):
        one = {**parameter, "type": kind.removesuffix("[]")}
        shown = [_show_parameter(one, each) for each in cast("Sequence[object]", value)]
        return f"[{', '.join(shown)}]"
    if kind != "tuple":
        return _show(kind, value)
    members = zip(
        _parameters(parameter["components"]), cast("Sequence[object]", value), strict=True
    )
    shown = [f"{one['name']}={_show_parameter(one, each)}" for one, each in members]
    return f"({', '.join(shown)})"


def _show(kind: str, value: object) -> str:
    if kind == "address":
        return str(AccountAddress.parse(str(value)))
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
