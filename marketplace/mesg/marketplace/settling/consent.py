"""The operator's consent to close a channel at once: claim first, then sign what was claimed."""

from mesg.marketplace.domain.channel import close_digest
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import Books, Ledger, Signer
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import claim_channel


async def consent_to_close(
    channel: Digest, *, till: Till, books: Books, ledger: Ledger, signer: Signer
) -> tuple[TokenAmount, bytes]:
    """Return what was claimed in total and the signature under it; raise NotFound.

    Nothing is admitted on the channel from the first moment on: work that was done behind the
    signature could never be claimed.
    """
    config = till.config(channel)
    await books.save(till.close(channel))
    await claim_channel(channel, till=till, ledger=ledger)
    state = await ledger.channel(config)
    digest = close_digest(ledger.addresses.domain, channel, state.claimed)
    till.refresh(channel, state)
    return state.claimed, signer.sign(digest)
