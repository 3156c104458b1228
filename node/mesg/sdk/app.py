"""An Application: it calls tasks and listens to events and results through its own node."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import grpc

from mesg.sdk.connection import core_endpoint, core_methods, encode_object, open_channel
from mesg.sdk.errors import NodeUnavailable, TaskFailed, from_rpc, status_of
from mesg.sdk.mailbox import Mailbox, Result
from mesg.sdk.wire import core_pb2 as wire

CALL_S = 60.0
"""How long a call waits for its result unless told otherwise."""
ANSWER_S_MAX = 30.0
"""How long the node may take for anything that is not a task."""
START_S_MAX = 600.0
"""Starting a Service may build an image first."""
_ERROR_OUTPUT = "error"

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a Service told."""

    key: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunningService:
    """A Service on the node."""

    sid: str
    hash: str
    name: str
    status: str
    """`running`, `starting`, `partial`, `stopped` or `unknown`."""
    tasks: tuple[str, ...]
    events: tuple[str, ...]


class Stream(Generic[_Item]):
    """What a listener receives, in place once it exists; iterate it, and close it when done."""

    def __init__(self, call: Any, convert: Callable[[Any], _Item]) -> None:  # noqa: ANN401
        self._call = call
        self._convert = convert
        call.initial_metadata()  # arrives when the node's listener is in place

    def __iter__(self) -> Iterator[_Item]:
        """Iterate until closed."""
        return self

    def __next__(self) -> _Item:
        """Return the next item; raise SdkError when the node ends or refuses the stream."""
        try:
            return self._convert(next(self._call))
        except grpc.RpcError as error:
            if status_of(error) is grpc.StatusCode.CANCELLED:
                raise StopIteration from None
            raise from_rpc(error) from None

    def close(self) -> None:
        """Stop listening; a thread that waits for an item sees the end."""
        self._call.cancel()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self.close()


class App:
    """A connection to the node at `endpoint`: HOST:PORT, unix:PATH, or the default of this machine."""

    def __init__(self, *, endpoint: str = "", token: str = "") -> None:
        self._channel = open_channel(endpoint or core_endpoint())
        self._call = core_methods(self._channel)
        self._metadata = (("mesg-token", token),) if token else ()
        self._tag = f"mesg-app-{uuid.uuid4().hex}"
        self._mailboxes: dict[str, Mailbox] = {}
        self._lock = threading.Lock()

    def call(
        self,
        service: str,
        task: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = CALL_S,
    ) -> dict[str, Any]:
        """Run a task and return its outputs; raise TaskFailed for an error or the output `error`."""
        result = self.result(service, task, inputs, timeout_s=timeout_s)
        if result.error:
            raise TaskFailed(result.error, code="task_failed")
        if result.output == _ERROR_OUTPUT:
            message = str(result.outputs.get("message", "")) or json.dumps(result.outputs)
            raise TaskFailed(message, code="task_failed")
        return result.outputs

    def result(
        self,
        service: str,
        task: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = CALL_S,
    ) -> Result:
        """Run a task and return however it ended."""
        mailbox = self._mailbox(service)
        tag = f"mesg-call-{uuid.uuid4().hex}"
        coming = mailbox.expect(tag)
        try:
            self.execute(service, task, inputs, tags=(self._tag, tag))
            return coming.result(timeout_s)
        except TimeoutError:
            raise NodeUnavailable(
                f"no result of {task} within {timeout_s} s", code="deadline_exceeded"
            ) from None
        finally:
            mailbox.forget(tag)

    def execute(
        self,
        service: str,
        task: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        tags: Sequence[str] = (),
    ) -> str:
        """Begin a task and return the execution's id; its end is told to `results`."""
        request = wire.ExecuteTaskRequest(
            serviceID=service,
            taskKey=task,
            inputData=encode_object({} if inputs is None else inputs, what="inputs"),
            executionTags=tags,
        )
        reply = self._ask("ExecuteTask", request)
        return str(reply.executionID)

    def listen(self, service: str, event: str = "") -> Stream[Event]:
        """Listen to a Service's events; all of them without a key."""
        request = wire.ListenEventRequest(serviceID=service, eventFilter=event)
        return Stream(self._open("ListenEvent", request), _event)

    def results(
        self, service: str, *, task: str = "", output: str = "", tags: Sequence[str] = ()
    ) -> Stream[Result]:
        """Listen to executions of this node as they end, matching all that is given."""
        request = wire.ListenResultRequest(
            serviceID=service, taskFilter=task, outputFilter=output, tagFilters=tags
        )
        return Stream(self._open("ListenResult", request), _result)

    def start(self, service: str) -> None:
        """Start a Service of the node; a running one is left alone."""
        self._ask("StartService", wire.StartServiceRequest(serviceID=service), START_S_MAX)

    def stop(self, service: str) -> None:
        """Stop a Service of the node."""
        self._ask("StopService", wire.StopServiceRequest(serviceID=service))

    def services(self) -> list[RunningService]:
        """Return the Services on the node."""
        reply = self._ask("ListServices", wire.ListServicesRequest())
        return [_service(info) for info in reply.services]

    def close(self) -> None:
        """Close the connection; streams end."""
        with self._lock:
            for mailbox in self._mailboxes.values():
                mailbox.close()
        self._channel.close()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def _mailbox(self, service: str) -> Mailbox:
        """Return where this application's results of a Service arrive, listening if it does not yet."""
        with self._lock:
            mailbox = self._mailboxes.get(service)
            if mailbox is None or not mailbox.is_open:
                mailbox = Mailbox(self.results(service, tags=(self._tag,)))
                self._mailboxes[service] = mailbox
            return mailbox

    def _ask(self, method: str, request: Any, timeout_s: float = ANSWER_S_MAX) -> Any:  # noqa: ANN401
        try:
            return self._call[method](request, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise from_rpc(error) from None

    def _open(self, method: str, request: Any) -> Any:  # noqa: ANN401
        return self._call[method](request, metadata=self._metadata)


def _event(data: wire.EventData) -> Event:
    return Event(data.eventKey, json.loads(data.eventData))


def _result(data: wire.ResultData) -> Result:
    return Result(
        execution=data.executionID,
        task=data.taskKey,
        output=data.outputKey,
        outputs=json.loads(data.outputData) if data.outputData else {},
        tags=tuple(data.executionTags),
        error=data.error,
    )


def _service(info: wire.ServiceInfo) -> RunningService:
    definition = info.definition
    return RunningService(
        sid=definition.sid,
        hash=definition.hash,
        name=definition.name,
        status=wire.ServiceInfo.Status.Name(info.status).lower(),
        tasks=tuple(task.key for task in definition.tasks),
        events=tuple(event.key for event in definition.events),
    )
