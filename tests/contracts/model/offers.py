"""Versions and offers: made by the owner of a Service, ended by him, never changed."""

from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from eth_abi.abi import encode
from eth_hash.auto import keccak
from tests.contracts.model.chain import Chain, Part, refuse
from tests.contracts.model.names import HOUR_S, Names

from mesg.marketplace.chain.contracts import REGISTRY
from mesg.marketplace.domain.identity import AccountAddress

PASS, METERED = 0, 1
DAY_S = 24 * HOUR_S
CENTURY_S = 36_525 * DAY_S
URI_BYTES_MAX = 512


class Terms(NamedTuple):
    """An author's terms, in the contract's order; unlike the node's they may be nonsense."""

    kind: int
    price: int
    price_per_event: int = 0
    duration: int = 0
    close_delay: int = 0
    valid_until: int = 0
    author_bps: int = 0
    treasury_bps: int = 0
    referrer_bps: int = 0
    hosted_only: bool = False
    seats: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """An offer that was made."""

    terms: Terms
    digest: bytes
    disabled: bool = False


@dataclass
class Offers(Part):
    """What is for sale, by Service and number."""

    state: ClassVar = ("manifests", "offers")
    chain: Chain
    names: Names
    manifests: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    offers: dict[tuple[int, int], Published] = field(default_factory=dict)

    def publish(
        self, sender: AccountAddress, service: int, manifest: bytes, package: bytes, uri: str
    ) -> tuple[int]:
        self.names.check_owner(sender, service)
        if manifest == bytes(32):
            refuse("ManifestHashZero")
        if len(uri) > URI_BYTES_MAX:
            refuse("UriTooLong", length=len(uri), maximum=URI_BYTES_MAX)
        known = self.manifests.get(service, ())
        if manifest in known:
            index = known.index(manifest)
            refuse("ManifestPublished", serviceId=service, manifestHash=manifest, index=index)
        self.manifests[service] = (*known, manifest)
        self.chain.emit(
            REGISTRY,
            "VersionPublished",
            serviceId=service,
            index=len(known),
            manifestHash=manifest,
            packageHash=package,
            uri=uri,
        )
        return (len(known),)

    def create(self, sender: AccountAddress, service: int, terms: Terms) -> tuple[int]:
        self.names.check_owner(sender, service)
        if not self.manifests.get(service):
            refuse("NothingPublished", serviceId=service)
        check_terms(terms, now_unix_s=self.chain.now_unix_s)
        index = self.count(service)
        digest = keccak(
            encode(
                ("uint256", "uint32", *("uint256",) * 9, "bool", "uint16"),
                (service, index, *terms),
            )
        )
        self.offers[service, index] = Published(terms, digest)
        self.chain.emit(
            REGISTRY,
            "OfferCreated",
            serviceId=service,
            offerIndex=index,
            offerHash=digest,
            terms=terms,
        )
        return (index,)

    def disable(self, sender: AccountAddress, service: int, index: int) -> None:
        self.names.check_owner(sender, service)
        offer = self.known(service, index)
        if offer.disabled:
            refuse("OfferIsDisabled", serviceId=service, offerIndex=index)
        self.offers[service, index] = Published(offer.terms, offer.digest, disabled=True)
        self.chain.emit(REGISTRY, "OfferDisabled", serviceId=service, offerIndex=index)

    def count(self, service: int) -> int:
        return sum(1 for owner, _ in self.offers if owner == service)

    def known(self, service: int, index: int) -> Published:
        offer = self.offers.get((service, index))
        if offer is None:
            refuse("OfferUnknown", serviceId=service, offerIndex=index)
        return offer

    def live(self, service: int, index: int, *, kind: int) -> Published:
        """Return an offer of that kind that can be bought now."""
        offer = self.known(service, index)
        if offer.disabled:
            refuse("OfferIsDisabled", serviceId=service, offerIndex=index)
        until, now = offer.terms.valid_until, self.chain.now_unix_s
        if until and now > until:
            refuse("OfferExpired", validUntil=until, timestamp=now)
        if offer.terms.kind != kind:
            refuse("KindMismatch", kind=offer.terms.kind, needed=kind)
        return offer


def check_terms(terms: Terms, *, now_unix_s: int) -> None:
    """Refuse terms that make no sense."""
    if terms.kind == PASS:
        _check_pass(terms)
    elif terms.kind == METERED:
        _check_metered(terms)
    else:
        refuse("KindInvalid", kind=terms.kind)
    shares = terms.author_bps + terms.treasury_bps + terms.referrer_bps
    if shares > 10_000:
        refuse("SharesTooHigh", bps=shares, maximum=10_000)
    if 0 < terms.valid_until < now_unix_s:
        refuse("OfferBornExpired", validUntil=terms.valid_until, timestamp=now_unix_s)


def _check_pass(terms: Terms) -> None:
    if not 1 <= terms.duration <= CENTURY_S:
        refuse("DurationInvalid", duration=terms.duration, minimum=1, maximum=CENTURY_S)
    if terms.close_delay:
        refuse("CloseDelayInvalid", closeDelay=terms.close_delay, minimum=0, maximum=0)
    if terms.price_per_event:
        refuse("PricePerEventOnPass", pricePerEvent=terms.price_per_event)
    if terms.author_bps:
        refuse("AuthorShareOnPass", authorBps=terms.author_bps)
    if not 1 <= terms.seats <= 1_000:
        refuse("SeatsInvalid", seats=terms.seats, minimum=1, maximum=1_000)


def _check_metered(terms: Terms) -> None:
    if terms.duration:
        refuse("DurationInvalid", duration=terms.duration, minimum=0, maximum=0)
    if terms.seats:
        refuse("SeatsInvalid", seats=terms.seats, minimum=0, maximum=0)
    if not HOUR_S <= terms.close_delay <= 30 * DAY_S:
        refuse(
            "CloseDelayInvalid",
            closeDelay=terms.close_delay,
            minimum=HOUR_S,
            maximum=30 * DAY_S,
        )
