"""The node's own doors: what a Service (`Desk`) and an Application (`Counter`) may ask of it.

The API rooms call these and nothing else; the use cases implement them. Text identifiers are parsed
inside: `service` is a sid or a (prefix of a) manifest hash in hexadecimal.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

import trio

from mesg.marketplace.domain.identity import Digest, PeerId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.domain.receipt import Receipt
from mesg.marketplace.ports import Balances, TransactionReceipt
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution, Json
from mesg.node.domain.instance import Deployment, InstanceStatus, LogLine
from mesg.node.ports import PeerConnection


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


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One task to run, anywhere."""

    service: str
    task: str
    inputs: Json
    tags: tuple[str, ...] = ()
    max_price: TokenAmount | None = None
    """The most that one call may cost; None for whatever the channel's offer says."""
    timeout_s: float = 30.0
    peer: PeerId | None = None
    """Run it on this node only."""
    execution: Digest | None = None
    """The caller's own id (idempotency key); None for a new random one."""


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """An execution that has ended, and the operator's receipt if it ran elsewhere."""

    execution: Execution
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A Service on this node."""

    deployment: Deployment
    status: InstanceStatus
    runtime: str
    offer: Offer | None = None
    """The offer under which it is served to others, if it is."""


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A node that advertises a Service, as found and verified."""

    peer: PeerId
    account: str
    price_per_call: TokenAmount
    addresses: tuple[str, ...]
    runs: bool
    expires_at_unix_s: int


@dataclass(frozen=True, slots=True)
class ListingView:
    """A Service on the market: what the chain says, and its manifest once some node gave it."""

    sid: str
    owner: str
    versions: int
    version: Digest | None
    package: Digest | None
    offers: tuple[Offer, ...]
    name: str = ""
    description: str = ""
    tasks: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    providers: tuple[ProviderView, ...] = ()
    pass_expires_at_unix_s: int = 0


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel of this node, given (we pay) or taken (we are paid)."""

    channel: Digest
    role: str
    """`payer` or `operator`."""
    sid: str
    counterparty: str
    phase: str
    reserved: TokenAmount
    promised: TokenAmount
    charged: TokenAmount
    claimed: TokenAmount
    closes_at_unix_s: int = 0


@dataclass(frozen=True, slots=True)
class NodeView:
    """The node at a glance."""

    version: str
    peer: PeerId
    account: str
    wallet: str
    """`unlocked`, `locked` or `none`."""
    addresses: tuple[str, ...]
    peers: int
    chain_id: int
    chain: str
    """`ok`, or why the chain cannot be used."""
    runtime: str
    services: int
    core_api: str
    """`HOST:PORT` of the gRPC Core and Service APIs."""
    uptime_s: float
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DoneView:
    """What a market command changed: the transactions, and the facts that people want to see."""

    transactions: tuple[TransactionReceipt, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


class Counter(Protocol):
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

    async def publish(self, service: str) -> DoneView:
        """Publish a deployed Service on chain: the sid if it is new, and the version."""
        ...

    async def search(self, text: str) -> Sequence[ListingView]:
        """Search the market by words; all Services for an empty text."""
        ...

    async def show(self, service: str) -> ListingView:
        """Show one Service on the market, with who runs it now."""
        ...

    async def create_offer(self, service: str, terms: OfferTerms) -> DoneView:
        """Make an offer for a Service of ours; facts: `offer`."""
        ...

    async def buy(
        self, service: str, *, offer_index: int | None, max_price: TokenAmount
    ) -> DoneView:
        """Buy or extend a pass; facts: `expires_at`, `price`, `offer`."""
        ...

    async def open_channel(
        self, service: str, *, amount: TokenAmount, peer: PeerId | None
    ) -> DoneView:
        """Reserve tokens for a node that runs the Service; facts: `channel`, `operator`."""
        ...

    async def channels(self) -> Sequence[ChannelView]:
        """Return this node's channels, both ways."""
        ...

    async def claim(self) -> DoneView:
        """Cash every voucher that has something to give, in one transaction; facts: `claimed`."""
        ...

    async def close_channel(self, channel: str, *, cooperative: bool) -> DoneView:
        """Close a channel we pay on: at once with the operator's consent, else after its delay."""
        ...

    async def collect(self) -> DoneView:
        """Send what we and our Services earned, and what closed channels gave back, to our account.

        Facts: `collected`, `returned`.
        """
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
