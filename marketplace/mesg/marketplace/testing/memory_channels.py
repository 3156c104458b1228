"""What `MesgPay` does with channels, in memory: open, top up, close; refusals as the contract's."""

from dataclasses import dataclass, field

from mesg.marketplace.domain.channel import (
    ChannelConfig,
    ChannelPhase,
    ChannelState,
    close_digest,
)
from mesg.marketplace.domain.errors import BadSignature, TransactionReverted
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import OfferKind, OfferTerms
from mesg.marketplace.domain.signing import signer_of
from mesg.marketplace.testing.memory_accounts import MemoryAccounts, check_amount
from mesg.marketplace.testing.memory_token import reverted

RESERVED_MAX = 2**96 - 1
_PHASES = tuple(ChannelPhase)


@dataclass(slots=True)
class Channel:
    """What the contract stores of a channel."""

    reserved: int
    claimed: int = 0
    phase: ChannelPhase = ChannelPhase.OPEN
    closes_at_unix_s: int = 0
    lanes: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryChannels(MemoryAccounts):
    """All channels that were ever opened."""

    channels: dict[Digest, Channel] = field(default_factory=dict)

    def open(
        self,
        sender: AccountAddress,
        config: ChannelConfig,
        units: int,
        *,
        now_unix_s: int,
        from_vault: bool = False,
    ) -> None:
        """Open a channel."""
        if sender != config.payer:
            raise reverted("NotPayer", account=sender, payer=config.payer)
        if NOBODY in (config.signer, config.operator):
            raise reverted("AddressZero")
        check_amount(units)
        self._check_terms(config, now_unix_s=now_unix_s)
        channel_id = config.channel_id(self.domain)
        if channel_id in self.channels:
            raise _phase_wrong(channel_id, self.channels[channel_id].phase)
        _check_fits(units)
        take = self.spend_vault if from_vault else self.pull
        take(sender, units)
        self.channels[channel_id] = Channel(units)

    def top_up(self, sender: AccountAddress, config: ChannelConfig, units: int) -> None:
        """Reserve more."""
        check_amount(units)
        channel = self._running(config)
        _check_fits(channel.reserved + units)
        self.pull(sender, units)
        channel.reserved += units

    def start_close(
        self, sender: AccountAddress, config: ChannelConfig, *, now_unix_s: int
    ) -> None:
        """Begin to close."""
        if sender not in (config.payer, config.signer):
            raise reverted(
                "NotPayerNorSigner", account=sender, payer=config.payer, signer=config.signer
            )
        channel = self._running(config)
        if channel.phase is not ChannelPhase.OPEN:
            raise _phase_wrong(config.channel_id(self.domain), channel.phase)
        channel.phase = ChannelPhase.CLOSING
        channel.closes_at_unix_s = now_unix_s + config.close_delay_s

    def finalize_close(self, config: ChannelConfig, *, now_unix_s: int) -> None:
        """Empty a channel whose delay is over."""
        channel = self._running(config)
        if channel.phase is not ChannelPhase.CLOSING:
            raise _phase_wrong(config.channel_id(self.domain), channel.phase)
        if now_unix_s < channel.closes_at_unix_s:
            raise reverted("TooEarly", closesAt=channel.closes_at_unix_s, timestamp=now_unix_s)
        self._release(config.payer, channel)

    def close_cooperative(
        self, config: ChannelConfig, final_claimed: int, signature: bytes
    ) -> None:
        """Empty a channel at once."""
        channel = self._running(config)
        if channel.claimed != final_claimed:
            raise reverted(
                "FinalClaimedMismatch", claimed=channel.claimed, finalClaimed=final_claimed
            )
        channel_id = config.channel_id(self.domain)
        digest = close_digest(self.domain, channel_id, TokenAmount(final_claimed))
        if not signed(digest, signature, config.operator):
            raise reverted(
                "OperatorSignatureInvalid", channelId=channel_id, operator=config.operator
            )
        self._release(config.payer, channel)

    def state(self, channel_id: Digest) -> ChannelState:
        """Return what the contract's view answers."""
        channel = self.channels.get(channel_id)
        if channel is None:
            return ChannelState(ZERO, ZERO, ChannelPhase.ABSENT)
        return ChannelState(
            TokenAmount(channel.reserved),
            TokenAmount(channel.claimed),
            channel.phase,
            channel.closes_at_unix_s,
        )

    def _check_terms(self, config: ChannelConfig, *, now_unix_s: int) -> None:
        offer = self.registry.live_offer(
            config.service.number, config.offer_index, now_unix_s=now_unix_s
        )
        terms = offer.terms
        if terms.kind is not OfferKind.METERED:
            raise reverted("KindMismatch", kind=int(terms.kind), needed=int(OfferKind.METERED))
        ours = (offer.digest, *_bps(terms), terms.close_delay_s)
        if (config.offer_digest, *_bps(config), config.close_delay_s) != ours:
            raise reverted(
                "TermsMismatch",
                authorBps=terms.author_bps,
                treasuryBps=terms.treasury_bps,
                referrerBps=terms.referrer_bps,
                closeDelay=terms.close_delay_s,
                offerHash=offer.digest,
            )

    def _release(self, payer: AccountAddress, channel: Channel) -> None:
        self.vaults[payer] = self.vaults.get(payer, 0) + channel.reserved - channel.claimed
        channel.reserved = channel.claimed
        channel.phase = ChannelPhase.CLOSED
        channel.closes_at_unix_s = 0

    def _running(self, config: ChannelConfig) -> Channel:
        channel_id = config.channel_id(self.domain)
        channel = self.channels.get(channel_id)
        if channel is None:
            raise _phase_wrong(channel_id, ChannelPhase.ABSENT)
        if channel.phase is ChannelPhase.CLOSED:
            raise _phase_wrong(channel_id, channel.phase)
        return channel


def _bps(shared: OfferTerms | ChannelConfig) -> tuple[int, int, int]:
    return shared.author_bps, shared.treasury_bps, shared.referrer_bps


def _phase_wrong(channel_id: Digest, phase: ChannelPhase) -> TransactionReverted:
    return reverted("PhaseWrong", channelId=channel_id, phase=_PHASES.index(phase))


def _check_fits(units: int) -> None:
    if units > RESERVED_MAX:
        raise reverted("AmountTooHigh", amount=units, maximum=RESERVED_MAX)


def signed(digest: Digest, signature: bytes, signer: AccountAddress) -> bool:
    """Tell whether the contract would take this for the signer's signature."""
    try:
        return signer_of(digest, signature) == signer
    except BadSignature:
        return False
