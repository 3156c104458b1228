"""What we change in the registry: names, versions, offers, owners."""

from collections.abc import Sequence
from dataclasses import dataclass

from mesg.marketplace.chain.contracts import REGISTRY
from mesg.marketplace.chain.registration import take_sid
from mesg.marketplace.chain.values import (
    terms_struct,
)
from mesg.marketplace.chain.writing import LedgerWrites
from mesg.marketplace.domain.errors import NotFound, PriceAboveMax, Refused
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.ports import (
    OfferCreated,
    PublishedVersion,
    TransactionReceipt,
    VersionPublished,
)


@dataclass(slots=True)
class RegistryWrites(LedgerWrites):
    """Writes about Services of ours."""

    async def register(
        self, service: ServiceId, *, max_fee: TokenAmount | None = None
    ) -> Sequence[TransactionReceipt]:
        """Take a sid (promise, wait, reveal); a Service that is ours already costs nothing."""
        owner = await self._owner(service)
        if owner is None:
            return await self._take(service, max_fee)
        if owner != self.account:
            raise Refused(f"{service} belongs to {owner}", hint="choose another sid")
        return ()

    async def _owner(self, service: ServiceId) -> AccountAddress | None:
        try:
            return (await self.service(service)).owner
        except NotFound:
            return None

    async def _take(
        self, service: ServiceId, max_fee: TokenAmount | None
    ) -> Sequence[TransactionReceipt]:
        fee = await self.registration_fee()
        if max_fee is not None and fee > max_fee:
            raise PriceAboveMax(
                f"the name {service} costs {fee} now, more than the {max_fee} you allow",
                hint="wait: the fee halves every hour in which no names are taken",
            )
        # Never more than was agreed, and no more than is needed: what is allowed must be there.
        allowed = _with_room(fee) if max_fee is None else min(max_fee, _with_room(fee))
        return await take_sid(service, self.contracts, self.transactions, max_fee=allowed)

    async def publish_version(
        self, service: ServiceId, *, manifest: Digest, package: Digest, uri: str
    ) -> tuple[PublishedVersion, TransactionReceipt]:
        """Add a version to our Service."""
        mined = await self._mine(
            "publish", REGISTRY, "publishVersion", service.number, manifest, package, uri
        )
        (index,) = (
            change.index for change in self._told(mined) if isinstance(change, VersionPublished)
        )
        return PublishedVersion(service, index, manifest, package, uri), mined.receipt

    async def create_offer(
        self, service: ServiceId, terms: OfferTerms
    ) -> tuple[Offer, TransactionReceipt]:
        """Add an offer to our Service."""
        mined = await self._mine(
            "offer", REGISTRY, "createOffer", service.number, terms_struct(terms)
        )
        (index,) = (
            change.offer_index for change in self._told(mined) if isinstance(change, OfferCreated)
        )
        return Offer(service, index, terms), mined.receipt

    async def disable_offer(self, offer: Offer) -> TransactionReceipt:
        """Close an offer of ours for ever."""
        return await self._send(
            "disable", REGISTRY, "disableOffer", offer.service.number, offer.index
        )

    async def transfer_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Give our Service, and its future income, to another account."""
        return await self._send(
            "transfer", REGISTRY, "transferFrom", self.account.raw, to.raw, service.number
        )


def _with_room(fee: TokenAmount) -> TokenAmount:
    """Return the most to pay for a name: others may take some between now and the reveal."""
    return TokenAmount(fee.units + fee.units // 10)
