"""What happens on the market, as values: each is one log of a contract, and where it stands in the chain."""

from dataclasses import dataclass

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.offer import OfferTerms


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
class PassCancelled:
    """A pass ended by its holder's will."""

    service_number: int
    account: AccountAddress


@dataclass(frozen=True, slots=True)
class SeatChanged:
    """An account got or lost a seat on somebody's pass; nobody's account is zero."""

    service_number: int
    account: AccountAddress


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
    | PassCancelled
    | SeatChanged
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
