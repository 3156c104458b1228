"""The node's counter: what Applications and people ask for, each handed to the use case that does it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import trio

from mesg.marketplace.domain.errors import KeystoreLocked, MesgError
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import Balances
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import Deployment, LogLine
from mesg.node.doors import (
    CallOutcome,
    CallRequest,
    ChannelView,
    EarningsView,
    ListingView,
    NodeView,
    PassView,
    ServiceView,
    Trade,
)
from mesg.node.ports import PeerConnection
from mesg.node.usecases.access import Access
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.calling import Caller
from mesg.node.usecases.feeds import ResultFeed
from mesg.node.usecases.following import Follower
from mesg.node.usecases.listening import Listener
from mesg.node.usecases.market import Market
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.services import ServiceBook
from mesg.node.usecases.trading import Acts, NodeTrade

VERSION = "0.1.0"


class NodeCounter(NodeTrade):
    """Implements `Counter`; what ends in transactions is in `NodeTrade`."""

    def __init__(  # noqa: PLR0913 - it is the front of every room
        self,
        parts: Parts,
        *,
        services: ServiceBook,
        caller: Caller,
        listener: Listener,
        market: Market,
        acts: Acts,
        access: Access,
        follower: Follower,
        results: ResultFeed,
        unlock: Callable[[str], Awaitable[None]],
        stop: trio.Event,
    ) -> None:
        super().__init__(acts, Acting(parts.ledger))
        self._parts = parts
        self._services = services
        self._caller = caller
        self._listener = listener
        self._market = market
        self._access = access
        self._follower = follower
        self._results = results
        self._unlock = unlock
        self._stop = stop
        self._started_at = trio.current_time()

    async def node(self) -> NodeView:
        """Return the node at a glance."""
        parts = self._parts
        chain_trouble = self._follower.trouble
        return NodeView(
            version=VERSION,
            peer=parts.network.peer,
            account=str(parts.signer.address),
            wallet="unlocked" if self._is_unlocked() else "locked",
            addresses=parts.network.addresses(),
            peers=len(parts.network.connections()),
            chain_id=parts.ledger.addresses.chain_id,
            chain=chain_trouble or "ok",
            runtime=parts.runtime.name,
            services=len(self._services.all()),
            core_api=self._services.endpoint.tcp if self._services.endpoint else "",
            uptime_s=trio.current_time() - self._started_at,
            issues=self._issues(chain_trouble),
        )

    def peers(self) -> Sequence[PeerConnection]:
        """Return the connected peers."""
        return self._parts.network.connections()

    async def deploy(self, source: str, environment: Mapping[str, str]) -> ServiceView:
        """Take a Service from a folder or from the network."""
        return await self._view(await self._market.deploy(source, environment))

    async def start_service(self, service: str) -> ServiceView:
        """Start it and wait until it listens."""
        deployment = self._services.find(service)
        await self._services.start(deployment.service)
        return await self._view(deployment)

    async def stop_service(self, service: str) -> ServiceView:
        """Stop it."""
        deployment = self._services.find(service)
        await self._services.stop(deployment.service)
        return await self._view(deployment)

    async def delete_service(self, service: str, *, delete_data: bool) -> None:
        """Stop and forget it."""
        deployment = self._services.find(service)
        await self._services.delete(deployment.service, delete_data=delete_data)

    async def services(self) -> Sequence[ServiceView]:
        """Return the Services on this node."""
        return [await self._view(deployment) for deployment in self._services.all()]

    async def service(self, service: str) -> ServiceView:
        """Return one."""
        return await self._view(self._services.find(service))

    def service_logs(
        self, service: str, *, follow: bool, tail: int
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[LogLine]]:
        """Give its log lines."""
        deployment = self._services.find(service)
        instance = self._services.instance_id(deployment.service)
        return self._parts.runtime.logs(instance, follow=follow, tail=tail)

    async def host(self, service: str, environment: Mapping[str, str]) -> ServiceView:
        """Fetch a Service, run it, advertise it, earn."""
        return await self._view(await self._market.host(ServiceId(service), environment))

    async def execute(self, request: CallRequest) -> Digest:
        """Begin an execution and return its id."""
        return await self._caller.execute(request)

    async def call(self, request: CallRequest) -> CallOutcome:
        """Execute and wait."""
        return await self._caller.call(request)

    async def execution(self, execution: Digest) -> CallOutcome:
        """Return what is known of an execution."""
        return self._caller.outcome(execution)

    async def executions(self, *, most: int) -> Sequence[CallOutcome]:
        """Return this node's newest executions."""
        kept = self._parts.journal.executions(most=most)
        return [CallOutcome(one.execution, one.receipt) for one in kept]

    def results(
        self, service: str, *, task: str = "", output: str = "", tags: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[Execution]]:
        """Listen to executions as they end."""
        return self._results.listen(self._sid(service), task=task, output=output, tags=tags)

    def events(
        self, service: str, *, event: str = "", after: int | None = None
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[ServiceEvent]]:
        """Listen to a Service's events, local or remote."""
        return self._listener.listen(service, event=event, after=after)

    async def search(self, text: str) -> Sequence[ListingView]:
        """Search the market by words."""
        return await self._market.search(text)

    async def show(self, service: str) -> ListingView:
        """Show one Service on the market."""
        return await self._market.show(ServiceId(service))

    def rehearsal(self) -> Trade:
        """Return the same acts, only tried."""
        return NodeTrade(self._acts, Acting.rehearsed(self._parts.ledger))

    async def publish_fee(self, service: str) -> TokenAmount:
        """Return what publishing would cost for the name now."""
        return await self._acts.selling.publish_fee(service)

    async def pass_of(self, service: str, account: AccountAddress | None) -> PassView:
        """Return an account's own pass, ours without one."""
        return await self._acts.passes.view(ServiceId(service), account)

    async def earnings(self, service: str | None) -> EarningsView:
        """Return what our Services and our account earned."""
        wanted = None if service is None else ServiceId(service)
        return await self._acts.income.earnings(wanted)

    async def channels(self) -> Sequence[ChannelView]:
        """Return this node's channels."""
        return await self._acts.channels.views()

    async def balances(self) -> Balances:
        """Return what our account holds."""
        return await self._parts.ledger.balances(self._parts.signer.address)

    async def unlock(self, password: str) -> None:
        """Unlock the wallet for as long as the node runs."""
        await self._unlock(password)

    async def stop_node(self) -> None:
        """Stop the node in good order, soon after this returns."""
        self._stop.set()

    def _is_unlocked(self) -> bool:
        try:
            self._parts.signer.sign(Digest(bytes(32)))
        except KeystoreLocked:
            return False
        return True

    def _issues(self, chain_trouble: str) -> tuple[str, ...]:
        issues = []
        if chain_trouble:
            issues.append(f"chain: {chain_trouble}")
        if not self._is_unlocked():
            issues.append("wallet: locked; unlock it with: mesg wallet unlock")
        if self._parts.settings.expects_peers and not self._parts.network.connections():
            issues.append("network: no peers; check network.bootstrap")
        issues += [
            f"service: {service} has failed; see: mesg service logs {service}"
            for service in self._services.failed()
        ]
        return tuple(issues)

    def _sid(self, reference: str) -> ServiceId:
        try:
            return self._services.find(reference).service
        except MesgError:
            return ServiceId(reference)

    async def _view(self, deployment: Deployment) -> ServiceView:
        known = self._services.get(deployment.service) or deployment
        return ServiceView(
            deployment=known,
            status=self._services.status(known.service),
            runtime=self._parts.runtime.name,
            offer=self._access.metered_offer(known.service),
        )
