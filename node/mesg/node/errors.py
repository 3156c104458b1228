"""How an expected failure is told to people and scripts: one `Problem`, one line, one exit code.

The same codes are the `type` of a problem+json answer of the HTTP API; see docs/reference/errors.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mesg.marketplace.domain.errors import (
    MesgError,
    Refused,
    TransactionReverted,
    Unavailable,
)
from mesg.marketplace.domain.refusals import explain

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_LOCKED = 4
EXIT_PAYMENT = 5
EXIT_UNREACHABLE = 6
EXIT_TIMEOUT = 7
EXIT_TASK_FAILED = 8
EXIT_INVALID = 9
EXIT_ENGINE = 10
EXIT_CHAIN = 11
EXIT_INTERRUPTED = 130

EXIT_MEANINGS: Mapping[int, str] = {
    EXIT_OK: "all went well",
    EXIT_ERROR: "another failure, or a bug",
    EXIT_USAGE: "the command line makes no sense",
    EXIT_NOT_FOUND: "nothing goes by that name, or several things do",
    EXIT_LOCKED: "the wallet is locked, or a token or key is missing or unsafe",
    EXIT_PAYMENT: "not paid for: no funds, no pass or channel, or a price above your maximum",
    EXIT_UNREACHABLE: "the node does not run, or a peer cannot be reached",
    EXIT_TIMEOUT: "the deadline passed",
    EXIT_TASK_FAILED: "the task ran and reported an error of its own",
    EXIT_INVALID: "an input, a manifest or the configuration is invalid",
    EXIT_ENGINE: "the runtime (Docker) is not available",
    EXIT_CHAIN: "the chain does not answer, or refused the transaction",
    EXIT_INTERRUPTED: "interrupted (Ctrl-C)",
}

EXIT_CODES: Mapping[str, int] = {
    "error": EXIT_ERROR,
    "refused": EXIT_ERROR,
    "unavailable": EXIT_ERROR,
    "bug": EXIT_ERROR,
    "bad_signature": EXIT_ERROR,
    "expired": EXIT_ERROR,
    "service_stopped": EXIT_ERROR,
    "overloaded": EXIT_ERROR,
    "protocol_violation": EXIT_ERROR,
    "operator_at_fault": EXIT_ERROR,
    "usage": EXIT_USAGE,
    "not_found": EXIT_NOT_FOUND,
    "keystore_locked": EXIT_LOCKED,
    "keystore_unsafe": EXIT_LOCKED,
    "not_authorised": EXIT_LOCKED,
    "not_entitled": EXIT_PAYMENT,
    "payment_refused": EXIT_PAYMENT,
    "price_above_max": EXIT_PAYMENT,
    "insufficient_funds": EXIT_PAYMENT,
    "node_not_running": EXIT_UNREACHABLE,
    "peer_unavailable": EXIT_UNREACHABLE,
    "deadline_exceeded": EXIT_TIMEOUT,
    "task_failed": EXIT_TASK_FAILED,
    "invalid_input": EXIT_INVALID,
    "invalid_manifest": EXIT_INVALID,
    "invalid_config": EXIT_INVALID,
    "engine_unavailable": EXIT_ENGINE,
    "chain_unavailable": EXIT_CHAIN,
    "transaction_reverted": EXIT_CHAIN,
    "interrupted": EXIT_INTERRUPTED,
}


class UsageError(Refused):
    """A command line that makes no sense."""

    code: ClassVar[str] = "usage"


class NotAuthorised(Refused):
    """A request over TCP without the application's token, or from a foreign page or host."""

    code: ClassVar[str] = "not_authorised"


class NodeNotRunning(Unavailable):
    """No node of this home answers."""

    code: ClassVar[str] = "node_not_running"


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure as data: what a MesgError says, or what the node's API said."""

    code: str
    message: str
    where: str = ""
    hint: str = ""
    retryable: bool = False
    cause: str = ""
    """What a contract said in its own words, if that is behind it."""

    @property
    def exit_code(self) -> int:
        """Return the exit code of a command that ends so."""
        return EXIT_CODES.get(self.code, EXIT_ERROR)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that scripts read."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "where": self.where,
                "hint": self.hint,
                "retryable": self.retryable,
                "cause": self.cause,
            }
        }

    def as_lines(self, *, debug: bool = False) -> tuple[str, ...]:
        """Return what people read: `error[code]: message`, then where and a hint if there are.

        With `debug` also a contract's own words.
        """
        lines = [f"error[{self.code}]: {self.message}"]
        if self.where and self.where not in self.message:
            lines.append(f"where: {self.where}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        if self.cause and debug:
            lines.append(f"cause: {self.cause}")
        return tuple(lines)


def problem_of(error: MesgError) -> Problem:
    """Return what an error says, as data; a contract's refusal in words that people know."""
    meant = explain(error.message) if isinstance(error, TransactionReverted) else None
    if meant is None:
        return Problem(error.code, error.message, error.where, error.hint, error.retryable)
    hint = error.hint or meant.hint
    return Problem(
        error.code, meant.sentence, error.where, hint, error.retryable, cause=error.message
    )
