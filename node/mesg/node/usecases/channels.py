"""Channels of this node: opened, filled up, listed, claimed; both as payer and as operator."""

from collections.abc import Sequence

import structlog

from mesg.marketplace.buying.purse import Purse
from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase
from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    NotFound,
    PeerUnavailable,
    Refused,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import ChannelKept, ChannelRole, TransactionReceipt
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import claim_all
from mesg.node.domain.advert import Advert
from mesg.node.doors import ChannelView, DoneView
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.usecases.access import Access
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession
from mesg.node.usecases.reckoning import Reckoner
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.channels")


class Channels:
    """What the owner does with channels."""

    def __init__(
        self,
        parts: Parts,
        sessions: Sessions,
        adverts: AdvertBook,
        access: Access,
        purse: Purse,
        till: Till,
        reckoner: Reckoner,
    ) -> None:
        self.reckoner = reckoner
        self._parts = parts
        self._sessions = sessions
        self._adverts = adverts
        self._access = access
        self._purse = purse
        self._till = till

    async def open(self, offer: Offer, operator: AccountAddress, amount: TokenAmount) -> Digest:
        """Open a channel under an offer, journaled before it is paid for; return its id."""
        config = self._purse.new_config(offer, operator, salt=self._parts.random_digest())
        await self._open(config, amount)
        return self._purse.opening(config).channel

    async def tell(self, session: PeerSession, channel: Digest) -> None:
        """Tell an operator the terms of a channel, once per session."""
        if channel not in session.announced:
            terms = wire.config_out(self._purse.config(channel))
            await session.send(pb.Frame(channel=terms))
            session.announced.add(channel)

    async def open_for(
        self, service: ServiceId, amount: TokenAmount, peer: PeerId | None, *, acting: Acting
    ) -> DoneView:
        """Open a channel to the best (or the named) node that runs a Service."""
        if not amount:
            raise Refused("a channel needs an amount above 0", hint="give --amount")
        adverts = await self._running(service, peer)
        offer = self._access.metered_offer(service)
        if offer is None or adverts[0].offer_index is None:
            raise NotFound(
                f"{service} is not sold by the call",
                hint=f"see its offers with: mesg market show {service}",
            )
        balances = await self._parts.ledger.balances(self._parts.signer.address)
        if max(balances.tokens, balances.vault) < amount:
            raise InsufficientFunds(f"the account holds {balances.tokens}, {amount} are wanted")
        operator = adverts[0].binding.account
        config = self._purse.new_config(offer, operator, salt=self._parts.random_digest())
        if acting.is_real:
            receipts = await self._open(config, amount)
        else:
            receipts = await acting.ledger.open_channel(config, amount)
        facts = {
            "sid": service.sid,
            "channel": "0x" + self._purse.opening(config).channel.hex(),
            "operator": str(operator),
            "peer": adverts[0].peer,
            "amount": str(amount),
        }
        return acting.done(receipts, facts)

    async def top_up(self, text: str, amount: TokenAmount, *, acting: Acting) -> DoneView:
        """Reserve more on a channel we pay on."""
        channel = self.find(text)
        config = self._purse.config(channel)
        state = await self._parts.ledger.channel(config)
        if state.phase is not ChannelPhase.OPEN:
            raise Refused(
                f"channel 0x{channel.hex()} is {state.phase}: nothing more can be reserved on it",
                hint=f"open another: mesg channel open {config.service} --amount {amount}",
            )
        receipts = await acting.ledger.top_up(config, amount)
        reserved = state.reserved + amount
        if acting.is_real:
            reserved = (await self._parts.ledger.channel(config)).reserved
            await self._parts.journal.save(self._purse.opened(config, reserved))
        facts = {
            "sid": config.service.sid,
            "channel": "0x" + channel.hex(),
            "added": str(amount),
            "reserved": str(reserved),
        }
        return acting.done(receipts, facts)

    async def _open(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Open a channel, journaled before it is paid for and when it is open."""
        kept = self._purse.opening(config)
        await self._parts.journal.save(kept)
        receipts = await self._parts.ledger.open_channel(config, amount)
        await self._parts.journal.save(self._purse.opened(config, amount))
        log.info("channel_opened", channel=kept.channel.hex(), operator=str(config.operator))
        return receipts

    async def _running(self, service: ServiceId, peer: PeerId | None) -> list[Advert]:
        """Return who runs a Service, the best first; look anew if the cache knows nobody, or not that peer."""
        for anew in (False, True):
            adverts = self._adverts.ranked(await self._adverts.find(service, anew=anew))
            adverts = [one for one in adverts if peer in (None, one.peer)]
            if adverts:
                return adverts
        if peer is not None:
            raise PeerUnavailable(f"{peer} does not run {service}, or cannot be reached")
        raise PeerUnavailable(f"no node that runs {service} was found")

    async def views(self) -> Sequence[ChannelView]:
        """Return every channel with what the chain says of it now."""
        kept = [*self._purse.channels(), *self._till.channels()]
        return [await self._view(one) for one in kept]

    async def claim(self, *, acting: Acting) -> DoneView:
        """Cash every voucher that has something to give."""
        done = await claim_all(self._till, acting.ledger)
        return acting.done(done.receipts, {"claimed": str(done.total)})

    async def refresh(self, channel: Digest) -> bool:
        """Take the chain's newest word on a channel that changed; tell whether we are paid on it and it closes."""
        if self._till.knows(channel):
            return await self._refresh_taken(channel)
        try:
            config = self._purse.config(channel)
        except NotFound:
            return False
        state = await self._parts.ledger.channel(config)
        if state.phase is ChannelPhase.OPEN:
            await self._parts.journal.save(self._purse.opened(config, state.reserved))
        elif state.phase is not ChannelPhase.ABSENT:
            await self._parts.journal.save(self._purse.close(channel))
        return False

    async def _refresh_taken(self, channel: Digest) -> bool:
        """Take the chain's word on a channel we are paid on; nothing more is admitted once it closes."""
        state = await self._parts.ledger.channel(self._till.config(channel))
        step = self._till.refresh(channel, state)
        if state.phase not in (ChannelPhase.CLOSING, ChannelPhase.CLOSED):
            await self._parts.journal.save(step)
            return False
        await self._parts.journal.save(self._till.close(channel), step)
        return state.phase is ChannelPhase.CLOSING

    async def _view(self, kept: ChannelKept) -> ChannelView:
        state = await self._parts.ledger.channel(kept.config)
        is_payer = kept.role is ChannelRole.PAYER
        lanes = [self._purse.lane(kept.channel)] if is_payer else self._till.lanes(kept.channel)
        return ChannelView(
            channel=kept.channel,
            role=kept.role.value,
            sid=kept.config.service.sid,
            counterparty=str(kept.config.operator if is_payer else kept.config.payer),
            phase=state.phase.value,
            reserved=state.reserved,
            promised=TokenAmount(sum(lane.promised.units for lane in lanes)),
            charged=TokenAmount(sum(lane.charged.units for lane in lanes)),
            claimed=state.claimed,
            closes_at_unix_s=state.closes_at_unix_s,
        )

    def find(self, text: str) -> Digest:
        """Return the one channel we pay on that begins so; raise NotFound."""
        digits = text.removeprefix("0x").lower()
        found = [
            one.channel
            for one in self._purse.channels()
            if len(digits) >= 6 and one.channel.hex().startswith(digits)
        ]
        if len(found) != 1:
            raise NotFound(
                f"{len(found)} channels that we pay on begin with {text[:80]!r}",
                hint="see them with: mesg channel list",
            )
        return found[0]
