"""What an account changes in the registry of a `MemoryMarket`."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.domain.errors import (
    PriceAboveMax,
    Refused,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.ports import (
    OfferCreated,
    OfferDisabled,
    PublishedVersion,
    ServiceRegistered,
    ServiceTransferred,
    TransactionReceipt,
    VersionPublished,
)
from mesg.marketplace.testing.memory_writes import MemoryWrites


@dataclass(slots=True)
class MemoryRegistryWrites(MemoryWrites):
    """Writes about Services of ours."""

    async def register(
        self, service: ServiceId, *, max_fee: TokenAmount | None = None
    ) -> Sequence[TransactionReceipt]:
        """Take a sid; a Service that is ours already costs nothing."""
        owner = self.market.registry.owners.get(service.number)
        if owner is not None and owner != self.account:
            raise Refused(f"{service} belongs to {owner}", hint="choose another sid")
        if owner is not None:
            return ()
        fee = await self.registration_fee()
        if max_fee is not None and fee > max_fee:
            raise PriceAboveMax(
                f"the name {service} costs {fee} now, more than the {max_fee} you allow",
                hint="wait: the fee halves every hour in which no names are taken",
            )
        approvals = await self._approve(fee)
        async with self._writing("register"):
            paid = self.market.registry.register(
                self.account, service, max_fee=fee.units, now_unix_s=self.market.now_unix_s
            )
            self.market.token.move(self.account, self.market.treasury, paid)
        promised = self.market.mine("commit")
        taken = self.market.mine("register", ServiceRegistered(service, self.account))
        return (*approvals, promised, taken)

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

    async def transfer_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Give our Service, and its future income, to another account."""
        async with self._writing("transfer"):
            self.market.registry.transfer(self.account, service, to)
        return self.market.mine("transfer", ServiceTransferred(service.number, to))
