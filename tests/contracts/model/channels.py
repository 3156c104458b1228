"""Channels: opened, topped up, claimed on, closed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import ClassVar

from tests.contracts.model.accounts import Accounts
from tests.contracts.model.chain import Part, refuse
from tests.contracts.model.offers import METERED, Offers
from tests.contracts.model.shares import divided

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.chain.values import config_struct
from mesg.marketplace.domain.channel import ChannelConfig, close_digest
from mesg.marketplace.domain.errors import BadSignature
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import SigningDomain, check_signature

RESERVED_MAX = 2**96 - 1


class Phase(IntEnum):
    ABSENT = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Channel:
    """What was put in, what came back, and what each lane was paid."""

    config: ChannelConfig
    put_in: int
    lanes: tuple[tuple[int, int], ...] = ()
    phase: Phase = Phase.OPEN
    closes_at_unix_s: int = 0

    @property
    def claimed(self) -> int:
        return sum(units for _, units in self.lanes)

    @property
    def reserved(self) -> int:
        return self.claimed if self.phase is Phase.CLOSED else self.put_in

    @property
    def rest(self) -> int:
        return self.reserved - self.claimed


@dataclass
class Channels(Part):
    """All channels that were ever opened, by id."""

    state: ClassVar = ("channels",)
    accounts: Accounts
    offers: Offers
    domain: SigningDomain
    channels: dict[Digest, Channel] = field(default_factory=dict)

    def open(self, sender: AccountAddress, config: ChannelConfig, units: int) -> tuple[Digest]:
        channel_id = self.open_own(sender, config, units)
        self.accounts.pull(sender, units)
        return (channel_id,)

    def open_from_vault(
        self, sender: AccountAddress, config: ChannelConfig, units: int
    ) -> tuple[Digest]:
        channel_id = self.open_own(sender, config, units)
        self.accounts.spend_vault(sender, units)
        return (channel_id,)

    def open_many(
        self, sender: AccountAddress, configs: Sequence[ChannelConfig], amounts: Sequence[int]
    ) -> None:
        if len(configs) != len(amounts):
            refuse("LengthsDiffer", configs=len(configs), amounts=len(amounts))
        for config, units in zip(configs, amounts, strict=True):
            self.open_own(sender, config, units)
        self.accounts.pull(sender, sum(amounts))

    def open_own(self, sender: AccountAddress, config: ChannelConfig, units: int) -> Digest:
        if sender != config.payer:
            refuse("NotPayer", account=sender, payer=config.payer)
        return self.open_for(config, units)

    def open_for(self, config: ChannelConfig, units: int) -> Digest:
        """Open for the payer, whoever sends it; the tokens must follow."""
        if NOBODY in (config.signer, config.operator):
            refuse("AddressZero")
        if units == 0:
            refuse("AmountZero")
        self._check_terms(config)
        channel_id = config.channel_id(self.domain)
        if channel_id in self.channels:
            refuse("PhaseWrong", channelId=channel_id, phase=self.channels[channel_id].phase.value)
        _check_fits(units)
        self.channels[channel_id] = Channel(config, units)
        self.accounts.chain.emit(
            PAY,
            "ChannelOpened",
            channelId=channel_id,
            payer=config.payer,
            operator=config.operator,
            config=config_struct(config),
            amount=units,
        )
        return channel_id

    def top_up(self, sender: AccountAddress, config: ChannelConfig, units: int) -> None:
        if units == 0:
            refuse("AmountZero")
        channel_id, channel = self.running(config)
        reserved = channel.put_in + units
        _check_fits(reserved)
        self.accounts.pull(sender, units)
        self.channels[channel_id] = replace(channel, put_in=reserved)
        fields = {"from": sender, "amount": units, "reserved": reserved}
        self.accounts.chain.emit(PAY, "ChannelToppedUp", channelId=channel_id, **fields)

    def start_close(self, sender: AccountAddress, config: ChannelConfig) -> None:
        if sender not in (config.payer, config.signer):
            refuse("NotPayerNorSigner", account=sender, payer=config.payer, signer=config.signer)
        channel_id, channel = self.running(config)
        if channel.phase is Phase.CLOSING:
            refuse("PhaseWrong", channelId=channel_id, phase=Phase.CLOSING.value)
        closes_at = self.accounts.chain.now_unix_s + config.close_delay_s
        self.channels[channel_id] = replace(
            channel, phase=Phase.CLOSING, closes_at_unix_s=closes_at
        )
        self.accounts.chain.emit(PAY, "ChannelClosing", channelId=channel_id, closesAt=closes_at)

    def finalize_close(self, config: ChannelConfig) -> None:
        channel_id, channel = self.running(config)
        if channel.phase is Phase.OPEN:
            refuse("PhaseWrong", channelId=channel_id, phase=Phase.OPEN.value)
        now = self.accounts.chain.now_unix_s
        if now < channel.closes_at_unix_s:
            refuse("TooEarly", closesAt=channel.closes_at_unix_s, timestamp=now)
        self._release(channel_id, channel)

    def close_cooperative(self, config: ChannelConfig, final: int, signature: bytes) -> None:
        channel_id, channel = self.running(config)
        if final != channel.claimed:
            refuse("FinalClaimedMismatch", claimed=channel.claimed, finalClaimed=final)
        digest = close_digest(self.domain, channel_id, TokenAmount(final))
        try:
            check_signature(digest, signature, signer=config.operator, what="close")
        except BadSignature:
            refuse("OperatorSignatureInvalid", channelId=channel_id, operator=config.operator)
        self._release(channel_id, channel)

    def running(self, config: ChannelConfig) -> tuple[Digest, Channel]:
        channel_id = config.channel_id(self.domain)
        channel = self.channels.get(channel_id)
        phase = channel.phase if channel else Phase.ABSENT
        if channel is None or phase is Phase.CLOSED:
            refuse("PhaseWrong", channelId=channel_id, phase=phase.value)
        return channel_id, channel

    def held(self) -> int:
        """Return all that is reserved and not claimed."""
        return sum(channel.rest for channel in self.channels.values())

    def income(self) -> Counter[AccountAddress | int]:
        """Return what everybody earned: by lane, of all that was ever claimed on it at once."""
        total: Counter[AccountAddress | int] = Counter()
        for channel in self.channels.values():
            config = channel.config
            for _, units in channel.lanes:
                parts = divided(
                    units,
                    author=config.author_bps,
                    treasury=config.treasury_bps,
                    referrer=0 if config.referrer == NOBODY else config.referrer_bps,
                )
                total[config.service.number] += parts.author
                total[self.accounts.treasury] += parts.treasury
                total[config.referrer] += parts.referrer
                total[config.operator] += parts.operator
        return total

    def _check_terms(self, config: ChannelConfig) -> None:
        offer = self.offers.live(config.service.number, config.offer_index, kind=METERED)
        terms = offer.terms
        theirs = (terms.author_bps, terms.treasury_bps, terms.referrer_bps, terms.close_delay)
        ours = (config.author_bps, config.treasury_bps, config.referrer_bps, config.close_delay_s)
        if ours != theirs or config.offer_digest != offer.digest:
            refuse(
                "TermsMismatch",
                authorBps=terms.author_bps,
                treasuryBps=terms.treasury_bps,
                referrerBps=terms.referrer_bps,
                closeDelay=terms.close_delay,
                offerHash=offer.digest,
            )

    def _release(self, channel_id: Digest, channel: Channel) -> None:
        self.channels[channel_id] = replace(channel, phase=Phase.CLOSED, closes_at_unix_s=0)
        self.accounts.credit_vault(channel.config.payer, channel.rest)
        self.accounts.chain.emit(
            PAY,
            "ChannelClosed",
            channelId=channel_id,
            claimed=channel.claimed,
            refunded=channel.rest,
        )


def _check_fits(units: int) -> None:
    if units > RESERVED_MAX:
        refuse("AmountTooHigh", amount=units, maximum=RESERVED_MAX)
