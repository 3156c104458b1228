"""The market half of the counter's twin: listings, passes and channels that cost nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from mesg.marketplace.domain.errors import InsufficientFunds, NotFound
from mesg.marketplace.domain.identity import AccountAddress, Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import Balances, TransactionReceipt
from mesg.node.doors import ChannelView, DoneView, ListingView, ProviderView

ACCOUNT = AccountAddress(b"\x11" * 20)
OPERATOR = PeerId("12D3KooW" + "P" * 44)
NOW_UNIX_S = 1_790_000_000


class MemoryMarket:
    """Everything on the market is ours, and every command works at once."""

    def __init__(self) -> None:
        """Begin with an empty market and 100 MESG."""
        self.tokens = TokenAmount.parse("100 MESG")
        self.listings: dict[str, ListingView] = {}
        self.open_channels: dict[str, ChannelView] = {}
        self.owed = TokenAmount.parse("3 MESG")
        self._block = 0

    async def search(self, text: str) -> Sequence[ListingView]:
        """Return the listings whose sid or description has the text."""
        return [view for view in self.listings.values() if text in view.sid + view.description]

    async def show(self, service: str) -> ListingView:
        """Return one listing."""
        if service not in self.listings:
            raise NotFound(f"{service} is not on the market", hint="mesg market search")
        return self.listings[service]

    async def publish(self, service: str) -> DoneView:
        """Put a Service on the market."""
        known = self.listings.get(service)
        versions = 1 if known is None else known.versions + 1
        self.listings[service] = ListingView(
            sid=service,
            owner=str(ACCOUNT),
            versions=versions,
            version=_digest(f"{service} {versions}"),
            package=_digest(f"{service} package"),
            offers=() if known is None else known.offers,
            providers=(
                ProviderView(OPERATOR, str(ACCOUNT), ZERO, ("/ip4/127.0.0.1/tcp/1",), True, 0),
            ),
        )
        return self._done("publish", sid=service)

    async def create_offer(self, service: str, terms: OfferTerms) -> DoneView:
        """Add an offer."""
        view = await self.show(service)
        offer = Offer(ServiceId(service), len(view.offers), terms)
        self.listings[service] = replace(view, offers=(*view.offers, offer))
        return self._done("create_offer", offer=str(offer.index))

    async def buy(
        self, service: str, *, offer_index: int | None, max_price: TokenAmount
    ) -> DoneView:
        """Buy a pass with our tokens."""
        view = await self.show(service)
        passes = [offer for offer in view.offers if offer.terms.kind is OfferKind.PASS]
        chosen = [one for one in passes if offer_index is None or one.index == offer_index]
        if not chosen:
            raise NotFound(f"{service} has no such pass")
        offer = min(chosen, key=lambda one: one.terms.price)
        offer.check_price(max_price)
        self._spend(offer.terms.price)
        expiry = NOW_UNIX_S + offer.terms.duration_s
        self.listings[service] = replace(view, pass_expires_at_unix_s=expiry)
        return self._done(
            "buy", price=str(offer.terms.price), expires_at=str(expiry), offer=str(offer.index)
        )

    async def open_channel(
        self, service: str, *, amount: TokenAmount, peer: PeerId | None
    ) -> DoneView:
        """Reserve some of our tokens."""
        self._spend(amount)
        channel = _digest(f"channel {len(self.open_channels)}")
        self.open_channels[channel.hex()] = ChannelView(
            channel, "payer", service, str(ACCOUNT), "open", amount, ZERO, ZERO, ZERO
        )
        return self._done("open", channel=f"0x{channel.hex()}", operator=peer or OPERATOR)

    async def channels(self) -> Sequence[ChannelView]:
        """Return the channels."""
        return list(self.open_channels.values())

    async def claim(self) -> DoneView:
        """Cash what is owed."""
        claimed, self.owed = self.owed, ZERO
        self.tokens += claimed
        return self._done("claim", claimed=str(claimed))

    async def close_channel(self, channel: str, *, cooperative: bool) -> DoneView:
        """Close a channel by a prefix of its id."""
        wanted = channel.removeprefix("0x")
        for key, view in self.open_channels.items():
            if key.startswith(wanted):
                phase = "closed" if cooperative else "closing"
                self.open_channels[key] = replace(view, phase=phase)
                return self._done("close", channel=f"0x{key}")
        raise NotFound(f"there is no channel {channel}")

    async def collect(self) -> DoneView:
        """Send out what is earned."""
        return self._done("collect", collected=str(ZERO))

    async def balances(self) -> Balances:
        """Return what we hold."""
        return Balances(ACCOUNT, 10**17, self.tokens, ZERO, self.owed)

    def _spend(self, amount: TokenAmount) -> None:
        if amount > self.tokens:
            raise InsufficientFunds(f"{amount} needed, {self.tokens} there")
        self.tokens -= amount

    def _done(self, action: str, **facts: str) -> DoneView:
        self._block += 1
        transaction = _digest(f"{action} {self._block}")
        return DoneView((TransactionReceipt(transaction, self._block, 50_000, action),), facts)


def _digest(text: str) -> Digest:
    return Digest(hashlib.sha256(text.encode()).digest())
