"""What is asked at the counter and what is answered there, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mesg.marketplace.domain.identity import Digest, PeerId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.domain.receipt import Receipt
from mesg.marketplace.ports import PlannedTransaction, TransactionReceipt
from mesg.node.domain.execution import Execution, Json
from mesg.node.domain.instance import Deployment, InstanceStatus


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
class PassView:
    """An account's own pass, as the newest block values it; all zero if there is none."""

    sid: str
    account: str
    offer_index: int
    expires_at_unix_s: int
    is_running: bool
    earned: TokenAmount
    """What author and treasury have earned of it since it was last settled."""
    refundable: TokenAmount
    """What cancelling it now would pay back."""


@dataclass(frozen=True, slots=True)
class ServiceEarnings:
    """The income of one Service of ours."""

    sid: str
    collectable: TokenAmount
    """Earned and settled: `collect` sends it."""
    vested: TokenAmount
    """Earned by passes and not settled yet; the treasury's share of it included."""
    held: TokenAmount
    """Still to be earned by passes; what is cancelled goes back to the holder."""
    passes: int
    """Passes that are running."""


@dataclass(frozen=True, slots=True)
class EarningsView:
    """What we earned and will earn, wherever it lies."""

    services: tuple[ServiceEarnings, ...]
    account: TokenAmount
    """Earned by our account as operator or referrer: `collect` sends it."""
    unclaimed: TokenAmount
    """Promised by vouchers and earned, not claimed yet."""


@dataclass(frozen=True, slots=True)
class DoneView:
    """What a market command changed: the transactions, and the facts that people want to see."""

    transactions: tuple[TransactionReceipt, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    planned: tuple[PlannedTransaction, ...] | None = None
    """Of a rehearsal: what would have been sent; None for what was really done."""
