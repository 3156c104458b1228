"""What `ServiceRegistry` does, in memory: names, versions and offers; the same refusals in the same order."""

from dataclasses import dataclass, field, replace

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import PublishedVersion
from mesg.marketplace.testing.memory_token import reverted

URI_BYTES_MAX = 512
FEE_UNITS_MIN = 10**18


@dataclass(slots=True)
class MemoryRegistry:
    """All Services, by their number."""

    owners: dict[int, AccountAddress] = field(default_factory=dict)
    versions: dict[int, list[PublishedVersion]] = field(default_factory=dict)
    offers: dict[int, list[Offer]] = field(default_factory=dict)
    last_fee_units: int = 0
    last_fee_at_unix_s: int = 0

    def fee(self, *, now_unix_s: int) -> int:
        """Return what a name costs: the last fee raised, halved every quiet hour, never nothing."""
        hours, seconds = divmod(now_unix_s - self.last_fee_at_unix_s, 3_600)
        fee = self.last_fee_units >> hours
        fee -= fee // 2 * seconds // 3_600
        return max(fee, FEE_UNITS_MIN)

    def register(
        self, sender: AccountAddress, service: ServiceId, *, max_fee: int, now_unix_s: int
    ) -> int:
        """Take a free name; return what it costs."""
        if service.number in self.owners:
            raise reverted("SidTaken", sid=service.sid)
        fee = self.fee(now_unix_s=now_unix_s)
        if fee > max_fee:
            raise reverted("FeeTooHigh", fee=fee, maxFee=max_fee)
        self.last_fee_units = fee + fee // 200
        self.last_fee_at_unix_s = now_unix_s
        self.owners[service.number] = sender
        self.versions[service.number] = []
        self.offers[service.number] = []
        return fee

    def publish(
        self,
        sender: AccountAddress,
        service: ServiceId,
        manifest: Digest,
        package: Digest,
        uri: str,
    ) -> PublishedVersion:
        """Add a version."""
        self.check_owner(sender, service.number)
        if not any(manifest):
            raise reverted("ManifestHashZero")
        if len(uri.encode()) > URI_BYTES_MAX:
            raise reverted("UriTooLong", length=len(uri.encode()), maximum=URI_BYTES_MAX)
        known = self.versions[service.number]
        for version in known:
            if version.manifest == manifest:
                raise reverted(
                    "ManifestPublished",
                    serviceId=service.number,
                    manifestHash=manifest,
                    index=version.index,
                )
        known.append(PublishedVersion(service, len(known), manifest, package, uri))
        return known[-1]

    def create_offer(
        self, sender: AccountAddress, service: ServiceId, terms: OfferTerms, *, now_unix_s: int
    ) -> Offer:
        """Add an offer."""
        self.check_owner(sender, service.number)
        if not self.versions[service.number]:
            raise reverted("NothingPublished", serviceId=service.number)
        _check_terms(terms, now_unix_s=now_unix_s)
        offers = self.offers[service.number]
        offers.append(Offer(service, len(offers), terms))
        return offers[-1]

    def disable_offer(self, sender: AccountAddress, service: ServiceId, index: int) -> None:
        """Close an offer for ever."""
        self.check_owner(sender, service.number)
        offer = self.any_offer(service.number, index)
        if offer.disabled:
            raise reverted("OfferIsDisabled", serviceId=service.number, offerIndex=index)
        self.offers[service.number][index] = replace(offer, disabled=True)

    def live_offer(self, service_number: int, index: int, *, now_unix_s: int) -> Offer:
        """Return an offer that can be bought now."""
        offer = self.any_offer(service_number, index)
        if offer.disabled:
            raise reverted("OfferIsDisabled", serviceId=service_number, offerIndex=index)
        until = offer.terms.valid_until_unix_s
        if 0 < until < now_unix_s:
            raise reverted("OfferExpired", validUntil=until, timestamp=now_unix_s)
        return offer

    def transfer(self, sender: AccountAddress, service: ServiceId, to: AccountAddress) -> None:
        """Give the Service, and its income, to another account."""
        self.check_owner(sender, service.number)
        self.owners[service.number] = to

    def check_owner(self, sender: AccountAddress, service_number: int) -> None:
        """Refuse unless the sender owns the Service."""
        owner = self.owners.get(service_number)
        if owner is None:
            raise reverted("ServiceUnknown", serviceId=service_number)
        if owner != sender:
            raise reverted(
                "NotServiceOwner", serviceId=service_number, account=sender, owner=owner
            )

    def any_offer(self, service_number: int, index: int) -> Offer:
        """Return an offer, be it closed."""
        offers = self.offers.get(service_number, [])
        if index >= len(offers):
            raise reverted("OfferUnknown", serviceId=service_number, offerIndex=index)
        return offers[index]


def _check_terms(terms: OfferTerms, *, now_unix_s: int) -> None:
    """Refuse what the contract refuses and `OfferTerms` lets pass."""
    if terms.kind is OfferKind.PASS and terms.close_delay_s:
        raise reverted("CloseDelayInvalid", closeDelay=terms.close_delay_s, minimum=0, maximum=0)
    if terms.kind is OfferKind.PASS and terms.price_per_event:
        raise reverted("PricePerEventOnPass", pricePerEvent=terms.price_per_event.units)
    if terms.kind is OfferKind.METERED and terms.duration_s:
        raise reverted("DurationInvalid", duration=terms.duration_s, minimum=0, maximum=0)
    if 0 < terms.valid_until_unix_s < now_unix_s:
        raise reverted(
            "OfferBornExpired", validUntil=terms.valid_until_unix_s, timestamp=now_unix_s
        )
