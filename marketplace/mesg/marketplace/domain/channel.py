"""A payment channel's identity and its state on chain; what is promised on it lives in lanes.

ABSENT --open--> OPEN --start_close--> CLOSING --finalize--> CLOSED
                  └──────────close_cooperative──────────────────┘
"""

from dataclasses import dataclass
from enum import StrEnum

from eth_hash.auto import keccak

from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.domain.signing import SigningDomain, struct_hash, word

_CONFIG_TYPE = keccak(
    b"Config(address payer,address signer,address operator,uint256 serviceId,uint32 offerIndex,"
    b"bytes32 offerHash,address referrer,uint16 authorBps,uint16 treasuryBps,uint16 referrerBps,"
    b"uint40 closeDelay,bytes32 salt)"
)
_CLOSE_TYPE = keccak(b"Close(bytes32 channelId,uint128 finalClaimed)")


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """The immutable terms of a channel; its id is their hash, so no reorganisation renumbers it."""

    payer: AccountAddress
    signer: AccountAddress
    operator: AccountAddress
    service: ServiceId
    offer_index: int
    offer_digest: Digest
    author_bps: int
    treasury_bps: int
    referrer_bps: int
    close_delay_s: int
    salt: Digest
    referrer: AccountAddress = NOBODY

    def channel_id(self, domain: SigningDomain) -> Digest:
        """Return the channel's id in that contract: keccak256(abi.encode(contract, EIP-712 struct hash)).

        The chain's id is not part of it: a chain that changes it locks no channel. Signatures name the chain.
        """
        hashed = struct_hash(
            _CONFIG_TYPE,
            self.payer,
            self.signer,
            self.operator,
            self.service.number,
            self.offer_index,
            self.offer_digest,
            self.referrer,
            self.author_bps,
            self.treasury_bps,
            self.referrer_bps,
            self.close_delay_s,
            self.salt,
        )
        return Digest(keccak(word(domain.contract) + hashed))


def config_for(
    offer: Offer,
    *,
    payer: AccountAddress,
    signer: AccountAddress,
    operator: AccountAddress,
    salt: Digest,
) -> ChannelConfig:
    """Return the configuration that the contract accepts for this offer."""
    terms = offer.terms
    return ChannelConfig(
        payer=payer,
        signer=signer,
        operator=operator,
        service=offer.service,
        offer_index=offer.index,
        offer_digest=offer.digest,
        author_bps=terms.author_bps,
        treasury_bps=terms.treasury_bps,
        referrer_bps=terms.referrer_bps,
        close_delay_s=terms.close_delay_s,
        salt=salt,
    )


def close_digest(domain: SigningDomain, channel: Digest, final_claimed: TokenAmount) -> Digest:
    """Return what an operator signs to close a channel at once, all its claims made."""
    return domain.digest(struct_hash(_CLOSE_TYPE, channel, final_claimed.units))


class ChannelPhase(StrEnum):
    """Where a channel is in its life."""

    ABSENT = "absent"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What the chain says of a channel: reserved, claimed over all lanes, when it may be emptied."""

    reserved: TokenAmount
    claimed: TokenAmount
    phase: ChannelPhase
    closes_at_unix_s: int = 0

    @property
    def unclaimed(self) -> TokenAmount:
        """What is still there to claim."""
        return self.reserved - self.claimed
