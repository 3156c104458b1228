"""The owner's acts that end in transactions: on the market, with channels, with the wallet."""

from typing import Protocol

from mesg.marketplace.domain.identity import NOBODY, AccountAddress, PeerId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import OfferTerms
from mesg.node.doors.views import DoneView


class Trade(Protocol):
    """What the owner may do with his money; done, or rehearsed (`Counter.rehearsal`) and only shown."""

    async def publish(self, service: str, *, max_fee: TokenAmount | None = None) -> DoneView:
        """Publish a deployed Service on chain: the sid if it is new, and the version.

        Raise PriceAboveMax if the name costs more than agreed. Facts: `sid`, `version`, `fee`.
        """
        ...

    async def create_offer(self, service: str, terms: OfferTerms) -> DoneView:
        """Make an offer for a Service of ours; facts: `offer`."""
        ...

    async def disable_offer(self, service: str, offer_index: int) -> DoneView:
        """Close an offer of ours for ever; what was sold under it goes on."""
        ...

    async def transfer_service(self, service: str, to: AccountAddress) -> DoneView:
        """Give a Service of ours, with its income, to another account; facts: `to`, `uncollected`."""
        ...

    async def buy(
        self,
        service: str,
        *,
        offer_index: int | None,
        max_price: TokenAmount,
        beneficiary: AccountAddress | None = None,
        referrer: AccountAddress = NOBODY,
    ) -> DoneView:
        """Buy or extend a pass, ours or as a gift; facts: `expires_at`, `price`, `offer`."""
        ...

    async def cancel_pass(self, service: str) -> DoneView:
        """End our pass; what it has not earned goes to our vault. Facts: `refunded`."""
        ...

    async def give_seat(
        self, service: str, *, number: int, account: AccountAddress | None
    ) -> DoneView:
        """Give a seat of our pass (from 1) to an account; without one the seat becomes empty."""
        ...

    async def take_seat(self, service: str, *, holder: AccountAddress, number: int) -> DoneView:
        """Sit on a seat that the holder gave us while we sat on another's."""
        ...

    async def leave_seat(self, service: str) -> DoneView:
        """Leave the seat that somebody gave us."""
        ...

    async def open_channel(
        self, service: str, *, amount: TokenAmount, peer: PeerId | None
    ) -> DoneView:
        """Reserve tokens for a node that runs the Service; facts: `channel`, `operator`."""
        ...

    async def top_up(self, channel: str, amount: TokenAmount) -> DoneView:
        """Reserve more on a channel we pay on; facts: `channel`, `reserved`."""
        ...

    async def claim(self) -> DoneView:
        """Cash every voucher that has something to give, in one transaction; facts: `claimed`."""
        ...

    async def close_channel(self, channel: str, *, cooperative: bool) -> DoneView:
        """Close a channel we pay on: at once with the operator's consent, else after its delay."""
        ...

    async def finish_channels(self, channel: str | None, *, to_wallet: bool) -> DoneView:
        """End the closes whose delay is over (one, or all), and empty the vault if wanted.

        Raise Refused, saying when, if it is too early for all of them. Facts: `finished`, `withdrawn`.
        """
        ...

    async def approve(self, amount: TokenAmount) -> DoneView:
        """Let the market pull up to that much from our wallet; 0 takes the leave back."""
        ...

    async def deposit(self, amount: TokenAmount) -> DoneView:
        """Put tokens into our vault; facts: `deposited`."""
        ...

    async def withdraw(
        self, amount: TokenAmount | None = None, to: AccountAddress | None = None
    ) -> DoneView:
        """Send tokens out of our vault, all without an amount, to us without an account."""
        ...

    async def settle(self, service: str | None = None) -> DoneView:
        """Credit what passes of our Services (or of one) have earned; facts: `settled`, `passes`."""
        ...

    async def collect(self) -> DoneView:
        """Send what we and our Services earned, and what closed channels gave back, to our account.

        What passes have earned is settled first. Facts: `collected`, `returned`.
        """
        ...
