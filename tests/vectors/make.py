"""Makes the vectors of docs/protocol from fixed keys; `scripts/generate-vectors` writes them, tests compare."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mesg.marketplace.domain.binding import Binding
from mesg.marketplace.domain.channel import ChannelConfig, close_digest, config_for
from mesg.marketplace.domain.identity import AccountAddress, Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.permit import (
    PERMIT2,
    Allowed,
    permit2_digest,
    permit2_separator,
    permit2_signature,
    reserve_hash,
)
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.domain.signing import AccountKey, SigningDomain
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import MarketAddresses
from mesg.node.domain.advert import Advert, signing_bytes
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.protocol.frames import encode
from mesg.node.protocol.session import Greeting, Session

PAYER = AccountKey.from_bytes(b"\x11" * 32)
OPERATOR = AccountKey.from_bytes(b"\x22" * 32)
PEER_SEED = b"\x33" * 32
PEER = PeerId("12D3KooWBRFW3HkJCLKSWb4yG6iWRBpgNjbM4FFvNsL5T5JKTqrd")
MARKET = MarketAddresses(
    chain_id=31_337,
    token=AccountAddress(b"\xaa" * 20),
    registry=AccountAddress(b"\xbb" * 20),
    pay=AccountAddress(b"\xcc" * 20),
)
DOMAIN = SigningDomain(MARKET.chain_id, MARKET.pay)
SERVICE = ServiceId("weather.acme")
TERMS = OfferTerms(
    kind=OfferKind.METERED,
    price=TokenAmount(5 * 10**17),
    close_delay_s=86_400,
    author_bps=2_000,
    treasury_bps=100,
)


def peer_key() -> Ed25519PrivateKey:
    """Return the peer's identity key."""
    return Ed25519PrivateKey.from_private_bytes(PEER_SEED)


def config() -> ChannelConfig:
    """Return a channel's terms."""
    return config_for(
        Offer(SERVICE, 1, TERMS),
        payer=PAYER.address,
        signer=PAYER.address,
        operator=OPERATOR.address,
        salt=Digest(b"\x44" * 32),
    )


def voucher() -> Voucher:
    """Return a signed voucher."""
    plain = Voucher(config().channel_id(DOMAIN), 0, TokenAmount(15 * 10**17))
    return plain.signed(PAYER.sign(plain.digest(DOMAIN)))


def binding() -> Binding:
    """Return a signed binding."""
    plain = Binding(PEER, OPERATOR.address, 1_800_000_000, 1_800_086_400)
    return plain.signed(OPERATOR.sign(plain.digest(DOMAIN)))


def receipt() -> Receipt:
    """Return a signed receipt."""
    plain = Receipt(
        execution=Digest(b"\x55" * 32),
        version=Digest(b"\x66" * 32),
        inputs=Digest(b"\x77" * 32),
        outputs=Digest(b"\x88" * 32),
        status=ReceiptStatus.SUCCEEDED,
        channel=config().channel_id(DOMAIN),
        charged=TERMS.price,
        cumulative=TokenAmount(10**18),
    )
    return plain.signed(OPERATOR.sign(plain.digest(DOMAIN)))


def advert() -> Advert:
    """Return a signed advert."""
    plain = Advert(
        binding=binding(),
        service=SERVICE,
        version=Digest(b"\x66" * 32),
        package=Digest(b"\x99" * 32),
        sequence=1_800_000_000_000_000_000,
        issued_at_unix_s=1_800_000_000,
        expires_at_unix_s=1_800_001_800,
        addresses=("/ip4/192.0.2.1/tcp/4001",),
        offer_index=1,
        price_per_call=TERMS.price,
    )
    payload = wire.advert_payload(plain)
    signature = peer_key().sign(signing_bytes(payload))
    return wire.advert_in(pb.SignedAdvert(payload=payload, signature=signature))


def reserve_allowed() -> Allowed:
    """Return what Permit2 may take from the payer to open the channel."""
    return Allowed(
        token=MARKET.token,
        spender=MARKET.pay,
        amount=TokenAmount(25 * 10**17),
        nonce=7,
        deadline_unix_s=1_800_003_600,
    )


