import pytest

from mesg.marketplace.domain import errors
from mesg.node.api.grpc.bridge import NodeStopping
from mesg.node.api.grpc.status import DETAILS_LENGTH_MAX, details_of, expected_error, status_of


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.InvalidInput, "INVALID_ARGUMENT"),
        (errors.InvalidManifest, "INVALID_ARGUMENT"),
        (errors.BadSignature, "INVALID_ARGUMENT"),
        (errors.NotFound, "NOT_FOUND"),
        (errors.NotEntitled, "PERMISSION_DENIED"),
        (errors.ServiceStopped, "FAILED_PRECONDITION"),
        (errors.KeystoreLocked, "FAILED_PRECONDITION"),
        (errors.PriceAboveMax, "FAILED_PRECONDITION"),
        (errors.InsufficientFunds, "FAILED_PRECONDITION"),
        (errors.Expired, "FAILED_PRECONDITION"),
        (errors.Refused, "FAILED_PRECONDITION"),
        (errors.TaskFailed, "ABORTED"),
        (errors.TransactionReverted, "ABORTED"),
        (errors.ProtocolViolation, "ABORTED"),
        (errors.Overloaded, "RESOURCE_EXHAUSTED"),
        (errors.DeadlineExceeded, "DEADLINE_EXCEEDED"),
        (errors.ChainUnavailable, "UNAVAILABLE"),
        (NodeStopping, "UNAVAILABLE"),
        (errors.MesgError, "UNKNOWN"),
    ],
)
def test_every_family_has_its_status(kind: type[errors.MesgError], status: str) -> None:
    assert status_of(kind("x")).name == status


def test_details_say_what_where_and_what_to_do_on_one_line() -> None:
    error = errors.InvalidInput("it\nis wrong", where="/a", hint="do it right")

    assert details_of(error) == "it is wrong (at /a); do it right"


def test_details_are_bounded_and_always_text() -> None:
    assert details_of(errors.Refused("\ud800" + "x" * 5_000)) == "?" + "x" * (
        DETAILS_LENGTH_MAX - 1
    )


def test_a_refusal_wrapped_by_nurseries_is_found_and_nothing_else() -> None:
    refusal = errors.NotFound("x")
    one = ExceptionGroup("", [ExceptionGroup("", [refusal])])
    two = ExceptionGroup("", [refusal, errors.NotFound("y")])

    assert expected_error(one) is refusal
    assert expected_error(two) is None
    assert expected_error(ValueError()) is None
