"""Domain values to and from the messages of the session protocol; every field is checked on the way in."""

import json

from google.protobuf.message import DecodeError

from mesg.marketplace.domain.binding import Binding
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import (
    AccountAddress,
    Digest,
    PeerId,
    ServiceId,
    digest_from,
    parse_peer_id,
)
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.domain.voucher import Voucher
from mesg.node.domain.advert import Advert
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Failure
from mesg.node.domain.shape import parse_json_object
from mesg.node.protocol import session_pb2 as pb

ADVERT_BYTES_MAX = 8_192
"""An advert with eight long addresses takes about 1 KiB."""
ADDRESSES_MAX = 16
TEXT_MAX = 2_000
"""What is kept of a peer's error texts."""


def binding_out(binding: Binding) -> pb.Binding:
    """Return the message of a binding."""
    return pb.Binding(
        peer_id=binding.peer,
        account=binding.account.raw,
        issued_at=binding.issued_at_unix_s,
        expires_at=binding.expires_at_unix_s,
        signature=binding.signature,
    )


def binding_in(message: pb.Binding) -> Binding:
    """Return the binding of a message, its signature unchecked; raise InvalidInput."""
    return Binding(
        peer=parse_peer_id(message.peer_id),
        account=AccountAddress(message.account),
        issued_at_unix_s=message.issued_at,
        expires_at_unix_s=message.expires_at,
        signature=message.signature,
    )


def config_out(config: ChannelConfig) -> pb.Channel:
    """Return the message of a channel's terms."""
    return pb.Channel(
        payer=config.payer.raw,
        signer=config.signer.raw,
        operator=config.operator.raw,
        service=config.service.sid,
        offer_index=config.offer_index,
        offer_hash=config.offer_digest,
        referrer=config.referrer.raw,
        author_bps=config.author_bps,
        treasury_bps=config.treasury_bps,
        referrer_bps=config.referrer_bps,
        close_delay_s=config.close_delay_s,
        salt=config.salt,
    )


def config_in(message: pb.Channel) -> ChannelConfig:
    """Return the channel's terms of a message; raise InvalidInput."""
    return ChannelConfig(
        payer=AccountAddress(message.payer),
        signer=AccountAddress(message.signer),
        operator=AccountAddress(message.operator),
        service=ServiceId(message.service),
        offer_index=message.offer_index,
        offer_digest=digest_from(message.offer_hash, what="offer_hash"),
        referrer=AccountAddress(message.referrer),
        author_bps=_bps(message.author_bps),
        treasury_bps=_bps(message.treasury_bps),
        referrer_bps=_bps(message.referrer_bps),
        close_delay_s=_limited(message.close_delay_s, 2**40 - 1, "close_delay_s"),
        salt=digest_from(message.salt, what="salt"),
    )


def voucher_out(voucher: Voucher) -> pb.Voucher:
    """Return the message of a voucher; its channel and lane stand in the payment."""
    return pb.Voucher(cumulative=voucher.cumulative.to_bytes(), signature=voucher.signature)


def voucher_in(payment: pb.Payment) -> Voucher | None:
    """Return the voucher inside a payment, its signature unchecked, or None."""
    if not payment.HasField("voucher"):
        return None
    return Voucher(
        channel=digest_from(payment.channel_id, what="channel_id"),
        lane=payment.lane,
        cumulative=TokenAmount.from_bytes(payment.voucher.cumulative),
        signature=payment.voucher.signature,
    )


def receipt_out(receipt: Receipt) -> pb.Receipt:
    """Return the message of a receipt."""
    return pb.Receipt(
        inputs_hash=receipt.inputs,
        outputs_hash=receipt.outputs,
        status=int(receipt.status),
        channel_id=receipt.channel,
        lane=receipt.lane,
        charged=receipt.charged.to_bytes(),
        cumulative=receipt.cumulative.to_bytes(),
        signature=receipt.signature,
    )


