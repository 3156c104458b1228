"""Channels we pay on come to their end: closed with the operator's consent or alone, finished, emptied."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mesg.marketplace.buying.purse import Purse
from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase, ChannelState
from mesg.marketplace.domain.errors import PeerUnavailable, Refused
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.moments import moment_text, span_text
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import TransactionReceipt
from mesg.node.doors import DoneView
from mesg.node.protocol import session_pb2 as pb
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.channels import Channels
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession
from mesg.node.usecases.sessions import Sessions

_ALONE = (
    "tried without the operator, since only his signature closes at once:"
    " with it one transaction closes the channel, and there is no delay"
)


@dataclass(frozen=True, slots=True)
class _Closing:
    """A channel whose close was begun, as the chain shows it."""

    channel: Digest
    config: ChannelConfig
    state: ChannelState


class Closing:
    """What the owner does to get back what he did not spend."""

    def __init__(
        self,
        parts: Parts,
        sessions: Sessions,
        adverts: AdvertBook,
        purse: Purse,
        channels: Channels,
    ) -> None:
        self._parts = parts
        self._sessions = sessions
        self._adverts = adverts
        self._purse = purse
        self._channels = channels

    async def close(self, text: str, *, cooperative: bool, acting: Acting) -> DoneView:
        """Close a channel we pay on: at once with the operator's consent, or begin (or end) the wait."""
        channel = self._channels.find(text)
        config = self._purse.config(channel)
        if acting.is_real:
            await self._parts.journal.save(self._purse.close(channel))
        state = await self._parts.ledger.channel(config)
        if state.phase is ChannelPhase.CLOSED:
            raise Refused(f"channel 0x{channel.hex()} is closed already")
        facts = {"sid": config.service.sid, "channel": "0x" + channel.hex()}
        if cooperative and acting.is_real:
            receipt = await self._close_at_once(channel, config)
        else:
            receipt = await _close_alone(config, state, acting)
        if not acting.is_real:
            note = {"note": _ALONE} if cooperative else {}
            return acting.done((), facts | {"phase": state.phase.value} | note)
        after = await self._parts.ledger.channel(config)
        facts["phase"] = after.phase.value
        if after.phase is ChannelPhase.CLOSING:
            facts["closes_at"] = str(after.closes_at_unix_s)
        return acting.done((receipt,), facts)

    async def finish(self, text: str | None, *, to_wallet: bool, acting: Acting) -> DoneView:
        """End the closes whose delay is over, of one channel or of all, and empty the vault."""
        account, ledger = self._parts.signer.address, self._parts.ledger
        waiting = await self._waiting(text)
        now = max(await ledger.now_unix_s(), self._parts.clock.now_unix_s())
        ready = [one for one in waiting if one.state.closes_at_unix_s <= now]
        vault = (await ledger.balances(account)).vault
        if not ready and (text is not None or not (to_wallet and vault)):
            raise _too_early(waiting, now)
        receipts = [await acting.ledger.finalize_close(one.config) for one in ready]
        returned = TokenAmount(sum(one.state.unclaimed.units for one in ready))
        if acting.is_real:  # the operators may have claimed meanwhile
            returned = (await ledger.balances(account)).vault - vault
        facts = {"finished": str(len(ready)), "returned": str(returned)}
        if to_wallet and vault + returned:
            receipts.append(await acting.ledger.withdraw(vault + returned, account))
            facts["withdrawn"] = str(vault + returned)
        if len(ready) < len(waiting):
            facts["next_at"] = str(_earliest(set(waiting) - set(ready)))
        return acting.done(receipts, facts)

    async def _waiting(self, text: str | None) -> Sequence[_Closing]:
        """Return the channels whose close was begun: all of them, or the named one."""
        channels = [one.channel for one in self._purse.channels()]
        found = []
        for channel in [self._channels.find(text)] if text is not None else channels:
            config = self._purse.config(channel)
            state = await self._parts.ledger.channel(config)
            if state.phase is ChannelPhase.CLOSING:
                found.append(_Closing(channel, config, state))
            elif text is not None:
                raise Refused(
                    f"channel 0x{channel.hex()} is {state.phase}: there is nothing to wait for",
                    hint=f"close it: mesg channel close 0x{channel.hex()[:12]}"
                    if state.phase is ChannelPhase.OPEN
                    else "see your channels: mesg channel list",
                )
        return found

    async def _close_at_once(self, channel: Digest, config: ChannelConfig) -> TransactionReceipt:
        session = await self._session_with(config)
        await self._channels.tell(session, channel)  # he has not heard of one that was never used
        await self._channels.reckoner.straighten(session, channel)
        said = await session.ask(pb.Frame(ask_close=pb.AskClose(channel_id=channel)))
        consent = said.frame.close_consent
        return await self._parts.ledger.close_cooperative(
            config, TokenAmount.from_bytes(consent.final_claimed), consent.signature
        )

    async def _session_with(self, config: ChannelConfig) -> PeerSession:
        for session in self._sessions.current():
            if session.account == config.operator:
                return session
        for advert in await self._adverts.find(config.service):
            if advert.binding.account == config.operator:
                return await self._sessions.to(advert.peer, advert.addresses)
        raise PeerUnavailable(
            f"the operator {config.operator} cannot be found",
            hint="close without his consent: mesg channel close CHANNEL --unilateral",
        )


async def _close_alone(
    config: ChannelConfig, state: ChannelState, acting: Acting
) -> TransactionReceipt:
    if state.phase is ChannelPhase.CLOSING:
        return await acting.ledger.finalize_close(config)
    return await acting.ledger.start_close(config)


def _earliest(waiting: Iterable[_Closing]) -> int:
    return min(one.state.closes_at_unix_s for one in waiting)


def _too_early(waiting: Sequence[_Closing], now_unix_s: int) -> Refused:
    if not waiting:
        return Refused(
            "no channel is closing, and the vault is empty: there is nothing to withdraw",
            hint="close a channel: mesg channel close CHANNEL",
        )
    at = _earliest(waiting)
    first = next(one for one in waiting if one.state.closes_at_unix_s == at)
    return Refused(
        f"it is too early: channel 0x{first.channel.hex()} can be finished in"
        f" {span_text(at - now_unix_s)}, at {moment_text(at)}",
        hint="try again then: mesg channel withdraw",
    )
