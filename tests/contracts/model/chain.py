"""What every part of the model stands on: the time, the events of the call, and how a call is refused."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import ClassVar, NoReturn

from eth_abi.abi import encode

from mesg.marketplace.chain.abi import event
from mesg.marketplace.chain.reverts import reason
from mesg.marketplace.domain.identity import AccountAddress

RawLog = tuple[str, tuple[bytes, ...], bytes]
"""The contract's name, the topics, the data."""


class Refused(Exception):
    """The call must revert, with exactly this error."""


def refuse(error: str, **values: object) -> NoReturn:
    """Refuse with an error of the contracts and its values, shown as the node shows them."""
    shown = (f"{name}={_shown(value)}" for name, value in values.items())
    raise Refused(f"{error}({', '.join(shown)})")


def refuse_raw(data: bytes) -> NoReturn:
    """Refuse with an error that is not of our contracts; the node may know it or not."""
    raise Refused(reason(data))


def _shown(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: what it answered and logged, or with which error it was refused."""

    refusal: str | None
    answer: object = None
    logs: tuple[RawLog, ...] = ()


@dataclass
class Chain:
    """The block that the next call is in, and what the present call has logged."""

    now_unix_s: int
    block: int
    logs: list[RawLog] = field(default_factory=list)

    def emit(self, contract: str, name: str, **fields: object) -> None:
        """Log an event of a contract."""
        self.logs.append((contract, *_encoded(contract, name, fields)))


def _encoded(
    contract: str, name: str, fields: Mapping[str, object]
) -> tuple[tuple[bytes, ...], bytes]:
    described = event(contract, name)
    values = {title: _plain(value) for title, value in fields.items()}
    indexed = (encode((kind,), (values.pop(title),)) for title, kind in described.indexed)
    topics = (described.topic, *indexed)
    kinds = [kind for _, kind in described.plain]
    data = encode(kinds, [values.pop(title) for title, _ in described.plain])
    if values:
        raise ValueError(f"{name} has no {', '.join(values)}")
    return topics, data


def _plain(value: object) -> object:
    return value.raw if isinstance(value, AccountAddress) else value


class Part:
    """One part of the model; its `state` can be set back, as a chain does with a refused call.

    The values in it are immutable, so that a copy of the containers is a copy of all.
    """

    state: ClassVar[tuple[str, ...]]

    def saved(self) -> dict[str, object]:
        """Return a copy of the state."""
        return {name: copy(getattr(self, name)) for name in self.state}

    def restore(self, saved: Mapping[str, object]) -> None:
        """Go back to a former state."""
        for name, value in saved.items():
            setattr(self, name, value)


def attempt(chain: Chain, parts: tuple[Part, ...], action: Callable[[], object]) -> Outcome:
    """Do it entirely or not at all."""
    chain.logs.clear()
    saved = [part.saved() for part in parts]
    try:
        answer = action()
    except Refused as refusal:
        for part, state in zip(parts, saved, strict=True):
            part.restore(state)
        return Outcome(str(refusal))
    return Outcome(None, answer, tuple(chain.logs))
