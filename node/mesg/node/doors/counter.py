"""The door of Applications and people: what they may ask of their own node.

Text identifiers are parsed inside: `service` is a sid or a (prefix of a) manifest hash in hexadecimal.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import trio

from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import Balances
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import LogLine
from mesg.node.doors.trade import Trade
from mesg.node.doors.views import (
    CallOutcome,
    CallRequest,
    ChannelView,
    EarningsView,
    ListingView,
    NodeView,
    PassView,
    ServiceView,
)
from mesg.node.ports import PeerConnection


class Counter(Trade, Protocol):
    """What an Application, a person or a script may ask of his own node.

    Every method may raise a MesgError: Refused (asked wrongly) or Unavailable (try again).
    """

    async def node(self) -> NodeView:
        """Return the node at a glance."""
        ...

    def peers(self) -> Sequence[PeerConnection]:
        """Return the connected peers."""
        ...

    async def deploy(self, source: str, environment: Mapping[str, str]) -> ServiceView:
        """Take a Service from a folder on this machine, or a bought one from the network by sid."""
        ...

    async def start_service(self, service: str) -> ServiceView:
        """Start it and wait until it listens or fails; a running one is left alone."""
        ...

    async def stop_service(self, service: str) -> ServiceView:
        """Stop it; a stopped one is left alone."""
        ...

    async def delete_service(self, service: str, *, delete_data: bool) -> None:
        """Stop and forget it."""
        ...

    async def services(self) -> Sequence[ServiceView]:
        """Return the Services on this node."""
        ...

    async def service(self, service: str) -> ServiceView:
        """Return one; raise NotFound."""
        ...

    def service_logs(
        self, service: str, *, follow: bool, tail: int
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[LogLine]]:
        """Give its log lines."""
        ...

    async def host(self, service: str, environment: Mapping[str, str]) -> ServiceView:
        """Fetch a Service whose offer allows it, run it, advertise it, earn."""
        ...

    async def execute(self, request: CallRequest) -> Digest:
        """Begin an execution and return its id at once; bad input is refused here."""
        ...

    async def call(self, request: CallRequest) -> CallOutcome:
        """Execute and wait; a task's own error raises TaskFailed, a refusal or deadline its own."""
        ...

    async def execution(self, execution: Digest) -> CallOutcome:
        """Return what is known of an execution; raise NotFound."""
        ...

    async def executions(self, *, most: int) -> Sequence[CallOutcome]:
        """Return this node's newest executions, the newest first."""
        ...

    def results(
        self, service: str, *, task: str = "", output: str = "", tags: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[Execution]]:
        """Listen to executions of this node as they end; the listener is in place once entered."""
        ...

    def events(
        self, service: str, *, event: str = "", after: int | None = None
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[ServiceEvent]]:
        """Listen to a Service's events, local or remote; `after` resumes behind that sequence."""
        ...

    async def search(self, text: str) -> Sequence[ListingView]:
        """Search the market by words; all Services for an empty text."""
        ...

    async def show(self, service: str) -> ListingView:
        """Show one Service on the market, with who runs it now."""
        ...

    def rehearsal(self) -> Trade:
        """Return the same acts, only tried: nothing is sent, signed, kept or said to anybody."""
        ...

    async def publish_fee(self, service: str) -> TokenAmount:
        """Return what publishing would cost for the name now: nothing for a name of ours."""
        ...

    async def pass_of(self, service: str, account: AccountAddress | None) -> PassView:
        """Return an account's own pass, ours without one."""
        ...

    async def earnings(self, service: str | None) -> EarningsView:
        """Return what our Services and our account earned; of one Service if it is named."""
        ...

    async def channels(self) -> Sequence[ChannelView]:
        """Return this node's channels, both ways."""
        ...

    async def balances(self) -> Balances:
        """Return what our account holds."""
        ...

    async def unlock(self, password: str) -> None:
        """Unlock the wallet for as long as the node runs; raise KeystoreLocked if it is wrong."""
        ...

    async def stop_node(self) -> None:
        """Stop the node in good order, soon after this returns."""
        ...
