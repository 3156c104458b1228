"""Changes of the market as the index keeps them: JSON texts with whole numbers as text, and back."""

from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import (
    ChannelChanged,
    MarketChange,
    OfferCreated,
    OfferDisabled,
    PassBought,
    PassCancelled,
    PublishedVersion,
    SeatChanged,
    ServiceRegistered,
    ServiceTransferred,
    VersionPublished,
)


def facts_of(change: MarketChange) -> tuple[int, str, dict[str, str]] | None:
    """Return the Service's number, the kind and the facts of a change that makes a listing."""
    match change:
        case ServiceRegistered():
            return change.service.number, "owner", {"owner": str(change.owner)}
        case ServiceTransferred():
            return change.service_number, "owner", {"owner": str(change.owner)}
        case VersionPublished():
            return change.service_number, "version", _version_text(change)
        case OfferCreated():
            return change.service_number, "offer", _offer_text(change)
        case OfferDisabled():
            return change.service_number, "disabled", {"index": str(change.offer_index)}
        case PassBought() | PassCancelled() | SeatChanged() | ChannelChanged():
            return None


def _version_text(change: VersionPublished) -> dict[str, str]:
    return {
        "index": str(change.index),
        "manifest": change.manifest.hex(),
        "package": change.package.hex(),
        "uri": change.uri,
    }


def version_from(service: ServiceId, change: dict[str, str]) -> PublishedVersion:
    """Return the version of its facts."""
    return PublishedVersion(
        service=service,
        index=int(change["index"]),
        manifest=Digest(bytes.fromhex(change["manifest"])),
        package=Digest(bytes.fromhex(change["package"])),
        uri=change["uri"],
    )


def _offer_text(change: OfferCreated) -> dict[str, str]:
    terms = change.terms
    return {
        "index": str(change.offer_index),
        "kind": str(int(terms.kind)),
        "price": str(terms.price.units),
        "price_per_event": str(terms.price_per_event.units),
        "duration_s": str(terms.duration_s),
        "close_delay_s": str(terms.close_delay_s),
        "valid_until_unix_s": str(terms.valid_until_unix_s),
        "author_bps": str(terms.author_bps),
        "treasury_bps": str(terms.treasury_bps),
        "referrer_bps": str(terms.referrer_bps),
        "hosted_only": "1" if terms.hosted_only else "",
        "seats": str(terms.seats),
    }


def offer_from(service: ServiceId, change: dict[str, str]) -> Offer:
    """Return the offer of its facts."""
    terms = OfferTerms(
        kind=OfferKind(int(change["kind"])),
        price=TokenAmount(int(change["price"])),
        price_per_event=TokenAmount(int(change["price_per_event"])),
        duration_s=int(change["duration_s"]),
        close_delay_s=int(change["close_delay_s"]),
        valid_until_unix_s=int(change["valid_until_unix_s"]),
        author_bps=int(change["author_bps"]),
        treasury_bps=int(change["treasury_bps"]),
        referrer_bps=int(change["referrer_bps"]),
        hosted_only=bool(change["hosted_only"]),
        seats=int(change["seats"]),
    )
    return Offer(service, int(change["index"]), terms)
