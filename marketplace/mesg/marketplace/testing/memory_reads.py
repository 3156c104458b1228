"""The reading half of the Ledger in memory: what anybody sees on a `MemoryMarket`."""

from collections.abc import Sequence
from dataclasses import dataclass

import trio

from mesg.marketplace.domain.channel import ChannelConfig, ChannelState
from mesg.marketplace.domain.errors import NotFound
from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import (
    Balances,
    Cursor,
    HeldPass,
    MarketAddresses,
    Observed,
    PublishedService,
    PublishedVersion,
)
from mesg.marketplace.testing.memory_market import ETHER_WEI, MemoryMarket
from mesg.marketplace.testing.memory_passes import PassSlot

NEWEST_MAX = 100


@dataclass(slots=True)
class MemoryReads:
    """The reading half: the same for every account."""

    market: MemoryMarket

    @property
    def addresses(self) -> MarketAddresses:
        """The chain and contracts."""
        return self.market.addresses

    async def service(self, service: ServiceId) -> PublishedService:
        """Return the Service; raise NotFound."""
        await trio.lowlevel.checkpoint()
        owner = self.market.registry.owners.get(service.number)
        if owner is None:
            raise NotFound(f"{service} is not registered on chain")
        return PublishedService(service, owner)

    async def versions(self, service: ServiceId) -> Sequence[PublishedVersion]:
        """Return the newest versions, oldest first, at most 100."""
        await trio.lowlevel.checkpoint()
        return self.market.registry.versions.get(service.number, [])[-NEWEST_MAX:]

    async def offers(self, service: ServiceId) -> Sequence[Offer]:
        """Return the newest offers, disabled ones included, at most 100."""
        await trio.lowlevel.checkpoint()
        return self.market.registry.offers.get(service.number, [])[-NEWEST_MAX:]

    async def access_until_unix_s(self, service: ServiceId, account: AccountAddress) -> int:
        """Return until when the account may use a Service, by its own pass or a seat; 0 for never."""
        await trio.lowlevel.checkpoint()
        now = self.market.now_unix_s
        return self.market.pay.access_until(service.number, account, now_unix_s=now)

    async def held_pass(self, service: ServiceId, account: AccountAddress) -> HeldPass:
        """Return the account's own pass and what it holds."""
        await trio.lowlevel.checkpoint()
        pay, now = self.market.pay, self.market.now_unix_s
        slot = pay.passes.get((service.number, account), PassSlot())
        value = pay.pass_value(service.number, account, now_unix_s=now)
        return HeldPass(slot.expiry, slot.offer_index, *map(TokenAmount, value))

    async def registration_fee(self) -> TokenAmount:
        """Return what a name costs now."""
        await trio.lowlevel.checkpoint()
        return TokenAmount(self.market.registry.fee(now_unix_s=self.market.now_unix_s))

    async def channel(self, config: ChannelConfig) -> ChannelState:
        """Return the channel's state, phase ABSENT if it was never opened."""
        await trio.lowlevel.checkpoint()
        return self.market.pay.state(config.channel_id(self.addresses.domain))

    async def lane_claimed(self, config: ChannelConfig, lane: int) -> TokenAmount:
        """Return what was claimed on one lane."""
        await trio.lowlevel.checkpoint()
        channel = self.market.pay.channels.get(config.channel_id(self.addresses.domain))
        return TokenAmount(channel.lanes.get(lane, 0) if channel else 0)

    async def balances(self, account: AccountAddress) -> Balances:
        """Return all that the account holds; gas money never runs out here."""
        await trio.lowlevel.checkpoint()
        pay = self.market.pay
        return Balances(
            account=account,
            ether_wei=ETHER_WEI,
            tokens=TokenAmount(pay.token.balance_of(account)),
            vault=TokenAmount(pay.vaults.get(account, 0)),
            earned=TokenAmount(pay.earned.get(account, 0)),
        )

    async def service_earned(self, service: ServiceId) -> TokenAmount:
        """Return the income of a Service that its owner may collect."""
        await trio.lowlevel.checkpoint()
        return TokenAmount(self.market.pay.service_earned.get(service.number, 0))

    async def now_unix_s(self) -> int:
        """Return the market's time."""
        await trio.lowlevel.checkpoint()
        return self.market.now_unix_s

    async def changes(self, cursor: Cursor) -> tuple[Sequence[Observed], Cursor]:
        """Return what happened since the cursor and where to go on."""
        await trio.lowlevel.checkpoint()
        return self.market.changes(cursor)
