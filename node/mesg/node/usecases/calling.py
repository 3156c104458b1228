"""Calling a task anywhere: on this node if the Service is here, else on the best operator, then the next.

asked --inputs checked--> CREATED, saved --promise saved--> sent --receipt checked, saved--> ended
└──unreachable, busy: the next operator, same execution id──┘
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
import trio

from mesg.marketplace.domain.errors import (
    DeadlineExceeded,
    InvalidInput,
    MesgError,
    NotFound,
    Overloaded,
    PeerUnavailable,
    ServiceStopped,
    Unavailable,
)
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.node.domain.advert import Advert
from mesg.node.domain.execution import (
    Aborted,
    Execution,
    Started,
    advance,
)
from mesg.node.domain.instance import Deployment
from mesg.node.domain.manifest import Manifest
from mesg.node.domain.shape import check_data, check_size
from mesg.node.doors import CallOutcome, CallRequest
from mesg.node.ports import ExecutionKept
from mesg.node.supervision import contained
from mesg.node.usecases.desk import Ending, ServiceDesk
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.failures import failure_of, raise_failure
from mesg.node.usecases.feeds import ResultFeed
from mesg.node.usecases.fetching import Fetcher
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.remote_call import RemoteCaller, Trouble
from mesg.node.usecases.services import ServiceBook

log = structlog.get_logger("mesg.calling")

TIMEOUT_S_MAX = 300.0
OPERATORS_TRIED_MAX = 4


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where an execution may run: here, or by one of these operators."""

    execution: Execution
    request: CallRequest
    manifest: Manifest
    adverts: Sequence[Advert] = ()


