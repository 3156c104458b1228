"""An execution: one run of a task, from the moment it is asked for to its one definite end.

CREATED --sent/started--> RUNNING --outputs--> SUCCEEDED
   │                        ├──task error────> FAILED      (the task ran and said no)
   └────────────────────────┴──refusal───────> ABORTED     (it did not run, or nobody knows)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NoReturn

from mesg.marketplace.domain.errors import Refused
from mesg.marketplace.domain.identity import Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount

Json = Mapping[str, Any]
"""A JSON object, parsed and within limits."""


class ExecutionState(StrEnum):
    """Where an execution is in its life."""

    CREATED = "created"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def is_final(self) -> bool:
        """Tell whether nothing can change any more."""
        return self in (ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.ABORTED)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an execution did not succeed: a stable code and a sentence."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Execution:
    """What is known of one run of a task, on either side of a call."""

    id: Digest
    service: ServiceId
    version: Digest
    """The manifest hash of the version that runs."""
    task: str
    inputs: Json
    created_at_unix_ns: int
    tags: tuple[str, ...] = ()
    state: ExecutionState = ExecutionState.CREATED
    peer: PeerId | None = None
    """Who runs it, or for whom it runs; None when both are this node."""
    output_key: str = ""
    outputs: Json = field(default_factory=dict)
    failure: Failure | None = None
    charged: TokenAmount = ZERO
    finished_at_unix_ns: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """It was handed to an instance, or sent to a peer."""

    peer: PeerId | None = None


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The task gave its output."""

    output_key: str
    outputs: Json
    at_unix_ns: int
    charged: TokenAmount = ZERO


@dataclass(frozen=True, slots=True)
class Failed:
    """The task ran and reported an error."""

    failure: Failure
    at_unix_ns: int
    charged: TokenAmount = ZERO


@dataclass(frozen=True, slots=True)
class Aborted:
    """It was refused, ran out of time, or its instance or peer went away."""

    failure: Failure
    at_unix_ns: int


Change = Started | Succeeded | Failed | Aborted


def advance(execution: Execution, change: Change) -> Execution:
    """Return the execution after a change; raise Refused if it has already ended."""
    if execution.state.is_final:
        _refuse(execution, change)
    match change:
        case Started(peer=peer):
            return replace(execution, state=ExecutionState.RUNNING, peer=peer)
        case Succeeded():
            return replace(
                execution,
                state=ExecutionState.SUCCEEDED,
                output_key=change.output_key,
                outputs=change.outputs,
                charged=change.charged,
                finished_at_unix_ns=change.at_unix_ns,
            )
        case Failed():
            return replace(
                execution,
                state=ExecutionState.FAILED,
                failure=change.failure,
                charged=change.charged,
                finished_at_unix_ns=change.at_unix_ns,
            )
        case Aborted():
            return replace(
                execution,
                state=ExecutionState.ABORTED,
                failure=change.failure,
                finished_at_unix_ns=change.at_unix_ns,
            )


def _refuse(execution: Execution, change: Change) -> NoReturn:
    name = type(change).__name__.lower()
    raise Refused(f"execution {execution.id.hex()} has {execution.state}; it cannot be {name} now")
