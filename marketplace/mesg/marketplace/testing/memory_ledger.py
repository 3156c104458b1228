"""The Ledger in memory: what one account sees and does on a `MemoryMarket`."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import InsufficientFunds, Refused, TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.ports import (
    ChannelChanged,
    ClaimRow,
    OfferCreated,
    OfferDisabled,
    PassBought,
    PublishedVersion,
    ServiceRegistered,
    Signer,
    TransactionReceipt,
    VersionPublished,
)
from mesg.marketplace.testing.memory_pay import MemoryPay
from mesg.marketplace.testing.memory_reads import MemoryReads

_PROBE = Digest(bytes(32))


@dataclass(slots=True)
class MemoryLedger(MemoryReads):
    """Implements `Ledger` for the account of `signer`, which must be unlocked to write."""

    signer: Signer

    @property
    def account(self) -> AccountAddress:
        """Whose money moves."""
        return self.signer.address

    async def register(self, service: ServiceId) -> Sequence[TransactionReceipt]:
        """Take a sid; a Service that is ours already costs nothing."""
        owner = self.market.registry.owners.get(service.number)
        if owner is not None and owner != self.account:
            raise Refused(f"{service} belongs to {owner}", hint="choose another sid")
        if owner is not None:
            return ()
        async with self._writing("register"):
            self.market.registry.register(self.account, service)
        promised = self.market.mine("commit")
        return promised, self.market.mine("register", ServiceRegistered(service, self.account))

    async def publish_version(
        self, service: ServiceId, *, manifest: Digest, package: Digest, uri: str
    ) -> tuple[PublishedVersion, TransactionReceipt]:
        """Add a version to our Service."""
        async with self._writing("publish"):
            version = self.market.registry.publish(self.account, service, manifest, package, uri)
        change = VersionPublished(service.number, version.index, manifest, package, uri)
        return version, self.market.mine("publish", change)

    async def create_offer(
        self, service: ServiceId, terms: OfferTerms
    ) -> tuple[Offer, TransactionReceipt]:
        """Add an offer to our Service."""
        async with self._writing("offer"):
            offer = self.market.registry.create_offer(
                self.account, service, terms, now_unix_s=self.market.now_unix_s
            )
        return offer, self.market.mine("offer", OfferCreated(service.number, offer.index, terms))

    async def disable_offer(self, offer: Offer) -> TransactionReceipt:
        """Close an offer of ours for ever."""
        async with self._writing("disable"):
            self.market.registry.disable_offer(self.account, offer.service, offer.index)
        return self.market.mine("disable", OfferDisabled(offer.service.number, offer.index))

    async def buy_pass(
        self, offer: Offer, *, beneficiary: AccountAddress, max_price: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Buy or extend a pass; from the vault if it holds the price, else from the wallet."""
        from_vault = self._vault_holds(offer.terms.price)
        approvals = () if from_vault else await self._approve(offer.terms.price)
        async with self._writing("buy_pass"):
            ends = self._pay.buy_pass(
                self.account,
                offer,
                beneficiary=beneficiary,
                max_price=max_price.units,
                now_unix_s=self.market.now_unix_s,
                from_vault=from_vault,
            )
        change = PassBought(offer.service.number, beneficiary, ends)
        return (*approvals, self.market.mine("buy_pass", change))

    async def open_channel(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve tokens for one operator; from the vault if it holds them, else from the wallet."""
        from_vault = self._vault_holds(amount)
        approvals = () if from_vault else await self._approve(amount)
        async with self._writing("open"):
            self._pay.open(
                self.account,
                config,
                amount.units,
                now_unix_s=self.market.now_unix_s,
                from_vault=from_vault,
            )
        return (*approvals, self._mine_channel("open", config, "open"))

    async def top_up(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve more on an open channel, always from the wallet."""
        approvals = await self._approve(amount)
        async with self._writing("top_up"):
            self._pay.top_up(self.account, config, amount.units)
        return (*approvals, self._mine_channel("top_up", config, "top_up"))

    async def claim(self, rows: Sequence[ClaimRow]) -> TransactionReceipt:
        """Cash vouchers in one transaction; rows that no longer pay are skipped, not refused."""
        async with self._writing("claim"):
            skipped = self._pay.claim(rows)
        paid = [row for row, reason in zip(rows, skipped, strict=True) if reason is None]
        ids = [row.config.channel_id(self.addresses.domain) for row in paid]
        return self.market.mine("claim", *(ChannelChanged(each, "claim") for each in ids))

    async def start_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Begin the payer's unilateral close."""
        async with self._writing("start_close"):
            self._pay.start_close(self.account, config, now_unix_s=self.market.now_unix_s)
        return self._mine_channel("start_close", config, "closing")

    async def finalize_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Return the rest to the payer's vault, the delay being over."""
        async with self._writing("finalize_close"):
            self._pay.finalize_close(config, now_unix_s=self.market.now_unix_s)
        return self._mine_channel("finalize_close", config, "closed")

    async def close_cooperative(
        self, config: ChannelConfig, final_claimed: TokenAmount, operator_signature: bytes
    ) -> TransactionReceipt:
        """Return the rest to the payer's vault at once, with the operator's signed consent."""
        async with self._writing("close_cooperative"):
            self._pay.close_cooperative(config, final_claimed.units, operator_signature)
        return self._mine_channel("close_cooperative", config, "closed")

    async def collect(self, to: AccountAddress) -> TransactionReceipt:
        """Send our account's earned tokens out."""
        async with self._writing("collect"):
            self._pay.collect(self.account, to)
        return self.market.mine("collect")

    async def collect_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Send our Service's earned tokens out."""
        async with self._writing("collect_service"):
            self._pay.collect_service(self.account, service.number, to)
        return self.market.mine("collect_service")

    async def withdraw(self, amount: TokenAmount, to: AccountAddress) -> TransactionReceipt:
        """Send tokens out of our vault."""
        async with self._writing("withdraw"):
            self._pay.withdraw(self.account, amount.units, to)
        return self.market.mine("withdraw")

    @property
    def _pay(self) -> MemoryPay:
        return self.market.pay

    @asynccontextmanager
    async def _writing(self, action: str) -> AsyncGenerator[None]:
        """Do one transaction: the key must be unlocked, and a refusal names the action."""
        await trio.lowlevel.checkpoint()
        self.signer.sign(_PROBE)
        try:
            yield
        except TransactionReverted as error:
            raise TransactionReverted(f"{action}: {error.message}") from error

    async def _approve(self, amount: TokenAmount) -> tuple[TransactionReceipt, ...]:
        held = TokenAmount(self.market.token.balance_of(self.account))
        if held < amount:
            raise InsufficientFunds(f"{self.account} holds {held}, this takes {amount}")
        if not amount:
            return ()
        async with self._writing("approve"):
            return (self.market.mine("approve"),)

    def _vault_holds(self, amount: TokenAmount) -> bool:
        return self._pay.vaults.get(self.account, 0) >= amount.units > 0

    def _mine_channel(self, action: str, config: ChannelConfig, change: str) -> TransactionReceipt:
        channel_id = config.channel_id(self.addresses.domain)
        return self.market.mine(action, ChannelChanged(channel_id, change))
