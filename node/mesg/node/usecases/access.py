"""Who may use a Service: passes and offers as the chain tells them, cached so that no call asks the chain twice."""

from dataclasses import dataclass

import trio

from mesg.marketplace.domain.access import Pass
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.offer import Offer, OfferKind
from mesg.node.usecases.parts import Parts

NO_PASS_S = 2.0
"""How long "no pass" is believed: a buyer expects his pass to work at once."""
PASS_S_MAX = 600.0
"""How long a pass is believed without asking again: it may be cancelled."""
PASSES_CACHED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Seen:
    expires_at_unix_s: int
    at: float


class Access:
    """Answers from the index and a cache; asks the ledger when they are silent."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._passes: dict[tuple[ServiceId, AccountAddress], _Seen] = {}

    async def has_pass(self, service: ServiceId, account: AccountAddress | None) -> bool:
        """Tell whether the account's pass holds; raise ChainUnavailable if nobody can tell."""
        return account is not None and (await self.pass_of(service, account)).is_valid(
            now_unix_s=self._parts.clock.now_unix_s()
        )

    async def pass_of(self, service: ServiceId, account: AccountAddress) -> Pass:
        """Return the account's pass, expired or none at all included."""
        key = (service, account)
        seen = self._passes.get(key)
        now = self._parts.clock.now_unix_s()
        if seen is not None:
            is_valid = seen.expires_at_unix_s > now
            age_s = trio.current_time() - seen.at
            if age_s < (PASS_S_MAX if is_valid else NO_PASS_S):
                return Pass(service, account, seen.expires_at_unix_s)
        expires = await self._parts.ledger.access_until_unix_s(service, account)
        if len(self._passes) >= PASSES_CACHED_MAX:
            self._passes.clear()
        self._passes[key] = _Seen(expires, trio.current_time())
        return Pass(service, account, expires)

    def forget(self, service_number: int) -> None:
        """Ask the chain again about a Service's passes."""
        for key in [key for key in self._passes if key[0].number == service_number]:
            del self._passes[key]

    def offer_of(self, service: ServiceId, digest: Digest) -> Offer | None:
        """Return the offer with that hash, be it closed to new buyers; a channel under it goes on."""
        listing = self._parts.journal.listing(service)
        offers = listing.offers if listing else ()
        return next((offer for offer in offers if offer.digest == digest), None)

    def metered_offer(self, service: ServiceId) -> Offer | None:
        """Return the open metered offer that calls go by: the cheapest, the oldest of equals."""
        listing = self._parts.journal.listing(service)
        if listing is None:
            return None
        now = self._parts.clock.now_unix_s()
        open_offers = [
            offer
            for offer in listing.offers
            if offer.terms.kind is OfferKind.METERED
            and not offer.disabled
            and not 0 < offer.terms.valid_until_unix_s < now
        ]
        return min(open_offers, key=lambda offer: (offer.terms.price, offer.index), default=None)
