"""The chain as the market uses it: one port for reading and writing, and its rehearsal."""

from collections.abc import Sequence
from typing import Protocol

from mesg.marketplace.domain.channel import ChannelConfig, ChannelState
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.ports.changes import Cursor, Observed
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

    async def access_until_unix_s(self, service: ServiceId, account: AccountAddress) -> int:
        """Return until when the account may use a Service, by its own pass or a seat; 0 for never."""
        ...

    async def held_pass(self, service: ServiceId, account: AccountAddress) -> HeldPass:
        """Return the account's own pass and what it holds."""
        ...

    async def registration_fee(self) -> TokenAmount:
        """Return what a name costs now."""
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

    def rehearsal(self) -> "Rehearsal":
        """Return a ledger whose writes are simulated on the newest block and remembered, never sent."""
        ...

    async def register(
        self, service: ServiceId, *, max_fee: TokenAmount | None = None
    ) -> Sequence[TransactionReceipt]:
        """Take a sid (commit, wait a block, reveal); one that is ours already costs nothing.

        Raise PriceAboveMax if the name costs more than agreed; None agrees to the fee of now.
        """
        ...

    async def transfer_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Give our Service, and its future income, to another account."""
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
        self,
        offer: Offer,
        *,
        beneficiary: AccountAddress,
        max_price: TokenAmount,
        referrer: AccountAddress = NOBODY,
        starts_by_unix_s: int | None = None,
    ) -> Sequence[TransactionReceipt]:
        """Buy or extend a pass; approves exactly what is missing first.

        Refused if what is bought would begin after `starts_by_unix_s`, behind somebody's gift.
        """
        ...

    async def settle_passes(
        self, service: ServiceId, accounts: Sequence[AccountAddress]
    ) -> TransactionReceipt:
        """Credit what these accounts' passes have earned by now."""
        ...

    async def cancel_pass(self, service: ServiceId) -> TransactionReceipt:
        """End our pass; what it has not earned goes to our vault."""
        ...

    async def give_seat(
        self, service: ServiceId, number: int, account: AccountAddress
    ) -> TransactionReceipt:
        """Give a seat of our pass (from 1) to an account; NOBODY empties it.

        The account sits there at once, unless it sits on another's seat that counts.
        """
        ...

    async def take_seat(
        self, service: ServiceId, holder: AccountAddress, number: int
    ) -> TransactionReceipt:
        """Sit on a seat that the holder gave us, and on no other."""
        ...

    async def leave_seat(self, service: ServiceId) -> TransactionReceipt:
        """Leave the seat that somebody gave us."""
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

    async def approve(self, amount: TokenAmount) -> TransactionReceipt:
        """Let the market pull up to that much from our wallet; 0 takes the leave back."""
        ...

    async def deposit(self, amount: TokenAmount) -> Sequence[TransactionReceipt]:
        """Put tokens into our vault; approves exactly what is missing first."""
        ...

    async def withdraw(self, amount: TokenAmount, to: AccountAddress) -> TransactionReceipt:
        """Send tokens out of our vault."""
        ...


class Rehearsal(Ledger, Protocol):
    """A Ledger that changes nothing: each write is simulated after those before it.

    Reads answer from the chain as it is. A write that would be refused is refused here alike.
    """

    @property
    def planned(self) -> Sequence[PlannedTransaction]:
        """The transactions that would have been sent, in order."""
        ...
