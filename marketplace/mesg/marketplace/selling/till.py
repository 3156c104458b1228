"""The lanes we are paid on: vouchers are checked and charges decided here, kept by the caller, then told."""

from dataclasses import replace

import trio

from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase, ChannelState
from mesg.marketplace.domain.errors import NotFound, PaymentRefused
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.lanes import TakenLane
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.domain.signing import SigningDomain
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import Books, ChannelKept, ChannelRole, Signer, TakenStep

CHANNELS_MAX = 10_000
"""Channels to one operator; each opening costs its payer gas, so a flood of them is dear."""


class Till:
    """Every channel on which we are the operator."""

    def __init__(self, books: Books, signer: Signer, domain: SigningDomain) -> None:
        self._books = books
        self._signer = signer
        self._domain = domain
        self._configs: dict[Digest, ChannelConfig] = {}
        self._lanes: dict[tuple[Digest, int], TakenLane] = {}
        self._reserved: dict[Digest, TokenAmount] = {}
        self._closing: set[Digest] = set()
        self._news: dict[Digest, trio.Event] = {}
        self.cashing = trio.Lock()
        """Held while vouchers are cashed: who waited for it sees what is still owed."""
        self.reload()

    def reload(self) -> None:
        """Read all channels from the books."""
        kept = [one for one in self._books.channels() if one.role is ChannelRole.OPERATOR]
        self._configs = {one.channel: one.config for one in kept}
        self._closing = {one.channel for one in kept if one.is_closing}
        self._lanes = {(lane.channel, lane.lane): lane for lane in self._books.taken_lanes()}
        # Each word of the chain is kept with lane 0; what is kept with the others may be older.
        in_order = sorted(self._lanes, key=lambda key: -key[1])
        self._reserved = {key[0]: self._lanes[key].reserved for key in in_order}
        for key, lane in self._lanes.items():
            self._lanes[key] = replace(lane, reserved=self._reserved[key[0]])

    def knows(self, channel: Digest) -> bool:
        """Tell whether a channel was accepted."""
        return channel in self._configs

    def channels(self) -> list[ChannelKept]:
        """Return the channels we are paid on."""
        return [self._kept(channel) for channel in self._configs]

    def lanes(self, channel: Digest) -> list[TakenLane]:
        """Return a channel's lanes."""
        return [lane for (owner, _), lane in self._lanes.items() if owner == channel]

    def config(self, channel: Digest) -> ChannelConfig:
        """Return a channel's terms; raise NotFound."""
        if channel not in self._configs:
            raise NotFound(f"channel {channel.hex()} is unknown here")
        return self._configs[channel]

    def is_closing(self, channel: Digest) -> bool:
        """Tell whether nothing more is admitted on a channel."""
        return channel in self._closing

    def is_at_work(self, channel: Digest) -> bool:
        """Tell whether a call that was admitted on a channel has not ended."""
        return any(lane.at_work for lane in self.lanes(channel))

    async def wait_idle(self, channel: Digest) -> None:
        """Return once nothing is at work on a channel; the caller sets the deadline."""
        while self.is_at_work(channel):
            await self._news.setdefault(channel, trio.Event()).wait()

    async def wait_confirmed(self, channel: Digest) -> None:
        """Return once no lane's charges need a voucher that promises more; the caller sets the deadline."""
        while any(map(_is_ahead, self.lanes(channel))):
            await self._news.setdefault(channel, trio.Event()).wait()

    def accept(
        self, config: ChannelConfig, state: ChannelState, *, payer: AccountAddress | None
    ) -> tuple[ChannelKept, TakenStep]:
        """Accept a channel as the chain shows it; return what must be saved first.

        Raise PaymentRefused if it is not open, not for us, or told by somebody else than its payer.
        """
        if config.operator != self._signer.address:
            raise PaymentRefused(
                f"the channel pays {config.operator}, we are {self._signer.address}"
            )
        if payer != config.payer:
            raise PaymentRefused(f"the channel belongs to {config.payer}, not to this peer")
        if state.phase is not ChannelPhase.OPEN:
            raise PaymentRefused(f"the channel is {state.phase}", hint="open a new one")
        channel = config.channel_id(self._domain)
        if channel not in self._configs and len(self._configs) >= CHANNELS_MAX:
            raise PaymentRefused(f"{CHANNELS_MAX} channels are open here already")
        self._configs[channel] = config
        step = self.refresh(channel, state)
        return self._kept(channel), step

    def forget_unsaved(self, channel: Digest) -> None:
        """Take back the acceptance of a channel that could not be saved."""
        if not any(one.channel == channel for one in self._books.channels()):
            self._configs.pop(channel, None)

    def close(self, channel: Digest) -> ChannelKept:
        """Admit nothing more on a channel; return what must be saved before that is relied on."""
        self._closing.add(channel)
        return self._kept(channel)

    def refresh(self, channel: Digest, state: ChannelState) -> TakenStep:
        """Take the chain's newest word on a channel; no new work once it is closing."""
        self._reserved[channel] = state.reserved
        if state.phase is not ChannelPhase.OPEN:
            self._closing.add(channel)
        for key, lane in list(self._lanes.items()):
            if key[0] == channel:
                self._lanes[key] = replace(lane, reserved=state.reserved)
        return TakenStep(self._lane(channel, 0))

    def admit(
        self,
        channel: Digest,
        lane: int,
        execution: Digest,
        *,
        service: ServiceId,
        offer: Offer,
        max_charge: TokenAmount,
        voucher: Voucher | None,
    ) -> TakenStep:
        """Admit a call that vouchers cover; return what must be saved before the work starts.

        Raise PaymentRefused or BadSignature; nothing has changed then.
        """
        config = self.config(channel)
        if channel in self._closing:
            raise PaymentRefused("the channel is closing", hint="open a new one")
        if (config.service, config.offer_digest) != (service, offer.digest):
            raise PaymentRefused(f"the channel is not for offer {offer.index} of {service}")
        if max_charge < offer.terms.price:
            raise PaymentRefused(f"a call costs {offer.terms.price}, agreed are {max_charge}")
        taken = self._lane(channel, lane)
        if voucher is not None and voucher.cumulative > taken.promised:
            voucher.check(self._domain, signer=config.signer)
            self._check_reserve(channel, lane, voucher)
            taken = taken.take(voucher)
        taken = taken.admit(execution, max_charge)
        self._lanes[channel, lane] = taken
        return TakenStep(taken, opened=(execution, max_charge))

    def charge(
        self, channel: Digest, lane: int, execution: Digest, amount: TokenAmount
    ) -> TakenStep:
        """End a call with its charge; return what must be saved before its result is told."""
        taken = self._lane(channel, lane).charge(execution, amount)
        self._lanes[channel, lane] = taken
        self._tell_news(channel)
        return TakenStep(taken, closed=execution)

    def confirm(self, voucher: Voucher) -> TakenStep:
        """Keep a voucher for what was charged; return what must be saved before that is told."""
        config = self.config(voucher.channel)
        voucher.check(self._domain, signer=config.signer)
        taken = self._lane(voucher.channel, voucher.lane).confirm(voucher)
        self._lanes[voucher.channel, voucher.lane] = taken
        self._tell_news(voucher.channel)
        return TakenStep(taken)

    def _tell_news(self, channel: Digest) -> None:
        news = self._news.pop(channel, None)
        if news is not None:
            news.set()

    def _kept(self, channel: Digest) -> ChannelKept:
        is_closing = channel in self._closing
        return ChannelKept(channel, ChannelRole.OPERATOR, self.config(channel), is_closing)

    def _lane(self, channel: Digest, lane: int) -> TakenLane:
        known = self._lanes.get((channel, lane))
        return known or TakenLane(channel, lane, self._reserved[channel])

    def _check_reserve(self, channel: Digest, lane: int, voucher: Voucher) -> None:
        others = sum(one.promised.units for one in self.lanes(channel) if one.lane != lane)
        if others + voucher.cumulative.units > self._reserved[channel].units:
            raise PaymentRefused(
                f"vouchers promise more than the {self._reserved[channel]} on the channel"
            )


def _is_ahead(lane: TakenLane) -> bool:
    return lane.covering is not None and lane.covering.cumulative > lane.charged
