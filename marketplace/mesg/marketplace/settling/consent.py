"""The operator's consent to close a channel at once: end the work, claim all of it, then sign what was claimed."""

import trio

from mesg.marketplace.domain.channel import close_digest
from mesg.marketplace.domain.errors import Overloaded, Unavailable
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import Books, Ledger, Signer
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import claim_closing, owed_on

WORK_S_MAX = 10.0
"""How long a consent waits for calls at work; its payer may ask again when they have ended."""
CONFIRM_S_MAX = 3.0
"""After work that ended meanwhile: a payer who is there confirms within this what it really cost."""


async def consent_to_close(
    channel: Digest, *, till: Till, books: Books, ledger: Ledger, signer: Signer
) -> tuple[TokenAmount, bytes]:
    """Return what was claimed in total and the signature under it; raise NotFound.

    Nothing is admitted on the channel from the first moment on, also if there is no consent in the
    end; and nothing is at work when it is signed: what is charged behind the signature could never
    be claimed. Raise Overloaded while calls are at work, and Unavailable if the chain does not show
    yet that all was claimed.
    """
    config = till.config(channel)
    await books.save(till.close(channel))
    await _wait_work_done(channel, till)
    await claim_closing({channel}, till=till, ledger=ledger)
    left = await owed_on(channel, till=till, ledger=ledger)
    if left:
        raise Unavailable(f"{left} earned on the channel are not claimed yet", hint="ask again")
    state = await ledger.channel(config)
    digest = close_digest(ledger.addresses.domain, channel, state.claimed)
    till.refresh(channel, state)
    return state.claimed, signer.sign(digest)


async def _wait_work_done(channel: Digest, till: Till) -> None:
    if not till.is_at_work(channel):
        return
    with trio.move_on_after(WORK_S_MAX):
        await till.wait_idle(channel)
    if till.is_at_work(channel):
        raise Overloaded("calls are at work on the channel", hint="ask again when they have ended")
    with trio.move_on_after(CONFIRM_S_MAX):
        await till.wait_confirmed(channel)
