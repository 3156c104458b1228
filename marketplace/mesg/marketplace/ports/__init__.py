"""What the market needs from the world, in the market's words; adapters implement these."""

from mesg.marketplace.ports.books import (
    BookEntry,
    Books,
    ChannelKept,
    ChannelRole,
    GivenStep,
    TakenStep,
)
from mesg.marketplace.ports.changes import (
    Block,
    ChannelChanged,
    Cursor,
    MarketChange,
    Observed,
    OfferCreated,
    OfferDisabled,
    PassBought,
    PassCancelled,
    SeatChanged,
    ServiceRegistered,
    ServiceTransferred,
    VersionPublished,
)
from mesg.marketplace.ports.ledger import (
    Ledger,
    Rehearsal,
)
from mesg.marketplace.ports.values import (
    Balances,
    ClaimRow,
    HeldPass,
    MarketAddresses,
    PlannedTransaction,
    PublishedService,
    PublishedVersion,
    TransactionReceipt,
)
from mesg.marketplace.ports.world import (
    Clock,
    Signer,
)

__all__ = [
    "Balances",
    "Block",
    "BookEntry",
    "Books",
    "ChannelChanged",
    "ChannelKept",
    "ChannelRole",
    "ClaimRow",
    "Clock",
    "Cursor",
    "GivenStep",
    "HeldPass",
    "Ledger",
    "MarketAddresses",
    "MarketChange",
    "Observed",
    "OfferCreated",
    "OfferDisabled",
    "PassBought",
    "PassCancelled",
    "PlannedTransaction",
    "PublishedService",
    "PublishedVersion",
    "Rehearsal",
    "SeatChanged",
    "ServiceRegistered",
    "ServiceTransferred",
    "Signer",
    "TakenStep",
    "TransactionReceipt",
    "VersionPublished",
]
