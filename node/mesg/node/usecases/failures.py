"""Errors as values that travel and are stored (`Failure`), and back to the errors they were."""

from typing import NoReturn

from mesg.marketplace.domain import errors
from mesg.marketplace.domain.errors import MesgError, Refused
from mesg.node.domain.execution import Failure
from mesg.node.errors import problem_of


def failure_of(error: MesgError) -> Failure:
    """Return the error as a value."""
    problem = problem_of(error)
    return Failure(problem.code, problem.message, problem.hint, problem.retryable)


def raise_failure(failure: Failure) -> NoReturn:
    """Raise the error that a failure tells of; an unknown code becomes Refused."""
    kind = _BY_CODE.get(failure.code, Refused)
    raise kind(failure.message, hint=failure.hint)


def _kinds(kind: type[MesgError]) -> dict[str, type[MesgError]]:
    known = {kind.code: kind}
    for child in kind.__subclasses__():
        known |= _kinds(child)
    return known


_BY_CODE = {code: kind for code, kind in _kinds(errors.MesgError).items() if code != "error"}
