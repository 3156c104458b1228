"""Following the chain: every change of the market is indexed with the cursor that read it, then acted on."""

import structlog
import trio

from mesg.marketplace.domain.errors import MesgError, Unavailable
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.ports import ChannelChanged, Cursor, PassBought, PassCancelled, SeatChanged
from mesg.node.ports import MarketSeen
from mesg.node.usecases.access import Access
from mesg.node.usecases.channels import Channels
from mesg.node.usecases.last_claims import LastClaims
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.services import ServiceBook

log = structlog.get_logger("mesg.following")


class Follower:
    """Reads the chain for ever; `trouble` says why it cannot, if it cannot."""

    def __init__(
        self,
        parts: Parts,
        access: Access,
        channels: Channels,
        services: ServiceBook,
        last_claims: LastClaims,
    ) -> None:
        self._parts = parts
        self._access = access
        self._channels = channels
        self._services = services
        self._last_claims = last_claims
        self._cursor = parts.journal.cursor() or Cursor(parts.settings.first_block)
        # What happened to channels while the node was stopped may have been read before that.
        self._stale = [kept.channel for kept in parts.journal.channels()]
        self.trouble: str = "the chain was not read yet"

    async def run(self) -> None:
        """Poll until cancelled; a chain that is away is asked again at the next turn."""
        while True:
            await self.catch_up()
            await trio.sleep(self._parts.settings.poll_s)

    async def catch_up(self) -> None:
        """Read to the chain's end, or note why that is not possible."""
        try:
            await self._refresh_stale()
            while await self.read_some():
                pass
            self.trouble = ""
        except Unavailable as error:
            if not self.trouble:
                log.warning("chain_lost", why=error.message)
            self.trouble = error.message

    async def read_some(self) -> bool:
        """Take one batch of changes; return whether there may be more."""
        observed, cursor = await self._parts.ledger.changes(self._cursor)
        if cursor == self._cursor:
            return False
        await self._parts.journal.save(MarketSeen(tuple(observed), cursor))
        self._cursor = cursor
        for one in observed:
            match one.change:
                case ChannelChanged(channel=channel):
                    self._stale.append(channel)
                case PassBought() | PassCancelled() | SeatChanged() as change:
                    self._access.forget(change.service_number)
                case _:
                    self._services.tell_changed()
        await self._refresh_stale()
        return bool(observed)

    async def _refresh_stale(self) -> None:
        """Look at the channels that changed; those the chain is silent about stay to be looked at."""
        while self._stale:
            channel = self._stale.pop(0)
            try:
                await self._refresh(channel)
            except Unavailable:
                self._stale.append(channel)
                raise

    async def _refresh(self, channel: Digest) -> None:
        """Refresh a channel; one that closes, or may, is claimed on whatever else goes wrong."""
        try:
            if await self._channels.refresh(channel):
                self._last_claims.watch(channel)
        except MesgError as error:
            self._last_claims.watch(channel)
            if isinstance(error, Unavailable):
                raise
            log.warning("channel_not_refreshed", channel=channel.hex(), why=error.message)
