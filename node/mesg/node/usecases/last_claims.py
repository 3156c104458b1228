"""The last claims on channels that close: made however little is owed, and again until they have worked."""

import math
from collections.abc import Iterable, Sequence

import structlog
import trio

from mesg.marketplace.domain.channel import ChannelPhase, ChannelState
from mesg.marketplace.domain.errors import MesgError
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import claim_closing, owed_on
from mesg.node.supervision import contained
from mesg.node.usecases.parts import Parts

log = structlog.get_logger("mesg.claiming")

PAUSE_S_FIRST = 1.0
PAUSE_S_MAX = 60.0
"""The longest pause before closing channels are looked at again; a close takes an hour at least."""


class LastClaims:
    """Looks at channels that close until all that was earned on them is claimed, or they are closed.

    The follower tells of every channel at the node's start and after each change: what is watched
    needs no memory of its own.
    """

    def __init__(self, parts: Parts, till: Till) -> None:
        self._parts = parts
        self._till = till
        self._watched: dict[Digest, ChannelState | None] = {}
        self._news = trio.Event()

    def watch(self, channel: Digest) -> None:
        """Look at a channel that closes, or may; one that we are not paid on is no business of ours."""
        if self._till.knows(channel):
            self._watched.setdefault(channel)
            self._news.set()

    async def run(self) -> None:
        """Claim, for ever; again with growing pauses while that fails or calls are still at work."""
        pause_s = PAUSE_S_FIRST if self._watched else math.inf
        while True:
            with trio.move_on_after(pause_s) as pause:
                await self._news.wait()
            if pause.cancelled_caught:
                pause_s = min(pause_s * 2, PAUSE_S_MAX)
            else:
                self._news = trio.Event()
                pause_s = PAUSE_S_FIRST
            with contained("claiming before a close"):
                await self._look()
            if not self._watched:
                pause_s = math.inf

    async def _look(self) -> None:
        """Claim on all watched channels at once, so that many of them cost few transactions."""
        try:
            closing = await self._closing()
            done = await claim_closing(closing, till=self._till, ledger=self._parts.ledger)
            if done.receipts:
                log.info("claimed_before_close", total=str(done.total))
            unclaimed = await self._forget_settled(closing)
        except MesgError as error:
            self._warn(self._watched, error)
        else:
            if done.refused:
                self._warn(unclaimed, done.refused[-1][1])

    async def _closing(self) -> list[Digest]:
        """Return those of the watched channels that the chain shows to be closing; forget the others."""
        closing = []
        for channel in list(self._watched):
            state = await self._parts.ledger.channel(self._till.config(channel))
            self._watched[channel] = state
            if state.phase is ChannelPhase.CLOSING:
                closing.append(channel)
            else:
                del self._watched[channel]
        return closing

    async def _forget_settled(self, closing: Sequence[Digest]) -> list[Digest]:
        """Return those on which something is owed; forget those on which nothing is, nor can be any more."""
        unclaimed = []
        for channel in closing:
            if await owed_on(channel, till=self._till, ledger=self._parts.ledger):
                unclaimed.append(channel)
            elif not self._till.is_at_work(channel):
                del self._watched[channel]
        return unclaimed

    def _warn(self, channels: Iterable[Digest], error: MesgError) -> None:
        """Tell what is at stake, and until when, by what was last known: the chain may be away."""
        for channel in channels:
            state = self._watched[channel]
            charged = sum(lane.charged.units for lane in self._till.lanes(channel))
            claimed = state.claimed.units if state else 0
            log.warning(
                "closing_channel_not_claimed",
                channel=channel.hex(),
                owed=str(TokenAmount(max(charged - claimed, 0))),
                closes_at_unix_s=state.closes_at_unix_s if state else None,
                code=error.code,
                why=error.message,
            )
