"""Our refusals as gRPC statuses. Details carry message, place and hint; `mesg-code` the stable code.

INVALID_ARGUMENT     InvalidInput, InvalidManifest, BadSignature
NOT_FOUND            NotFound
PERMISSION_DENIED    NotEntitled
FAILED_PRECONDITION  ServiceStopped, KeystoreLocked, PaymentRefused and its kinds, Expired, other Refused
ABORTED              TaskFailed, TransactionReverted, ProtocolViolation
RESOURCE_EXHAUSTED   Overloaded
DEADLINE_EXCEEDED    DeadlineExceeded
UNAVAILABLE          every other Unavailable: the chain, a peer, the engine, a stopping node
UNKNOWN              anything else is a bug of the node, logged there
"""

from typing import Any, NoReturn

import grpc

from mesg.marketplace.domain import errors
from mesg.node.errors import problem_of

_STATUSES: tuple[tuple[type[errors.MesgError], grpc.StatusCode], ...] = (
    (errors.InvalidInput, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.InvalidManifest, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.BadSignature, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.NotFound, grpc.StatusCode.NOT_FOUND),
    (errors.NotEntitled, grpc.StatusCode.PERMISSION_DENIED),
    (errors.TaskFailed, grpc.StatusCode.ABORTED),
    (errors.TransactionReverted, grpc.StatusCode.ABORTED),
    (errors.ProtocolViolation, grpc.StatusCode.ABORTED),
    (errors.Overloaded, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.DeadlineExceeded, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.Unavailable, grpc.StatusCode.UNAVAILABLE),
    (errors.Refused, grpc.StatusCode.FAILED_PRECONDITION),
)
DETAILS_LENGTH_MAX = 2_000
"""Details travel in a header; clients refuse large ones."""


async def abort(context: Any, error: errors.MesgError) -> NoReturn:  # noqa: ANN401
    """End the RPC with the error's status."""
    await context.abort(
        status_of(error),
        details_of(error),
        (("mesg-code", error.code), ("mesg-retryable", "1" if error.retryable else "0")),
    )
    raise AssertionError  # abort always raises


def status_of(error: errors.MesgError) -> grpc.StatusCode:
    """Return the status of the first family in the table that the error belongs to."""
    return next(
        (status for kind, status in _STATUSES if isinstance(error, kind)), grpc.StatusCode.UNKNOWN
    )


def details_of(error: errors.MesgError) -> str:
    """Return one line: message, where, hint."""
    problem = problem_of(error)
    has_place = problem.where and problem.where not in problem.message
    where = f" (at {problem.where})" if has_place else ""
    hint = f"; {problem.hint}" if problem.hint else ""
    line = " ".join(f"{problem.message}{where}{hint}".split())
    return line.encode(errors="replace").decode()[:DETAILS_LENGTH_MAX]


def expected_error(failure: BaseException) -> errors.MesgError | None:
    """Return the one refusal that a nursery may have wrapped in groups; None for anything else."""
    while isinstance(failure, BaseExceptionGroup) and len(failure.exceptions) == 1:
        failure = failure.exceptions[0]
    return failure if isinstance(failure, errors.MesgError) else None
