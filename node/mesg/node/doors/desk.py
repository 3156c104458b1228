"""The door of Services: what the Service API may ask of the node on behalf of an instance."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import trio

from mesg.node.domain.execution import Json


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """A task for an instance to run, as the Service API sends it."""

    execution: str
    """The execution id in hexadecimal."""
    task: str
    inputs: Json


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """What an instance answers: an output, or an error text (version 0.10)."""

    output_key: str = ""
    outputs: Json | None = None
    error: str = ""


class Desk(Protocol):
    """What the Service API may ask of the node on behalf of an instance; all tokens are checked."""

    def listen(
        self, token: str
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[TaskOrder]]:
        """Receive tasks; raise NotEntitled for an unknown token. Leaving the block hands tasks back."""
        ...

    async def submit(self, execution: str, output: TaskOutput) -> None:
        """End an execution; raise NotFound, or InvalidInput if the output does not fit its shape."""
        ...

    async def emit(self, token: str, event: str, data: Json) -> None:
        """Publish an event; raise NotEntitled, NotFound or InvalidInput."""
        ...
