"""EIP-712 digests and secp256k1 signatures as the contracts check them.

Private keys never leave `AccountKey`. Signatures travel in 64 bytes (EIP-2098): r, then s with the recovery bit on top.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from coincurve import PrivateKey, PublicKey
from eth_hash.auto import keccak

from mesg.marketplace.domain.errors import BadSignature
from mesg.marketplace.domain.identity import AccountAddress, Digest

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_DOMAIN_TYPE = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
SIGNATURE_BYTES = 64


def word(value: int | bytes | AccountAddress) -> bytes:
    """Return the 32-byte ABI word of a number, a bytes32 or an address."""
    if isinstance(value, int):
        return value.to_bytes(32, "big")
    if isinstance(value, AccountAddress):
        return value.raw.rjust(32, b"\0")
    if len(value) != 32:
        raise ValueError(f"a bytes32 has 32 bytes, not {len(value)}")
    return value


def struct_hash(type_hash: bytes, *values: int | bytes | AccountAddress) -> bytes:
    """Return hashStruct (EIP-712) of a struct whose members are all one word."""
    return keccak(type_hash + b"".join(word(value) for value in values))


@dataclass(frozen=True, slots=True)
class SigningDomain:
    """Where a signature counts: one contract on one chain (EIP-712 domain separator)."""

    chain_id: int
    contract: AccountAddress
    name: str = "MESG Pay"
    version: str = "1"

    @property
    def separator(self) -> Digest:
        """The domain separator, as the contract computes it."""
        return _separator(self)

    def digest(self, hashed_struct: bytes) -> Digest:
        """Return what is signed: keccak(0x1901, separator, struct hash)."""
        return Digest(keccak(b"\x19\x01" + _separator(self) + hashed_struct))


@lru_cache(maxsize=64)
def _separator(domain: SigningDomain) -> Digest:
    name, version = keccak(domain.name.encode()), keccak(domain.version.encode())
    return Digest(struct_hash(_DOMAIN_TYPE, name, version, domain.chain_id, domain.contract))


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A secp256k1 private key that signs digests; never printed."""

    _secret: PrivateKey = field(repr=False)
    address: AccountAddress

    @classmethod
    def from_bytes(cls, secret: bytes) -> Self:
        """Take a 32-byte private key."""
        key = PrivateKey(secret)
        return cls(key, _address_of(key.public_key))

    def sign(self, digest: Digest) -> bytes:
        """Return the 64-byte signature; deterministic (RFC 6979), low s."""
        raw = bytearray(self._secret.sign_recoverable(digest, hasher=None))
        raw[32] |= raw.pop() << 7
        return bytes(raw)


def _address_of(key: PublicKey) -> AccountAddress:
    return AccountAddress(keccak(key.format(compressed=False)[1:])[-20:])


def signer_of(digest: Digest, signature: bytes) -> AccountAddress:
    """Return who signed; raise BadSignature for whatever the contract would not accept."""
    if len(signature) != SIGNATURE_BYTES:
        raise BadSignature(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
    odd = signature[32] >> 7
    s = bytes((signature[32] & 0x7F,)) + signature[33:]
    # OpenZeppelin's ECDSA refuses a high s; libsecp256k1's recovery does not.
    if int.from_bytes(s, "big") > _ORDER // 2:
        raise BadSignature("the signature has a high s value")
    try:
        key = PublicKey.from_signature_and_message(
            signature[:32] + s + bytes((odd,)), digest, hasher=None
        )
    except Exception as error:
        # coincurve raises bare Exception and ValueError for points that do not exist.
        raise BadSignature("the signature recovers to no key") from error
    return _address_of(key)


def check_signature(
    digest: Digest, signature: bytes, *, signer: AccountAddress, what: str
) -> None:
    """Raise BadSignature unless `signer` signed `digest`; `what` names the statement."""
    actual = signer_of(digest, signature)
    if actual != signer:
        raise BadSignature(f"the {what} is signed by {actual}, not by {signer}")
