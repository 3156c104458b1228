"""The lanes we pay on: promises are decided here, kept in the books by the caller, and only then sent.

Memory runs ahead of the disk by the steps that are being saved; a promise that could not be saved is
never sent, and the caller takes its call out of flight with `release`.
"""

from dataclasses import dataclass

from mesg.marketplace.domain.channel import ChannelConfig, config_for
from mesg.marketplace.domain.errors import NotFound, PaymentRefused
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.lanes import GivenLane
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.domain.receipt import Receipt
from mesg.marketplace.domain.signing import SigningDomain
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import Books, ChannelKept, ChannelRole, GivenStep, Signer

LANE = 0
"""One node pays on one lane; more clients of one payer would each take their own."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What must be saved before a call is sent, and the voucher that goes with it."""

    step: GivenStep
    voucher: Voucher
    max_charge: TokenAmount


class Purse:
    """Every channel on which we are the payer."""

    def __init__(self, books: Books, signer: Signer, domain: SigningDomain) -> None:
        self._books = books
        self._signer = signer
        self._domain = domain
        self._configs: dict[Digest, ChannelConfig] = {}
        self._lanes: dict[Digest, GivenLane] = {}
        self._closing: set[Digest] = set()
        self.reload()

    def reload(self) -> None:
        """Read all channels from the books."""
        kept = [one for one in self._books.channels() if one.role is ChannelRole.PAYER]
        self._configs = {one.channel: one.config for one in kept}
        self._lanes = {lane.channel: lane for lane in self._books.given_lanes()}
        self._closing = {one.channel for one in kept if one.is_closing}

    def channels(self) -> list[ChannelKept]:
        """Return the channels we pay on."""
        return [self._kept(channel) for channel in self._configs]

    def lane(self, channel: Digest) -> GivenLane:
        """Return a channel's lane, empty before the chain showed it open; raise NotFound."""
        self.config(channel)
        return self._lanes.get(channel, GivenLane(channel, LANE, ZERO))

    def config(self, channel: Digest) -> ChannelConfig:
        """Return a channel's terms; raise NotFound."""
        if channel not in self._configs:
            raise NotFound(f"no channel {channel.hex()} is paid on here")
        return self._configs[channel]

    def find(
        self, service: ServiceId, operator: AccountAddress, *, offer_digest: Digest
    ) -> Digest | None:
        """Return an open channel for that Service, operator and offer, the fullest first."""
        fitting = [
            channel
            for channel, config in self._configs.items()
            if channel in self._lanes
            and channel not in self._closing
            and (config.service, config.operator) == (service, operator)
            and config.offer_digest == offer_digest
        ]
        return max(fitting, key=self._left, default=None)

    def covers(self, channel: Digest, price: TokenAmount) -> bool:
        """Tell whether one more call of that price can be paid on a channel."""
        return self._left(channel) >= price.units

    def held(self) -> TokenAmount:
        """Return what all channels hold that are open and not closing."""
        is_open = (lane for channel, lane in self._lanes.items() if channel not in self._closing)
        return TokenAmount(sum(lane.reserved.units for lane in is_open))

    def new_config(self, offer: Offer, operator: AccountAddress, *, salt: Digest) -> ChannelConfig:
        """Return the terms of a new channel under an offer, signed by our own account."""
        us = self._signer.address
        return config_for(offer, payer=us, signer=us, operator=operator, salt=salt)

    def opening(self, config: ChannelConfig) -> ChannelKept:
        """Return what must be saved before the opening transaction is sent."""
        return ChannelKept(config.channel_id(self._domain), ChannelRole.PAYER, config)

    def opened(self, config: ChannelConfig, reserved: TokenAmount) -> GivenStep:
        """Use a channel that the chain shows open; return what must be saved."""
        channel = config.channel_id(self._domain)
        known = self._lanes.get(channel, GivenLane(channel, LANE, ZERO))
        self._configs[channel] = config
        self._lanes[channel] = known.raised(reserved)
        return GivenStep(self._lanes[channel])

    def close(self, channel: Digest) -> ChannelKept:
        """Promise nothing more on a channel; return what must be saved."""
        self._closing.add(channel)
        return self._kept(channel)

    def promise(self, channel: Digest, execution: Digest, max_charge: TokenAmount) -> Promise:
        """Put a call in flight; raise InsufficientFunds, KeystoreLocked or PaymentRefused."""
        if channel in self._closing:
            raise PaymentRefused(f"channel {channel.hex()} is closing")
        before = self.lane(channel)
        after = before.reserve(execution, max_charge)
        voucher = Voucher(channel, LANE, after.promised)
        voucher = voucher.signed(self._signer.sign(voucher.digest(self._domain)))
        self._lanes[channel] = after
        return Promise(GivenStep(after, opened=(execution, max_charge)), voucher, max_charge)

    def settlement(self, channel: Digest) -> Voucher:
        """Return a voucher for exactly what was charged so far."""
        voucher = Voucher(channel, LANE, self.lane(channel).charged)
        return voucher.signed(self._signer.sign(voucher.digest(self._domain)))

    def settle(self, receipt: Receipt, *, operator: AccountAddress) -> GivenStep:
        """Take an operator's receipt; raise BadSignature or PaymentRefused if it breaks a rule."""
        config = self.config(receipt.channel)
        if config.operator != operator:
            raise PaymentRefused(f"the receipt comes from {operator}, not {config.operator}")
        receipt.check(self._domain, operator=operator)
        before = self.lane(receipt.channel)
        if receipt.cumulative > before.promised:
            raise PaymentRefused(
                f"the receipt counts {receipt.cumulative}, promised were {before.promised}"
            )
        after = before.settle(receipt.execution, receipt.charged)
        self._lanes[receipt.channel] = after
        return GivenStep(after, closed=receipt.execution)

    def release(self, channel: Digest, execution: Digest) -> GivenStep:
        """Take a call out of flight that the operator refused; he could not charge it."""
        after = self.lane(channel).release(execution)
        self._lanes[channel] = after
        return GivenStep(after, closed=execution)

    def _kept(self, channel: Digest) -> ChannelKept:
        is_closing = channel in self._closing
        return ChannelKept(channel, ChannelRole.PAYER, self.config(channel), is_closing)

    def _left(self, channel: Digest) -> int:
        lane = self._lanes[channel]
        return lane.reserved.units - lane.committed.units
