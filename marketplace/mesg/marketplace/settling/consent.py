"""The operator's consent to close a channel at once: claim first, then sign what was claimed."""

from mesg.marketplace.domain.channel import close_digest
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import Ledger, Signer
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import claim_all


async def consent_to_close(
    channel: Digest, *, till: Till, ledger: Ledger, signer: Signer
) -> tuple[TokenAmount, bytes]:
    """Return what was claimed in total and the signature under it; raise NotFound."""
    config = till.config(channel)
    await claim_all(till, ledger)
    state = await ledger.channel(config)
    digest = close_digest(ledger.addresses.domain, channel, state.claimed)
    till.refresh(channel, state)
    return state.claimed, signer.sign(digest)
