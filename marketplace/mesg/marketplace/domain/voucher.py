"""A voucher: the payer's signed promise of a cumulative amount on one lane of a channel."""

from dataclasses import dataclass, replace

from eth_hash.auto import keccak

from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import SigningDomain, check_signature, struct_hash

_VOUCHER_TYPE = keccak(b"Voucher(bytes32 channelId,uint32 lane,uint128 cumulative)")


@dataclass(frozen=True, slots=True)
class Voucher:
    """What the operator may claim in total on this lane; newer vouchers only promise more."""

    channel: Digest
    lane: int
    cumulative: TokenAmount
    signature: bytes = b""

    def digest(self, domain: SigningDomain) -> Digest:
        """Return the EIP-712 digest that the session signer signs."""
        return domain.digest(
            struct_hash(_VOUCHER_TYPE, self.channel, self.lane, self.cumulative.units)
        )

    def signed(self, signature: bytes) -> "Voucher":
        """Return the same promise with its signature."""
        return replace(self, signature=signature)

    def check(self, domain: SigningDomain, *, signer: AccountAddress) -> None:
        """Raise BadSignature unless the channel's session signer made this promise."""
        check_signature(self.digest(domain), self.signature, signer=signer, what="voucher")
