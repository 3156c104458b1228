"""Settling passes: what they have earned by now is credited to author and treasury."""

from collections.abc import Sequence

from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import BPS_WHOLE, Offer, OfferKind
from mesg.marketplace.ports import Ledger, TransactionReceipt

ACCOUNTS_MAX = 100
"""Passes in one transaction: a few million gas, far below what one may use (EIP-7825)."""


async def settle_passes(
    service: ServiceId, accounts: Sequence[AccountAddress], ledger: Ledger
) -> list[TransactionReceipt]:
    """Settle the passes of these accounts, in as many transactions as it takes."""
    return [
        await ledger.settle_passes(service, accounts[start : start + ACCOUNTS_MAX])
        for start in range(0, len(accounts), ACCOUNTS_MAX)
    ]


def author_part(earned: TokenAmount, offers: Sequence[Offer]) -> TokenAmount:
    """Return at least how much of what passes earned is the author's; the rest is the treasury's."""
    parts = [
        earned.units
        * (BPS_WHOLE - terms.treasury_bps - terms.referrer_bps)
        // (BPS_WHOLE - terms.referrer_bps)
        for terms in (offer.terms for offer in offers)
        if terms.kind is OfferKind.PASS and terms.referrer_bps < BPS_WHOLE
    ]
    return TokenAmount(min(parts)) if parts else ZERO
