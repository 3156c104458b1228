"""The market's values as the contracts' structs and back; no I/O."""

from collections.abc import Sequence
from typing import cast

from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase, ChannelState
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import ClaimRow, PublishedVersion

_PHASES = (ChannelPhase.ABSENT, ChannelPhase.OPEN, ChannelPhase.CLOSING, ChannelPhase.CLOSED)


def config_struct(config: ChannelConfig) -> tuple[object, ...]:
    """Return `MesgPay.Config`."""
    return (
        config.payer.raw,
        config.signer.raw,
        config.operator.raw,
        config.service.number,
        config.offer_index,
        config.offer_digest,
        config.referrer.raw,
        config.author_bps,
        config.treasury_bps,
        config.referrer_bps,
        config.close_delay_s,
        config.salt,
    )


def claim_struct(row: ClaimRow) -> tuple[object, ...]:
    """Return `MesgPay.Claim`."""
    voucher = row.voucher
    r, vs = signature_words(voucher.signature)
    return (config_struct(row.config), voucher.lane, voucher.cumulative.units, r, vs)


def signature_words(signature: bytes) -> tuple[bytes, bytes]:
    """Return r and vs of a 64-byte signature; one of another length becomes one nobody made."""
    padded = signature[:64].ljust(64, b"\0")
    return padded[:32], padded[32:]


def terms_struct(terms: OfferTerms) -> tuple[object, ...]:
    """Return `ServiceRegistry.OfferTerms`."""
    return (
        int(terms.kind),
        terms.price.units,
        terms.price_per_event.units,
        terms.duration_s,
        terms.close_delay_s,
        terms.valid_until_unix_s,
        terms.author_bps,
        terms.treasury_bps,
        terms.referrer_bps,
        terms.hosted_only,
        terms.seats,
    )


def terms_from(struct: object) -> OfferTerms:
    """Read `ServiceRegistry.OfferTerms`."""
    kind, price, per_event, *rest = cast("tuple[int, ...]", struct)
    duration, close_delay, until, author, treasury, referrer, hosted, seats = rest
    return OfferTerms(
        kind=OfferKind(kind),
        price=TokenAmount(price),
        price_per_event=TokenAmount(per_event),
        duration_s=duration,
        close_delay_s=close_delay,
        valid_until_unix_s=until,
        author_bps=author,
        treasury_bps=treasury,
        referrer_bps=referrer,
        hosted_only=bool(hosted),
        seats=seats,
    )


def offer_from(service: ServiceId, index: int, answer: Sequence[object]) -> Offer:
    """Read what `ServiceRegistry.offer` answers."""
    return Offer(service, index, terms_from(answer[0]), disabled=bool(answer[1]))


def version_from(service: ServiceId, index: int, struct: object) -> PublishedVersion:
    """Read `ServiceRegistry.Version`."""
    manifest, package, _, uri = cast("tuple[bytes, bytes, int, str]", struct)
    return PublishedVersion(service, index, Digest(manifest), Digest(package), uri)


def channel_state_from(struct: object) -> ChannelState:
    """Read `MesgPay.ChannelState`."""
    phase, reserved, claimed, closes_at = cast("tuple[int, int, int, int]", struct)
    return ChannelState(TokenAmount(reserved), TokenAmount(claimed), _PHASES[phase], closes_at)


def account_from(value: object) -> AccountAddress:
    """Read an address as eth_abi decodes it."""
    return AccountAddress(bytes.fromhex(cast("str", value)[2:]))
