"""Where the calls of one application wait for their results: one stream and one thread per Service."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from mesg.sdk.errors import NodeUnavailable, SdkError


@dataclass(frozen=True, slots=True)
class Result:
    """How an execution ended: an output, or an `error`."""

    execution: str
    task: str
    output: str
    outputs: dict[str, Any]
    tags: tuple[str, ...] = ()
    error: str = ""


class ResultStream(Iterable[Result], Protocol):
    """Results as they come, until closed."""

    def close(self) -> None:
        """End the stream."""
        ...


class Mailbox:
    """Gives each result to the call that waits for one of its tags."""

    def __init__(self, stream: ResultStream) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Result]] = {}
        self._failure: SdkError | None = None
        threading.Thread(target=self._deliver, name="mesg-results", daemon=True).start()

    @property
    def is_open(self) -> bool:
        """Tell whether results may still come."""
        return self._failure is None

    def expect(self, tag: str) -> "Future[Result]":
        """Wait for the result with that tag, from before it is asked for."""
        future: Future[Result] = Future()
        with self._lock:
            if self._failure is None:
                self._waiting[tag] = future
            else:
                future.set_exception(self._failure)
        return future

    def forget(self, tag: str) -> None:
        """Wait for it no more."""
        with self._lock:
            self._waiting.pop(tag, None)

    def close(self) -> None:
        """End the stream; who still waits is told."""
        self._stream.close()

    def _deliver(self) -> None:
        failure: SdkError = NodeUnavailable("the node ended the stream of results", retryable=True)
        try:
            for result in self._stream:
                self._give(result)
        except SdkError as error:
            failure = error
        with self._lock:
            self._failure = failure
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(failure)

    def _give(self, result: Result) -> None:
        with self._lock:
            futures = [self._waiting.pop(tag) for tag in result.tags if tag in self._waiting]
        for future in futures:
            future.set_result(result)