class Caller:
    """Runs executions for the node's own Applications."""

    def __init__(
        self,
        parts: Parts,
        services: ServiceBook,
        desk: ServiceDesk,
        adverts: AdvertBook,
        fetcher: Fetcher,
        remote: RemoteCaller,
        results: ResultFeed,
    ) -> None:
        self._parts = parts
        self._services = services
        self._desk = desk
        self._adverts = adverts
        self._fetcher = fetcher
        self._remote = remote
        self._results = results
        self._running: dict[Digest, trio.Event] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Own the executions, until cancelled: they go on when the asker has left."""
        await self._abort_unfinished()
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    async def execute(self, request: CallRequest) -> Digest:
        """Check, journal and begin an execution; a known execution id changes nothing."""
        if request.execution is not None and self._parts.journal.execution(request.execution):
            return request.execution
        if not 0 < request.timeout_s <= TIMEOUT_S_MAX:
            raise InvalidInput(
                f"a timeout is above 0 and at most {TIMEOUT_S_MAX:.0f} s", where="timeout"
            )
        if self._nursery is None:
            raise ServiceStopped("the node is stopping")
        with trio.move_on_after(request.timeout_s) as planning:
            plan = await self._plan(request)
        if planning.cancelled_caught:
            raise DeadlineExceeded(
                f"nobody who runs {request.service} answered within {request.timeout_s:g} s"
            )
        await self._parts.journal.save(ExecutionKept(plan.execution))
        self._running[plan.execution.id] = trio.Event()
        self._nursery.start_soon(self._run, plan)
        return plan.execution.id

    async def call(self, request: CallRequest) -> CallOutcome:
        """Execute and wait for the end; raise what it failed with."""
        execution = await self.execute(request)
        if execution in self._running:
            await self._running[execution].wait()
        outcome = self.outcome(execution)
        if outcome.execution.failure is not None:
            raise_failure(outcome.execution.failure)
        return outcome

    def outcome(self, execution: Digest) -> CallOutcome:
        """Return what is known of an execution; raise NotFound."""
        kept = self._parts.journal.execution(execution)
        if kept is None:
            raise NotFound(f"no execution {execution.hex()} is known here")
        return CallOutcome(kept.execution, kept.receipt)

    async def _plan(self, request: CallRequest) -> _Plan:
        here = self._local(request)
        if here is not None:
            return self._checked(request, here.manifest)
        service = ServiceId(request.service)
        adverts = await self._operators(service, request)
        manifest = await self._fetcher.manifest(adverts[0].version, service, adverts)
        same = [advert for advert in adverts if advert.version == adverts[0].version]
        plan = self._checked(request, manifest)
        payable = await self._remote.payable(same, request)
        return replace(plan, adverts=payable[:OPERATORS_TRIED_MAX])

    def _local(self, request: CallRequest) -> Deployment | None:
        if request.peer not in (None, self._parts.network.peer):
            return None
        try:
            deployment = self._services.find(request.service)
        except NotFound:
            return None
        if not self._desk.is_listening(deployment.service):
            raise ServiceStopped(
                f"{deployment.service} is on this node but not running",
                hint=f"start it with: mesg service start {deployment.service}",
            )
        return deployment

    async def _operators(self, service: ServiceId, request: CallRequest) -> list[Advert]:
        """Return whom to ask, the best first; look anew if the cache knows nobody who runs it."""
        for anew in (False, True):
            adverts = self._adverts.ranked(await self._adverts.find(service, anew=anew))
            if request.peer is not None:
                adverts = [advert for advert in adverts if advert.peer == request.peer]
            if adverts:
                return adverts
        if request.peer is not None:
            raise PeerUnavailable(f"{request.peer} does not run {service}, or cannot be reached")
        if self._parts.journal.listing(service) is None:
            raise NotFound(
                f"no service {service} is on the market",
                hint=f"look for it with: mesg market search {service}",
            )
        raise PeerUnavailable(
            f"no node that runs {service} was found",
            hint=f"see who has it with: mesg market show {service}",
        )

    def _checked(self, request: CallRequest, manifest: Manifest) -> _Plan:
        task = manifest.task(request.task)
        check_data(task.inputs, request.inputs, what=f"inputs of {request.task}")
        check_size(request.inputs, what=f"inputs of {request.task}")
        execution = Execution(
            id=request.execution or self._parts.random_digest(),
            service=manifest.service,
            version=manifest.digest,
            task=request.task,
            inputs=request.inputs,
            created_at_unix_ns=self._parts.clock.now_unix_ns(),
            tags=request.tags,
        )
        return _Plan(execution, request, manifest)

    async def _run(self, plan: _Plan) -> None:
        """Bring an execution to its one end, whatever happens, and tell those who wait."""
        execution = plan.execution
        try:
            with contained(f"execution {execution.id.hex()}"):
                late = DeadlineExceeded(f"no answer within {plan.request.timeout_s:g} s")
                ended = ExecutionKept(self._aborted(execution, late))
                with trio.move_on_after(plan.request.timeout_s):
                    ended = await self._end_of(plan)
                with trio.CancelScope(shield=True):
                    kept = self._parts.journal.execution(execution.id)
                    if kept is not None and kept.execution.state.is_final:
                        ended = kept  # the answer and the deadline came together
                    else:
                        await self._parts.journal.save(ended)
                self._results.publish(ended.execution)
        finally:
            self._running.pop(execution.id).set()

    async def _end_of(self, plan: _Plan) -> ExecutionKept:
        try:
            if plan.adverts:
                return await self._try_each(plan)
            return ExecutionKept(await self._run_here(plan.execution))
        except MesgError as error:
            return ExecutionKept(self._aborted(plan.execution, error))

    async def _run_here(self, execution: Execution) -> Execution:
        execution = advance(execution, Started())
        ending: Ending = await self._desk.run(execution)
        return advance(execution, ending)

    async def _try_each(self, plan: _Plan) -> ExecutionKept:
        """Ask one operator after the other; what one refuses for our fault is not asked again."""
        trouble: MesgError = PeerUnavailable("nobody was asked")
        for advert in plan.adverts:
            started = trio.current_time()
            deadline_s = plan.request.timeout_s
            try:
                ended = await self._remote.call(plan.execution, advert, plan.manifest, deadline_s)
            except (Unavailable, Overloaded, ServiceStopped, Trouble) as error:
                trouble = error
                self._adverts.learn(advert.peer, latency_s=None)
                self._adverts.forget(plan.execution.service, advert.peer)
                log.info("operator_failed", peer=advert.peer, code=error.code, why=error.message)
                continue
            self._adverts.learn(advert.peer, latency_s=trio.current_time() - started)
            return ended
        raise trouble

    async def _abort_unfinished(self) -> None:
        """End what a stop of the node cut off; a charge that was made is seen on the next receipt."""
        cut = Unavailable("the node stopped before this ended", hint="call again")
        for execution in self._parts.journal.unfinished():
            await self._parts.journal.save(ExecutionKept(self._aborted(execution, cut)))

    def _aborted(self, execution: Execution, error: MesgError) -> Execution:
        return advance(execution, Aborted(failure_of(error), self._parts.clock.now_unix_ns()))
