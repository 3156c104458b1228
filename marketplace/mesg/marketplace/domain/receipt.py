"""A receipt: the operator's signed statement of what was done for one execution and charged."""

from dataclasses import dataclass, replace
from enum import IntEnum

from eth_hash.auto import keccak

from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.signing import SigningDomain, check_signature, struct_hash

_RECEIPT_TYPE = keccak(
    b"Receipt(bytes32 executionId,bytes32 versionHash,bytes32 channelId,uint32 lane,"
    b"bytes32 inputsHash,bytes32 outputsHash,uint8 status,uint128 charged,uint128 cumulative)"
)
NO_CHANNEL = Digest(bytes(32))


class ReceiptStatus(IntEnum):
    """How the work ended, as the operator states it."""

    SUCCEEDED = 1
    FAILED = 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """One execution's outcome and charge; `channel` is all zero for free and pass use."""

    execution: Digest
    version: Digest
    inputs: Digest
    outputs: Digest
    status: ReceiptStatus
    channel: Digest = NO_CHANNEL
    lane: int = 0
    charged: TokenAmount = ZERO
    cumulative: TokenAmount = ZERO
    """All that was charged on this lane so far, this charge included."""
    signature: bytes = b""

    def digest(self, domain: SigningDomain) -> Digest:
        """Return the EIP-712 digest that the operator's account signs."""
        return domain.digest(
            struct_hash(
                _RECEIPT_TYPE,
                self.execution,
                self.version,
                self.channel,
                self.lane,
                self.inputs,
                self.outputs,
                int(self.status),
                self.charged.units,
                self.cumulative.units,
            )
        )

    def signed(self, signature: bytes) -> "Receipt":
        """Return the same statement with its signature."""
        return replace(self, signature=signature)

    def check(self, domain: SigningDomain, *, operator: AccountAddress) -> None:
        """Raise BadSignature unless the operator made this statement."""
        check_signature(self.digest(domain), self.signature, signer=operator, what="receipt")
