"""A transaction (EIP-1559) as bytes: what is signed, and what is sent; no I/O and no keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_hash.auto import keccak

from mesg.marketplace.domain.identity import AccountAddress, Digest

_TYPE = b"\x02"
Rlp = bytes | Sequence["Rlp"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One transaction that sends no ether; fees in wei per gas."""

    chain_id: int
    nonce: int
    tip: int
    fee_cap: int
    gas: int
    to: AccountAddress
    data: bytes

    @property
    def digest(self) -> Digest:
        """What the account signs."""
        return Digest(keccak(_TYPE + encode_rlp(self._fields())))

    def signed(self, signature: bytes) -> bytes:
        """Return the bytes to send, with a 64-byte signature (EIP-2098)."""
        r, vs = signature[:32], int.from_bytes(signature[32:], "big")
        s = vs & ((1 << 255) - 1)
        parts = (_number(vs >> 255), _number(int.from_bytes(r, "big")), _number(s))
        return _TYPE + encode_rlp((*self._fields(), *parts))

    def _fields(self) -> tuple[Rlp, ...]:
        head = (self.chain_id, self.nonce, self.tip, self.fee_cap, self.gas)
        no_value, no_access_list = b"", ()
        return (*map(_number, head), self.to.raw, no_value, self.data, no_access_list)


def encode_rlp(item: Rlp) -> bytes:
    """Return the recursive length prefix encoding (yellow paper, appendix B)."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    body = b"".join(map(encode_rlp, item))
    return _prefix(len(body), 0xC0) + body


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = _number(length)
    return bytes((offset + 55 + len(size),)) + size


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
