"""The owner's acts, each handed to the use case that does it, on the chain or in a rehearsal of it."""

from dataclasses import dataclass

from mesg.marketplace.domain.identity import NOBODY, AccountAddress, PeerId, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import OfferTerms
from mesg.node.doors import DoneView
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.channels import Channels
from mesg.node.usecases.closing import Closing
from mesg.node.usecases.income import Income
from mesg.node.usecases.passes import Passes
from mesg.node.usecases.selling import Selling
from mesg.node.usecases.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Acts:
    """The use cases of everything that ends in transactions."""

    selling: Selling
    passes: Passes
    channels: Channels
    closing: Closing
    wallet: Wallet
    income: Income


class NodeTrade:
    """Implements `Trade`."""

    def __init__(self, acts: Acts, acting: Acting) -> None:
        self._acts = acts
        self._acting = acting

    async def publish(self, service: str, *, max_fee: TokenAmount | None = None) -> DoneView:
        """Publish a deployed Service on chain."""
        return await self._acts.selling.publish(service, max_fee=max_fee, acting=self._acting)

    async def create_offer(self, service: str, terms: OfferTerms) -> DoneView:
        """Make an offer for a Service of ours."""
        return await self._acts.selling.create_offer(
            ServiceId(service), terms, acting=self._acting
        )

    async def disable_offer(self, service: str, offer_index: int) -> DoneView:
        """Close an offer of ours for ever."""
        return await self._acts.selling.disable_offer(
            ServiceId(service), offer_index, acting=self._acting
        )

    async def transfer_service(self, service: str, to: AccountAddress) -> DoneView:
        """Give a Service of ours to another account."""
        return await self._acts.selling.transfer(ServiceId(service), to, acting=self._acting)

    async def buy(
        self,
        service: str,
        *,
        offer_index: int | None,
        max_price: TokenAmount,
        beneficiary: AccountAddress | None = None,
        referrer: AccountAddress = NOBODY,
    ) -> DoneView:
        """Buy or extend a pass, ours or as a gift."""
        return await self._acts.passes.buy(
            ServiceId(service),
            offer_index=offer_index,
            max_price=max_price,
            beneficiary=beneficiary,
            referrer=referrer,
            acting=self._acting,
        )

    async def cancel_pass(self, service: str) -> DoneView:
        """End our pass."""
        return await self._acts.passes.cancel(ServiceId(service), acting=self._acting)

    async def give_seat(
        self, service: str, *, number: int, account: AccountAddress | None
    ) -> DoneView:
        """Give a seat of our pass to an account, or take it back."""
        return await self._acts.passes.give_seat(
            ServiceId(service), number, account, acting=self._acting
        )

    async def take_seat(self, service: str, *, holder: AccountAddress, number: int) -> DoneView:
        """Sit on a seat that the holder gave us."""
        return await self._acts.passes.take_seat(
            ServiceId(service), holder, number, acting=self._acting
        )

    async def leave_seat(self, service: str) -> DoneView:
        """Leave the seat that somebody gave us."""
        return await self._acts.passes.leave_seat(ServiceId(service), acting=self._acting)

    async def open_channel(
        self, service: str, *, amount: TokenAmount, peer: PeerId | None
    ) -> DoneView:
        """Reserve tokens for a node that runs the Service."""
        return await self._acts.channels.open_for(
            ServiceId(service), amount, peer, acting=self._acting
        )

    async def top_up(self, channel: str, amount: TokenAmount) -> DoneView:
        """Reserve more on a channel we pay on."""
        return await self._acts.channels.top_up(channel, amount, acting=self._acting)

    async def claim(self) -> DoneView:
        """Cash every voucher that has something to give."""
        return await self._acts.channels.claim(acting=self._acting)

    async def close_channel(self, channel: str, *, cooperative: bool) -> DoneView:
        """Close a channel we pay on."""
        return await self._acts.closing.close(
            channel, cooperative=cooperative, acting=self._acting
        )

    async def finish_channels(self, channel: str | None, *, to_wallet: bool) -> DoneView:
        """End the closes whose delay is over, and empty the vault if wanted."""
        return await self._acts.closing.finish(channel, to_wallet=to_wallet, acting=self._acting)

    async def approve(self, amount: TokenAmount) -> DoneView:
        """Let the market pull up to that much from our wallet."""
        return await self._acts.wallet.approve(amount, acting=self._acting)

    async def deposit(self, amount: TokenAmount) -> DoneView:
        """Put tokens into our vault."""
        return await self._acts.wallet.deposit(amount, acting=self._acting)

    async def withdraw(
        self, amount: TokenAmount | None = None, to: AccountAddress | None = None
    ) -> DoneView:
        """Send tokens out of our vault."""
        return await self._acts.wallet.withdraw(amount, to, acting=self._acting)

    async def settle(self, service: str | None = None) -> DoneView:
        """Credit what passes of our Services have earned."""
        wanted = None if service is None else ServiceId(service)
        return await self._acts.income.settle(wanted, acting=self._acting)

    async def collect(self) -> DoneView:
        """Send what we and our Services earned, and our vault, to our account."""
        return await self._acts.income.collect(acting=self._acting)
