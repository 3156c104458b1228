"""What can go wrong, told by whose fault it is."""

from typing import Any

import grpc

_RETRYABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)


class TaskError(Exception):
    """Raise it in a task to tell the caller, in a sentence, why the task failed."""


class SdkError(Exception):
    """The node's answer was not what was asked for; `code` is stable, the text is for people."""

    def __init__(self, message: str, *, code: str = "error", retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retryable = retryable


class NodeUnavailable(SdkError):
    """The node, or what it needs for this, does not answer now; trying again may help."""


class Refused(SdkError):
    """The node refuses: something unknown, malformed, not allowed or not paid."""


class TaskFailed(SdkError):
    """The task ran, or was tried, and gave an error instead of an output."""


def status_of(error: grpc.RpcError) -> grpc.StatusCode:
    """Return the status of a failed call: grpc's errors are also the calls that failed."""
    call: Any = error
    status: grpc.StatusCode = call.code()
    return status


def from_rpc(error: grpc.RpcError) -> SdkError:
    """Return a gRPC failure as one of ours."""
    call: Any = error
    status = status_of(error)
    metadata = dict(call.trailing_metadata() or ())
    code = str(metadata.get("mesg-code", status.name.lower()))
    retryable = metadata.get("mesg-retryable") == "1" or status in _RETRYABLE
    is_away = status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    kind = NodeUnavailable if is_away else Refused
    return kind(call.details() or status.name.lower(), code=code, retryable=retryable)
