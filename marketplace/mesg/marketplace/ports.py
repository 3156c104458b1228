"""What the market needs from the world, in the market's words; adapters implement these."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mesg.marketplace.domain.channel import ChannelConfig, ChannelState
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.lanes import GivenLane, TakenLane
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.domain.signing import SigningDomain
from mesg.marketplace.domain.voucher import Voucher


class Clock(Protocol):
    """The time of day; deadlines use the event loop's own clock instead."""

    def now_unix_s(self) -> int:
        """Return seconds since 1970."""
        ...

    def now_unix_ns(self) -> int:
        """Return nanoseconds since 1970."""
        ...


class Signer(Protocol):
    """The account's key, wherever it is kept."""

    @property
    def address(self) -> AccountAddress:
        """The account, known even while the key is locked."""
        ...

    def sign(self, digest: Digest) -> bytes:
        """Return the 64-byte signature (EIP-2098); raise KeystoreLocked without a password."""
        ...


@dataclass(frozen=True, slots=True)
class MarketAddresses:
    """Where the market lives: one chain and its three contracts."""

    chain_id: int
    token: AccountAddress
    registry: AccountAddress
    pay: AccountAddress

    @property
    def domain(self) -> SigningDomain:
        """Where vouchers, receipts and bindings count."""
        return SigningDomain(self.chain_id, self.pay)


@dataclass(frozen=True, slots=True)
class TransactionReceipt:
    """A mined transaction that succeeded."""

    transaction: Digest
    block: int
    gas_used: int
    action: str
    """What it did, in one word: `publish`, `open`, `claim`..."""


@dataclass(frozen=True, slots=True)
class PublishedService:
    """A Service on chain and who gets its income."""

    service: ServiceId
    owner: AccountAddress


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version of a Service: what it declares and what runs, by hash."""

    service: ServiceId
    index: int
    manifest: Digest
    package: Digest
    uri: str


@dataclass(frozen=True, slots=True)
class Balances:
    """Everything an account holds: gas money, tokens, vault, and income not yet collected."""

    account: AccountAddress
    ether_wei: int
    tokens: TokenAmount
    vault: TokenAmount
    earned: TokenAmount


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A voucher to cash, with the configuration that the contract must see again."""

    config: ChannelConfig
    voucher: Voucher


@dataclass(frozen=True, slots=True)
class Block:
    """A block by number and hash."""

    number: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class ServiceRegistered:
    """A sid was taken."""

    service: ServiceId
    owner: AccountAddress


@dataclass(frozen=True, slots=True)
class ServiceTransferred:
    """A Service, and its future income, has another owner; told by its number on chain."""

    service_number: int
    owner: AccountAddress


@dataclass(frozen=True, slots=True)
class OfferDisabled:
    """No new passes or channels on that offer."""

    service_number: int
    offer_index: int


@dataclass(frozen=True, slots=True)
class VersionPublished:
    """A version was published; told by the Service's number on chain."""

    service_number: int
    index: int
    manifest: Digest
    package: Digest
    uri: str


@dataclass(frozen=True, slots=True)
class OfferCreated:
    """An offer was made; told by the Service's number on chain."""

    service_number: int
    offer_index: int
    terms: OfferTerms


@dataclass(frozen=True, slots=True)
class PassBought:
    """An account may use a Service until `expires_at_unix_s`."""

    service_number: int
    account: AccountAddress
    expires_at_unix_s: int


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """Something happened to a channel (open, top-up, claim, close); ask for its state."""

    channel: Digest
    action: str


MarketChange = (
    ServiceRegistered
    | ServiceTransferred
    | VersionPublished
    | OfferCreated
    | OfferDisabled
    | PassBought
    | ChannelChanged
)


@dataclass(frozen=True, slots=True)
class Observed:
    """A change and where it stands; `dropped` when a reorganisation took it back."""

    change: MarketChange
    block: Block
    log_index: int
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the chain was read, and the last blocks' hashes to notice a reorganisation."""

    next_block: int
    recent: tuple[Block, ...] = ()


