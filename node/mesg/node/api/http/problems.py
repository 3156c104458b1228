"""Failures over HTTP: problem+json (RFC 9457), whose `type` is the error's stable code."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mesg.marketplace.domain.errors import MesgError
from mesg.node.errors import Problem, problem_of

STATUSES: Mapping[str, HTTPStatus] = {
    "refused": HTTPStatus.BAD_REQUEST,
    "bad_signature": HTTPStatus.BAD_REQUEST,
    "not_authorised": HTTPStatus.UNAUTHORIZED,
    "not_entitled": HTTPStatus.PAYMENT_REQUIRED,
    "payment_refused": HTTPStatus.PAYMENT_REQUIRED,
    "price_above_max": HTTPStatus.PAYMENT_REQUIRED,
    "insufficient_funds": HTTPStatus.PAYMENT_REQUIRED,
    "not_found": HTTPStatus.NOT_FOUND,
    "service_stopped": HTTPStatus.CONFLICT,
    "transaction_reverted": HTTPStatus.CONFLICT,
    "expired": HTTPStatus.GONE,
    "invalid_input": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_manifest": HTTPStatus.UNPROCESSABLE_ENTITY,
    "keystore_locked": HTTPStatus.LOCKED,
    "keystore_unsafe": HTTPStatus.LOCKED,
    "task_failed": HTTPStatus.FAILED_DEPENDENCY,
    "overloaded": HTTPStatus.TOO_MANY_REQUESTS,
    "protocol_violation": HTTPStatus.BAD_GATEWAY,
    "operator_at_fault": HTTPStatus.BAD_GATEWAY,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "chain_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "peer_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "engine_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "deadline_exceeded": HTTPStatus.GATEWAY_TIMEOUT,
    "bug": HTTPStatus.INTERNAL_SERVER_ERROR,
}
BUG = Problem("bug", "the node made a mistake; its log says more", hint="see the node's log")
_MEDIA_TYPE = "application/problem+json"
_HTTP_CODES = {404: "not_found", 401: "not_authorised", 403: "not_authorised"}


def problem_answer(problem: Problem, status: int | None = None) -> Response:
    """Return a problem as an answer."""
    status = status or STATUSES.get(problem.code, HTTPStatus.BAD_REQUEST)
    body = {
        "type": problem.code,
        "title": problem.code.replace("_", " "),
        "status": int(status),
        "detail": problem.message,
        "where": problem.where,
        "hint": problem.hint,
        "retryable": problem.retryable,
        "cause": problem.cause,
    }
    return JSONResponse(body, status, media_type=_MEDIA_TYPE)


async def on_mesg_error(_request: Request, error: Exception) -> Response:
    """Answer an expected failure."""
    if not isinstance(error, MesgError):
        raise TypeError(f"registered for MesgError, called with {type(error).__name__}")
    return problem_answer(problem_of(error))


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer what the router refuses: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise TypeError(f"registered for HTTPException, called with {type(error).__name__}")
    code = _HTTP_CODES.get(error.status_code, "refused")
    return problem_answer(Problem(code, error.detail), error.status_code)


async def on_bug(_request: Request, _error: Exception) -> Response:
    """Answer a bug without telling its insides; the server's log has the traceback."""
    return problem_answer(BUG)
