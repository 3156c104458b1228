"""Cashing vouchers by themselves: once they promise enough to be worth it."""

import structlog
import trio

from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import ROW_LEAST, claim_all, owed_to_us
from mesg.node.supervision import contained
from mesg.node.usecases.parts import Parts

log = structlog.get_logger("mesg.claiming")

LOOK_S = 60.0


class Claimer:
    """Looks at the till now and then."""

    def __init__(self, parts: Parts, till: Till) -> None:
        self._parts = parts
        self._till = till

    async def run(self) -> None:
        """Claim, for ever, whenever enough is owed."""
        while self._parts.settings.claim_after:
            await trio.sleep(LOOK_S)
            with contained("claiming"):
                if await self.owed() >= self._parts.settings.claim_after:
                    done = await claim_all(self._till, self._parts.ledger)
                    log.info("claimed", total=str(done.total))
                    for one, error in done.refused:
                        channel = one.row.voucher.channel.hex()
                        log.warning("not_claimed", channel=channel, why=error.message)

    async def owed(self) -> TokenAmount:
        """Return what a claim would bring now."""
        return await owed_to_us(self._till, self._parts.ledger, least=ROW_LEAST)
