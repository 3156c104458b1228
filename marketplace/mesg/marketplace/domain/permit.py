"""What a payer signs so that a channel is paid out of the wallet without a former transaction of the payer.

Either the token's own permit (ERC-2612), or Uniswap's Permit2 for tokens that have none: there the signature
also covers a witness, so that whoever sends it can open nothing but that channel with that amount.
Sources: EIP-712; EIP-2612; Permit2's `PermitHash.hashWithWitness` and `EIP712._buildDomainSeparator`.
"""

from dataclasses import dataclass

from eth_hash.auto import keccak

from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import SigningDomain, struct_hash

PERMIT2 = AccountAddress.parse("0x000000000022D473030F116dDEE9F6B43aC78BA3")
"""Where Permit2 is, on every chain that has it."""

_PERMIT_TYPE = keccak(
    b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
_RESERVE = b"Reserve(bytes32 channelId,uint128 amount)"
_PERMISSIONS = b"TokenPermissions(address token,uint256 amount)"
# EIP-712, encodeType: the types that are referred to follow in the order of their names.
_WITNESS_TRANSFER_TYPE = keccak(
    b"PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,"
    b"uint256 deadline,Reserve witness)" + _RESERVE + _PERMISSIONS
)
_RESERVE_TYPE, _PERMISSIONS_TYPE = keccak(_RESERVE), keccak(_PERMISSIONS)
# Permit2's domain has a name, but no version.
_PERMIT2_DOMAIN_TYPE = keccak(
    b"EIP712Domain(string name,uint256 chainId,address verifyingContract)"
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much of which token may be taken by whom, how often (once: the nonce) and how long."""

    token: AccountAddress
    spender: AccountAddress
    amount: TokenAmount
    nonce: int
    deadline_unix_s: int


def permit_digest(
    owner: AccountAddress, allowed: Allowed, *, chain_id: int, name: str = "MESG"
) -> Digest:
    """Return what an owner signs for the token's own `permit` (EIP-2612)."""
    domain = SigningDomain(chain_id, allowed.token, name=name)
    return domain.digest(
        struct_hash(
            _PERMIT_TYPE,
            owner,
            allowed.spender,
            allowed.amount.units,
            allowed.nonce,
            allowed.deadline_unix_s,
        )
    )


def reserve_hash(channel: Digest, amount: TokenAmount) -> Digest:
    """Return the witness: hashStruct of Reserve(channelId, amount) (EIP-712)."""
    return Digest(struct_hash(_RESERVE_TYPE, channel, amount.units))


def permit2_digest(channel: Digest, allowed: Allowed, *, chain_id: int) -> Digest:
    """Return what a payer signs for Permit2's `permitWitnessTransferFrom` of one channel's reserve."""
    permissions = struct_hash(_PERMISSIONS_TYPE, allowed.token, allowed.amount.units)
    content = struct_hash(
        _WITNESS_TRANSFER_TYPE,
        permissions,
        allowed.spender,
        allowed.nonce,
        allowed.deadline_unix_s,
        reserve_hash(channel, allowed.amount),
    )
    return Digest(keccak(b"\x19\x01" + permit2_separator(chain_id) + content))


def permit2_separator(chain_id: int) -> Digest:
    """Return Permit2's domain separator on a chain."""
    return Digest(struct_hash(_PERMIT2_DOMAIN_TYPE, keccak(b"Permit2"), chain_id, PERMIT2))


def permit2_signature(signature: bytes) -> bytes:
    """Return a 64-byte signature (EIP-2098) as r, s and v: both are accepted, all tools know this one."""
    recovery = signature[32] >> 7
    s = bytes((signature[32] & 0x7F,)) + signature[33:]
    return signature[:32] + s + bytes((27 + recovery,))
