"""Who and what things are: accounts, peers, Services, digests; parsed at the edge, right inside."""

import re
from dataclasses import dataclass
from typing import NewType, Self

from eth_hash.auto import keccak

from mesg.marketplace.domain.errors import InvalidInput

Digest = NewType("Digest", bytes)
"""32 bytes: a keccak-256 or sha-256 hash, or an execution id."""

PeerId = NewType("PeerId", str)
"""The base58 text of a libp2p peer id (ed25519)."""

SID_LENGTH_MAX = 63
_SID = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_PEER_ID = re.compile(r"12D3KooW[1-9A-HJ-NP-Za-km-z]{44}")


def parse_digest(text: str) -> Digest:
    """Read 64 hexadecimal digits, with or without 0x."""
    digits = text.removeprefix("0x")
    if re.fullmatch(r"[0-9a-fA-F]{64}", digits) is None:
        raise InvalidInput(f"{text[:80]!r} is not a 32-byte hash in hexadecimal")
    return Digest(bytes.fromhex(digits))


def digest_from(raw: bytes, *, what: str) -> Digest:
    """Take exactly 32 bytes; `what` names them in the refusal."""
    if len(raw) != 32:
        raise InvalidInput(f"{what} must be 32 bytes, not {len(raw)}", where=what)
    return Digest(bytes(raw))


def parse_peer_id(text: str) -> PeerId:
    """Read the base58 text of an ed25519 peer id; others carry no verifiable key."""
    if _PEER_ID.fullmatch(text) is None:
        raise InvalidInput(f"{text[:80]!r} is not an ed25519 peer id")
    return PeerId(text)


@dataclass(frozen=True, slots=True, order=True)
class AccountAddress:
    """An Ethereum address: 20 bytes inside, EIP-55 hexadecimal outside."""

    raw: bytes

    def __post_init__(self) -> None:
        """Refuse any other length."""
        if len(self.raw) != 20:
            raise InvalidInput(f"an account address has 20 bytes, not {len(self.raw)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 0x and 40 hexadecimal digits; mixed case must carry a right EIP-55 checksum."""
        if re.fullmatch(r"0x[0-9a-fA-F]{40}", text) is None:
            raise InvalidInput(f"{text[:60]!r} is not an account address (0x and 40 digits)")
        address = cls(bytes.fromhex(text[2:]))
        digits = text[2:]
        if digits not in (digits.lower(), digits.upper()) and str(address) != text:
            raise InvalidInput(f"{text} has a wrong checksum", hint="copy the address again")
        return address

    def __str__(self) -> str:
        """Show the EIP-55 checksummed form."""
        digits = self.raw.hex()
        marks = keccak(digits.encode()).hex()
        return "0x" + "".join(
            digit.upper() if int(mark, 16) >= 8 else digit
            for digit, mark in zip(digits, marks, strict=False)
        )


NOBODY = AccountAddress(bytes(20))
"""The zero address: no referrer, no account."""


@dataclass(frozen=True, slots=True, order=True)
class ServiceId:
    """A Service's name on the market (`sid`): lowercase labels joined by dots, 1 to 63 bytes."""

    sid: str

    def __post_init__(self) -> None:
        """Refuse what the registry contract would refuse."""
        if not 1 <= len(self.sid) <= SID_LENGTH_MAX or _SID.fullmatch(self.sid) is None:
            raise InvalidInput(
                f"{self.sid[:80]!r} is not a service id",
                hint="use 1-63 of a-z 0-9 _ - in labels joined by dots, such as weather.acme",
            )

    @property
    def number(self) -> int:
        """The ERC-721 token id: keccak-256 of the sid."""
        return int.from_bytes(keccak(self.sid.encode()), "big")

    def __str__(self) -> str:
        """Show the sid."""
        return self.sid
