"""A node without network, chain or engine: the counter that API and command line are tested on."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import trio

from mesg.marketplace.domain.errors import (
    DeadlineExceeded,
    KeystoreLocked,
    NotFound,
    PeerUnavailable,
    ServiceStopped,
    TaskFailed,
)
from mesg.marketplace.domain.identity import Digest, PeerId, ServiceId
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution, ExecutionState, Json
from mesg.node.domain.instance import Deployment, InstanceStatus, LogLine
from mesg.node.domain.manifest import Event, Manifest, Output, Parameter, ParameterType, Task
from mesg.node.doors import CallOutcome, CallRequest, NodeView, ServiceView
from mesg.node.ports import PeerConnection
from mesg.node.testing.memory_listeners import MemoryListeners
from mesg.node.testing.memory_market import ACCOUNT, NOW_UNIX_S, OPERATOR
from mesg.node.testing.memory_purse import MemoryPurse

PEER = PeerId("12D3KooW" + "M" * 44)
PASSWORD = "correct horse"  # noqa: S105 (a twin's secret is none)
LOG_LINES_MAX = 256
"""The twin's instances write no more than this."""

Handler = Callable[[Json], Mapping[str, Any]]


class MemoryCounter(MemoryPurse):
    """The twin of the node's `Counter`: folders `greeter` and others hold one task and one event."""

    def __init__(self, handlers: Mapping[str, Handler] | None = None) -> None:
        """Take what the tasks do by their key; `greet` greets."""
        super().__init__()
        self.handlers = {"greet": _greet, **(handlers or {})}
        self.deployed: dict[str, ServiceView] = {}
        self.lines: list[LogLine] = [LogLine("stdout", "listening"), LogLine("stderr", "careful")]
        self.log: list[ServiceEvent] = []
        self.ended: dict[Digest, Execution] = {}
        self.stopped = trio.Event()
        self.wallet = "locked"
        self.listeners = MemoryListeners()
        self.data_deleted: set[str] = set()

    async def node(self) -> NodeView:
        """Return this twin at a glance."""
        return NodeView(
            version="0.1.0",
            peer=PEER,
            account=str(ACCOUNT),
            wallet=self.wallet,
            addresses=("/ip4/127.0.0.1/tcp/4001",),
            peers=1,
            chain_id=31337,
            chain="ok",
            runtime="process",
            services=len(self.deployed),
            core_api="127.0.0.1:50052",
            uptime_s=61.5,
            issues=("the wallet is locked",) if self.wallet == "locked" else (),
        )

    def peers(self) -> Sequence[PeerConnection]:
        """Return the one peer."""
        return (PeerConnection(OPERATOR, "/ip4/127.0.0.1/tcp/1", "outbound", "mesg/0.1.0"),)

    async def deploy(self, source: str, environment: Mapping[str, str]) -> ServiceView:
        """Take a Service whose sid is the folder's name."""
        manifest = _manifest(PurePath(source).name, self.handlers)
        deployment = Deployment(manifest, _digest(source), environment, NOW_UNIX_S * 10**9)
        view = ServiceView(deployment, InstanceStatus.STOPPED, "process")
        self.deployed[str(manifest.service)] = view
        return view

    async def start_service(self, service: str) -> ServiceView:
        """Mark it running."""
        return await self._become(service, InstanceStatus.RUNNING)

    async def stop_service(self, service: str) -> ServiceView:
        """Mark it stopped."""
        return await self._become(service, InstanceStatus.STOPPED)

    async def _become(self, service: str, status: InstanceStatus) -> ServiceView:
        view = replace(await self.service(service), status=status)
        self.deployed[str(view.deployment.service)] = view
        return view

    async def delete_service(self, service: str, *, delete_data: bool) -> None:
        """Forget it."""
        view = await self.service(service)
        del self.deployed[str(view.deployment.service)]
        if delete_data:
            self.data_deleted.add(service)

    async def services(self) -> Sequence[ServiceView]:
        """Return all."""
        return list(self.deployed.values())

    async def service(self, service: str) -> ServiceView:
        """Return one by its sid."""
        if service not in self.deployed:
            raise NotFound(f"there is no service {service!r}", hint="see them: mesg service list")
        return self.deployed[service]

    @asynccontextmanager
    async def service_logs(
        self, service: str, *, follow: bool, tail: int
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[LogLine]]:
        """Give the last lines, then wait if told to follow."""
        await self.service(service)
        send, receive = trio.open_memory_channel[LogLine](LOG_LINES_MAX)
        for line in self.lines[-tail:] if tail else ():
            await send.send(line)
        if not follow:
            send.close()
        with send, receive:
            yield receive

    async def host(self, service: str, environment: Mapping[str, str]) -> ServiceView:
        """Deploy and start a published Service."""
        await self.show(service)
        await self.deploy(service, environment)
        return await self.start_service(service)

    async def execute(self, request: CallRequest) -> Digest:
        """Run it at once and return its id."""
        return (await self._run(request)).id

    async def call(self, request: CallRequest) -> CallOutcome:
        """Run it and return how it ended."""
        return CallOutcome(await self._run(request))

    async def _run(self, request: CallRequest) -> Execution:
        view = await self.service(request.service)
        view.deployment.manifest.task(request.task)
        if request.peer is not None:
            raise PeerUnavailable(f"{request.peer} cannot be reached")
        if view.status is not InstanceStatus.RUNNING:
            raise ServiceStopped(f"{request.service} is stopped", hint="mesg service start")
        execution = Execution(
            id=request.execution or _digest(f"execution {len(self.ended)}"),
            service=view.deployment.service,
            version=view.deployment.version,
            task=request.task,
            inputs=request.inputs,
            created_at_unix_ns=NOW_UNIX_S * 10**9,
            tags=request.tags,
            state=ExecutionState.SUCCEEDED,
            outputs=self._handle(request),
            finished_at_unix_ns=NOW_UNIX_S * 10**9 + 5_000_000,
        )
        self.ended[execution.id] = execution
        await self.listeners.tell(execution)
        return execution

    def _handle(self, request: CallRequest) -> Mapping[str, Any]:
        try:
            return self.handlers[request.task](request.inputs)
        except TimeoutError as error:
            raise DeadlineExceeded(f"no answer within {request.timeout_s} s") from error
        except ValueError as error:
            raise TaskFailed(str(error)) from error

    async def execution(self, execution: Digest) -> CallOutcome:
        """Return one by its id."""
        if execution not in self.ended:
            raise NotFound(f"there is no execution {execution.hex()}")
        return CallOutcome(self.ended[execution])

    async def executions(self, *, most: int) -> Sequence[CallOutcome]:
        """Return the newest, the newest first."""
        return [CallOutcome(one) for one in reversed(self.ended.values())][:most]

    @asynccontextmanager
    async def results(
        self, service: str, *, task: str = "", output: str = "", tags: Sequence[str] = ()
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[Execution]]:
        """Listen to executions as they end."""
        await self.service(service)

        def wanted(item: object) -> bool:
            return (
                isinstance(item, Execution)
                and str(item.service) == service
                and task in ("", item.task)
                and output in ("", item.output_key)
                and set(tags) <= set(item.tags)
            )

        past: Sequence[Execution] = ()
        async with self.listeners.listen(past, wanted) as channel:
            yield channel

    @asynccontextmanager
    async def events(
        self, service: str, *, event: str = "", after: int | None = None
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[ServiceEvent]]:
        """Listen to events, from the log behind `after` if it is given."""
        await self.service(service)

        def wanted(item: object) -> bool:
            return (
                isinstance(item, ServiceEvent)
                and str(item.service) == service
                and event in ("", item.key)
            )

        past = [
            one for one in self.log if after is not None and one.sequence > after and wanted(one)
        ]
        async with self.listeners.listen(past, wanted) as channel:
            yield channel

    async def emit(self, service: str, key: str, data: Json) -> None:
        """Emit an event, as an instance would."""
        event = ServiceEvent(
            ServiceId(service), key, data, len(self.log) + 1, NOW_UNIX_S * 10**9, PEER
        )
        self.log.append(event)
        await self.listeners.tell(event)

    async def unlock(self, password: str) -> None:
        """Unlock with the twin's password."""
        if password != PASSWORD:
            raise KeystoreLocked("the password does not open main", hint="try again")
        self.wallet = "unlocked"

    async def stop_node(self) -> None:
        """Set `stopped`; who serves this twin ends then."""
        self.stopped.set()


def _greet(inputs: Json) -> Mapping[str, Any]:
    return {"text": f"hello {inputs['name']}"}


def _manifest(sid: str, handlers: Mapping[str, Handler]) -> Manifest:
    text = Parameter("text", ParameterType.STRING)
    name = Parameter("name", ParameterType.STRING)
    tasks = tuple(Task(key, (name,), (Output("", (text,)),)) for key in sorted(handlers))
    return Manifest(ServiceId(sid), sid.title(), tasks=tasks, events=(Event("greeted", (text,)),))


def _digest(text: str) -> Digest:
    return Digest(hashlib.sha256(text.encode()).digest())
