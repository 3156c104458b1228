"""An advert: a node's signed, expiring statement that it runs a version of a Service at a price.

Signed by the peer's ed25519 key, which its id carries, and bound to an account. Of several adverts
by one peer for one Service the newest sequence wins; a forged, expired or older one is ignored.
"""

from dataclasses import dataclass, replace

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mesg.marketplace.domain.binding import CLOCK_SKEW_S_MAX, Binding
from mesg.marketplace.domain.errors import BadSignature, Expired, Refused
from mesg.marketplace.domain.identity import Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.signing import SigningDomain

ADVERT_S_MAX = 3_600
"""A node that is gone is forgotten within the hour."""
_SIGNED_AS = b"mesg-advert-v1:"
_ED25519_ID_PREFIX = bytes.fromhex("002408011220")
"""An identity multihash of a protobuf PublicKey{type: Ed25519, 32 bytes} (libp2p peer-ids)."""


@dataclass(frozen=True, slots=True)
class Advert:
    """I run this; `payload` are the very bytes that were signed."""

    binding: Binding
    service: ServiceId
    version: Digest
    package: Digest
    sequence: int
    issued_at_unix_s: int
    expires_at_unix_s: int
    addresses: tuple[str, ...]
    offer_index: int | None = None
    """The metered offer under which calls are charged; None if only a pass or free use is taken."""
    price_per_call: TokenAmount = ZERO
    runs: bool = True
    """False for a node that only seeds the package."""
    payload: bytes = b""
    signature: bytes = b""

    @property
    def peer(self) -> PeerId:
        """The node that made it."""
        return self.binding.peer

    def check(self, domain: SigningDomain, *, now_unix_s: int) -> None:
        """Raise BadSignature, Expired or Refused unless the statement holds now."""
        check_peer_signature(self.peer, _SIGNED_AS + self.payload, self.signature)
        if self.expires_at_unix_s < now_unix_s:
            raise Expired(f"the advert of {self.peer} for {self.service} has expired")
        if self.expires_at_unix_s - self.issued_at_unix_s > ADVERT_S_MAX:
            raise Refused(f"an advert lasts at most {ADVERT_S_MAX} s")
        if self.issued_at_unix_s > now_unix_s + CLOCK_SKEW_S_MAX:
            raise Expired("the advert is from the future", hint="check both clocks")
        self.binding.check(domain, peer=self.peer, now_unix_s=now_unix_s)


def signing_bytes(payload: bytes) -> bytes:
    """Return what the peer's key signs for an advert with that payload."""
    return _SIGNED_AS + payload


def signed(advert: Advert, *, payload: bytes, signature: bytes) -> Advert:
    """Return the advert with its signed bytes and signature."""
    return replace(advert, payload=payload, signature=signature)


def supersedes(new: Advert, old: Advert | None) -> bool:
    """Tell whether a checked advert replaces the one we know of that peer and Service."""
    return old is None or new.sequence > old.sequence


def check_peer_signature(peer: PeerId, message: bytes, signature: bytes) -> None:
    """Raise BadSignature unless the key inside the peer id signed the message (ed25519)."""
    raw = base58.b58decode(peer)
    if not raw.startswith(_ED25519_ID_PREFIX) or len(raw) != len(_ED25519_ID_PREFIX) + 32:
        raise BadSignature(f"peer id {peer} carries no ed25519 key")
    key = Ed25519PublicKey.from_public_bytes(raw[len(_ED25519_ID_PREFIX) :])
    try:
        key.verify(signature, message)
    except InvalidSignature as error:
        raise BadSignature(f"the statement is not signed by {peer}") from error