def receipt_in(message: pb.Receipt, *, execution: Digest, version: Digest) -> Receipt:
    """Return the receipt of a result, its signature unchecked; raise InvalidInput."""
    if message.status not in (1, 2):
        raise InvalidInput(f"a receipt's status is 1 or 2, not {message.status}", where="status")
    return Receipt(
        execution=execution,
        version=version,
        inputs=digest_from(message.inputs_hash, what="inputs_hash"),
        outputs=digest_from(message.outputs_hash, what="outputs_hash"),
        status=ReceiptStatus(message.status),
        channel=digest_from(message.channel_id, what="channel_id"),
        lane=message.lane,
        charged=TokenAmount.from_bytes(message.charged),
        cumulative=TokenAmount.from_bytes(message.cumulative),
        signature=message.signature,
    )


def failure_out(failure: Failure) -> pb.Failure:
    """Return the message of a failure, long texts cut."""
    return pb.Failure(
        code=failure.code,
        message=failure.message[:TEXT_MAX],
        hint=failure.hint[:TEXT_MAX],
        retryable=failure.retryable,
    )


def failure_in(message: pb.Failure) -> Failure:
    """Return the failure that a peer told, its texts cut."""
    return Failure(
        code=message.code[:64] or "refused",
        message=message.message[:TEXT_MAX],
        hint=message.hint[:TEXT_MAX],
        retryable=message.retryable,
    )


def advert_payload(advert: Advert) -> bytes:
    """Return the bytes of an advert that the peer's key signs; deterministic."""
    return pb.AdvertPayload(
        binding=binding_out(advert.binding),
        service=advert.service.sid,
        version=advert.version,
        package=advert.package,
        sequence=advert.sequence,
        issued_at=advert.issued_at_unix_s,
        expires_at=advert.expires_at_unix_s,
        addresses=advert.addresses,
        metered=advert.offer_index is not None,
        offer_index=advert.offer_index or 0,
        price_per_call=advert.price_per_call.to_bytes(),
        runs=advert.runs,
    ).SerializeToString(deterministic=True)


def advert_out(advert: Advert) -> pb.SignedAdvert:
    """Return the message of a signed advert."""
    return pb.SignedAdvert(payload=advert.payload, signature=advert.signature)


def advert_in(message: pb.SignedAdvert) -> Advert:
    """Return the advert of a message, its signature unchecked; raise InvalidInput."""
    if len(message.payload) > ADVERT_BYTES_MAX:
        raise InvalidInput(f"an advert has at most {ADVERT_BYTES_MAX} bytes")
    try:
        payload = pb.AdvertPayload.FromString(message.payload)
    except DecodeError as error:
        raise InvalidInput("the advert is not an AdvertPayload") from error
    if len(payload.addresses) > ADDRESSES_MAX:
        raise InvalidInput(f"an advert has at most {ADDRESSES_MAX} addresses")
    return Advert(
        binding=binding_in(payload.binding),
        service=ServiceId(payload.service),
        version=digest_from(payload.version, what="version"),
        package=digest_from(payload.package, what="package"),
        sequence=payload.sequence,
        issued_at_unix_s=payload.issued_at,
        expires_at_unix_s=payload.expires_at,
        addresses=tuple(payload.addresses),
        offer_index=payload.offer_index if payload.metered else None,
        price_per_call=TokenAmount.from_bytes(payload.price_per_call),
        runs=payload.runs,
        payload=message.payload,
        signature=message.signature,
    )


def event_out(event: ServiceEvent, *, request: int, missed: int) -> pb.Event:
    """Return the message of an event."""
    return pb.Event(
        request=request,
        sequence=event.sequence,
        key=event.key,
        data=json.dumps(event.data, separators=(",", ":"), ensure_ascii=False).encode(),
        emitted_at_ns=event.emitted_at_unix_ns,
        missed=missed,
    )


def event_in(message: pb.Event, *, service: ServiceId, peer: PeerId) -> ServiceEvent:
    """Return the event of a message; raise InvalidInput."""
    return ServiceEvent(
        service=service,
        key=message.key[:256],
        data=parse_json_object(message.data, what="event data"),
        sequence=message.sequence,
        emitted_at_unix_ns=message.emitted_at_ns,
        peer=peer,
    )


def _bps(value: int) -> int:
    return _limited(value, 10_000, "bps")


def _limited(value: int, most: int, what: str) -> int:
    if value > most:
        raise InvalidInput(f"{what} is {value}, above {most}", where=what)
    return value