class Ledger(Protocol):
    """The chain as we use it; every method may raise ChainUnavailable, writes also Refused.

    Reads answer from the newest block. Writes return once the transaction is mined and succeeded;
    they are made by the node's own account and raise KeystoreLocked, InsufficientFunds or
    TransactionReverted (with the contract's error and numbers) without changing anything.
    """

    @property
    def addresses(self) -> MarketAddresses:
        """The chain and contracts, checked when the ledger was opened."""
        ...

    async def service(self, service: ServiceId) -> PublishedService:
        """Return the Service; raise NotFound."""
        ...

    async def versions(self, service: ServiceId) -> Sequence[PublishedVersion]:
        """Return the newest versions, oldest first, at most 100."""
        ...

    async def offers(self, service: ServiceId) -> Sequence[Offer]:
        """Return the newest offers, disabled ones included, at most 100."""
        ...

    async def pass_expiry_unix_s(self, service: ServiceId, account: AccountAddress) -> int:
        """Return when the account's pass ends, 0 if there never was one."""
        ...

    async def channel(self, config: ChannelConfig) -> ChannelState:
        """Return the channel's state, phase ABSENT if it was never opened."""
        ...

    async def lane_claimed(self, config: ChannelConfig, lane: int) -> TokenAmount:
        """Return what was claimed on one lane."""
        ...

    async def balances(self, account: AccountAddress) -> Balances:
        """Return all that the account holds."""
        ...

    async def service_earned(self, service: ServiceId) -> TokenAmount:
        """Return the income of a Service that its owner may collect."""
        ...

    async def now_unix_s(self) -> int:
        """Return the newest block's time: the time that money goes by."""
        ...

    async def changes(self, cursor: Cursor) -> tuple[Sequence[Observed], Cursor]:
        """Return what happened since the cursor (at most one batch) and where to go on."""
        ...

    async def register(self, service: ServiceId) -> Sequence[TransactionReceipt]:
        """Take a sid (commit, wait a block, reveal); one that is ours already costs nothing."""
        ...

    async def publish_version(
        self, service: ServiceId, *, manifest: Digest, package: Digest, uri: str
    ) -> tuple[PublishedVersion, TransactionReceipt]:
        """Add a version to our Service."""
        ...

    async def create_offer(
        self, service: ServiceId, terms: OfferTerms
    ) -> tuple[Offer, TransactionReceipt]:
        """Add an offer to our Service."""
        ...

    async def disable_offer(self, offer: Offer) -> TransactionReceipt:
        """Close an offer of ours for ever."""
        ...

    async def buy_pass(
        self, offer: Offer, *, beneficiary: AccountAddress, max_price: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Buy or extend a pass; approves exactly what is missing first."""
        ...

    async def open_channel(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve tokens for one operator; approves exactly what is missing first."""
        ...

    async def top_up(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve more on an open channel."""
        ...

    async def claim(self, rows: Sequence[ClaimRow]) -> TransactionReceipt:
        """Cash vouchers in one transaction; rows that no longer pay are skipped, not refused."""
        ...

    async def start_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Begin the payer's unilateral close."""
        ...

    async def finalize_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Return the rest to the payer's vault, the delay being over."""
        ...

    async def close_cooperative(
        self, config: ChannelConfig, final_claimed: TokenAmount, operator_signature: bytes
    ) -> TransactionReceipt:
        """Return the rest to the payer's vault at once, with the operator's signed consent."""
        ...

    async def collect(self, to: AccountAddress) -> TransactionReceipt:
        """Send our account's earned tokens out."""
        ...

    async def collect_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Send our Service's earned tokens out."""
        ...

    async def withdraw(self, amount: TokenAmount, to: AccountAddress) -> TransactionReceipt:
        """Send tokens out of our vault."""
        ...


class ChannelRole(StrEnum):
    """Which side of a channel we are."""

    PAYER = "payer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class ChannelKept:
    """A channel that concerns us, by its terms; all else is derived or asked of the chain."""

    channel: Digest
    role: ChannelRole
    config: ChannelConfig
    is_closing: bool = False
    """Nothing more is promised or admitted on it, whatever the chain still says."""


@dataclass(frozen=True, slots=True)
class GivenStep:
    """One step of a lane we pay on: the lane after it, and the call it put in or took out of flight."""

    lane: GivenLane
    opened: tuple[Digest, TokenAmount] | None = None
    closed: Digest | None = None


@dataclass(frozen=True, slots=True)
class TakenStep:
    """One step of a lane we are paid on: the lane after it, and the call that started or ended."""

    lane: TakenLane
    opened: tuple[Digest, TokenAmount] | None = None
    closed: Digest | None = None


BookEntry = ChannelKept | GivenStep | TakenStep


class Books(Protocol):
    """The money's durable memory. What `save` was given together is kept together or not at all."""

    async def save(self, *entries: BookEntry) -> None:
        """Return once the entries are on disk for good; raise Unavailable, and keep none of them."""
        ...

    def channels(self) -> Sequence[ChannelKept]:
        """Return the channels that concern us."""
        ...

    def given_lanes(self) -> Sequence[GivenLane]:
        """Return the lanes we pay on, as last saved."""
        ...

    def taken_lanes(self) -> Sequence[TakenLane]:
        """Return the lanes we are paid on, as last saved."""
        ...