def signed_objects() -> dict[str, Any]:
    """Return the vectors of the signed objects."""
    final = TokenAmount(10**18)
    terms_offer = Offer(SERVICE, 1, TERMS)
    return {
        "keys": {"payer": (b"\x11" * 32).hex(), "operator": (b"\x22" * 32).hex()},
        "accounts": {"payer": str(PAYER.address), "operator": str(OPERATOR.address)},
        "domain": {
            "name": DOMAIN.name,
            "version": DOMAIN.version,
            "chainId": DOMAIN.chain_id,
            "verifyingContract": str(DOMAIN.contract),
            "separator": DOMAIN.separator.hex(),
        },
        "serviceId": {"sid": SERVICE.sid, "number": str(SERVICE.number)},
        "offerHash": terms_offer.digest.hex(),
        "channelId": config().channel_id(DOMAIN).hex(),
        "voucher": _signed(voucher().digest(DOMAIN), voucher().signature),
        "binding": _signed(binding().digest(DOMAIN), binding().signature),
        "receipt": _signed(receipt().digest(DOMAIN), receipt().signature),
        "reserve": _reserve(),
        "close": {
            "finalClaimed": str(final.units),
            "digest": close_digest(DOMAIN, config().channel_id(DOMAIN), final).hex(),
        },
        "advert": {
            "peerSeed": PEER_SEED.hex(),
            "peer": PEER,
            "payload": advert().payload.hex(),
            "signature": advert().signature.hex(),
        },
    }


def _reserve() -> dict[str, Any]:
    channel, allowed = config().channel_id(DOMAIN), reserve_allowed()
    digest = permit2_digest(channel, allowed, chain_id=MARKET.chain_id)
    return {
        "permit2": str(PERMIT2),
        "separator": permit2_separator(MARKET.chain_id).hex(),
        "token": str(allowed.token),
        "spender": str(allowed.spender),
        "amount": str(allowed.amount.units),
        "nonce": str(allowed.nonce),
        "deadline": allowed.deadline_unix_s,
        "witness": reserve_hash(channel, allowed.amount).hex(),
        **_signed(digest, permit2_signature(PAYER.sign(digest))),
    }


def frames() -> dict[str, str]:
    """Return frames as they go on the wire, in hexadecimal, by name."""
    greeting = Greeting("mesg-dev", MARKET, "mesg/0.1.0", binding())
    call = pb.Call(
        request=1,
        execution_id=b"\x55" * 32,
        service=SERVICE.sid,
        version=b"\x66" * 32,
        task="forecast",
        inputs=b'{"city":"Paris"}',
        timeout_ms=30_000,
        payment=pb.Payment(
            channel_id=config().channel_id(DOMAIN),
            lane=0,
            max_charge=TERMS.price.to_bytes(),
            voucher=wire.voucher_out(voucher()),
        ),
    )
    result = pb.Result(
        request=1,
        execution_id=b"\x55" * 32,
        output_key="success",
        outputs=b'{"temperature":21}',
        receipt=wire.receipt_out(receipt()),
    )
    failure = pb.Failure(code="payment_refused", message="no", hint="pay", retryable=False)
    shown = {
        "call": pb.Frame(call=call),
        "result": pb.Frame(result=result),
        "refusal": pb.Frame(refusal=pb.Refusal(request=1, failure=failure)),
        "channel": pb.Frame(channel=wire.config_out(config())),
        "subscribe": pb.Frame(
            subscribe=pb.Subscribe(
                request=2, service=SERVICE.sid, event="storm", from_now=True, credit=64
            )
        ),
        "event": pb.Frame(event=pb.Event(request=2, sequence=7, key="storm", data=b'{"force":9}')),
        "credit": pb.Frame(credit=pb.Credit(request=2, count=1)),
        "cancel": pb.Frame(cancel=pb.Cancel(request=2)),
        "ask_adverts": pb.Frame(ask_adverts=pb.AskAdverts(request=3, service=SERVICE.sid)),
        "fetch": pb.Frame(
            fetch=pb.Fetch(request=4, service=SERVICE.sid, digest=b"\x99" * 32, credit=32)
        ),
        "chunk": pb.Frame(chunk=pb.Chunk(request=4, offset=0, size=5, data=b"hello")),
        "settle": pb.Frame(
            settle=pb.Settle(
                request=5,
                channel_id=config().channel_id(DOMAIN),
                lane=0,
                voucher=wire.voucher_out(voucher()),
            )
        ),
        "settled": pb.Frame(settled=pb.Settled(request=5)),
        "ping": pb.Frame(ping=pb.Ping(nonce=1)),
        "goodbye": pb.Frame(goodbye=pb.Goodbye(code="goodbye", message="stopping")),
    }
    hello = Session(greeting, peer=PEER).hello().hex()
    return {"hello": hello} | {name: encode(frame).hex() for name, frame in shown.items()}


def _signed(digest: Digest, signature: bytes) -> dict[str, str]:
    return {"digest": digest.hex(), "signature": signature.hex()}
