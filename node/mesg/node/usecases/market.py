"""What the owner finds on the market: search, look, and take a Service from the network."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from mesg.marketplace.domain.errors import NotEntitled, NotFound, PeerUnavailable, Refused
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.marketplace.domain.offer import Offer, OfferKind
from mesg.marketplace.ports import PublishedVersion
from mesg.node.domain.advert import Advert
from mesg.node.domain.instance import Deployment, Origin
from mesg.node.domain.manifest import Manifest
from mesg.node.domain.manifest_file import manifest_from_canonical, read_manifest
from mesg.node.doors import ListingView, ProviderView
from mesg.node.ports import Listing, ManifestSeen
from mesg.node.supervision import contained
from mesg.node.usecases.access import Access
from mesg.node.usecases.discovery import AdvertBook
from mesg.node.usecases.fetching import Fetcher
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.services import ServiceBook

LISTINGS_MAX = 100


class Market:
    """The market as the owner uses it."""

    def __init__(
        self,
        parts: Parts,
        services: ServiceBook,
        adverts: AdvertBook,
        fetcher: Fetcher,
        access: Access,
    ) -> None:
        self._parts = parts
        self._services = services
        self._adverts = adverts
        self._fetcher = fetcher
        self._access = access

    async def deploy(self, source: str, environment: Mapping[str, str]) -> Deployment:
        """Deploy a folder of this machine, or a Service of the market that we have a pass for."""
        if PurePath(source).is_absolute():
            packed = await self._parts.shelf.pack(source)
            manifest = read_manifest(packed.manifest_text)
            await self._parts.shelf.put(manifest.canonical())
            package = Digest(await self._parts.shelf.put(packed.archive))
            await self._parts.journal.save(ManifestSeen(manifest))
            return await self._services.deploy(manifest, package, environment, Origin.OWN)
        service = ServiceId(source)
        held = await self._access.pass_of(service, self._parts.signer.address)
        held.check(now_unix_s=self._parts.clock.now_unix_s())
        manifest, version = await self._take(service)
        return await self._services.deploy(manifest, version.package, environment, Origin.BOUGHT)

    async def host(self, service: ServiceId, environment: Mapping[str, str]) -> Deployment:
        """Fetch, verify and start a Service that its offer lets anybody serve for rewards."""
        await self._parts.ledger.service(service)
        offers = await self._parts.ledger.offers(service)
        metered = [
            one for one in offers if one.terms.kind is OfferKind.METERED and not one.disabled
        ]
        if not metered:
            raise NotEntitled(f"{service} is not sold by the call: there is nothing to earn")
        if all(offer.terms.hosted_only for offer in metered):
            raise NotEntitled(f"the author of {service} runs it on his own nodes only")
        manifest, version = await self._take(service)
        await self._services.deploy(manifest, version.package, environment, Origin.HOSTED)
        await self._services.start(service)
        deployed = self._services.get(service)
        if deployed is None:
            raise Refused(f"{service} was deleted meanwhile")
        return deployed

    async def search(self, text: str) -> Sequence[ListingView]:
        """Search the index by words; the chain is not asked."""
        found = self._parts.journal.search(text, most=LISTINGS_MAX)
        return [await self._view(listing, (), pass_expires_at_unix_s=0) for listing in found]

    async def show(self, service: ServiceId) -> ListingView:
        """Show one Service with who has it now; its manifest is fetched if somebody gives it."""
        listing = self._parts.journal.listing(service)
        if listing is None:
            raise NotFound(
                f"no service {service} is on the market",
                hint=f"look for it with: mesg market search {service}",
            )
        adverts = await self._adverts.find(service, anew=True)
        if listing.latest is not None:
            by = [one for one in adverts if one.version == listing.latest.manifest]
            with contained(f"fetching the manifest of {service}"):
                if by:
                    await self._fetcher.manifest(listing.latest.manifest, service, by)
        expires_at = await self._pass_expiry(service, listing.offers)
        return await self._view(listing, adverts, pass_expires_at_unix_s=expires_at)

    async def _take(self, service: ServiceId) -> tuple[Manifest, PublishedVersion]:
        """Fetch the newest version's manifest and package from whoever has them; all verified."""
        versions = await self._parts.ledger.versions(service)
        if not versions:
            raise NotFound(f"{service} has no version on the market")
        version = versions[-1]
        adverts = await self._adverts.find(service, anew=True)
        by = [advert for advert in adverts if advert.package == version.package]
        if not by:
            raise PeerUnavailable(f"no node that has the newest version of {service} was found")
        manifest = await self._fetcher.manifest(version.manifest, service, by)
        await self._fetcher.content(version.package, service, by)
        return manifest, version

    async def _view(
        self, listing: Listing, adverts: Sequence[Advert], *, pass_expires_at_unix_s: int
    ) -> ListingView:
        manifest = await self._known_manifest(listing)
        latest = listing.latest
        return ListingView(
            sid=listing.service.sid,
            owner=str(listing.owner),
            versions=len(listing.versions),
            version=latest.manifest if latest else None,
            package=latest.package if latest else None,
            offers=listing.offers,
            name=manifest.name if manifest else "",
            description=manifest.description if manifest else "",
            tasks=tuple(task.key for task in manifest.tasks) if manifest else (),
            events=tuple(event.key for event in manifest.events) if manifest else (),
            providers=tuple(_provider(advert) for advert in adverts),
            pass_expires_at_unix_s=pass_expires_at_unix_s,
        )

    async def _known_manifest(self, listing: Listing) -> Manifest | None:
        latest = listing.latest
        if latest is None or not self._parts.shelf.has(latest.manifest):
            return None
        return manifest_from_canonical(await self._parts.shelf.get(latest.manifest))

    async def _pass_expiry(self, service: ServiceId, offers: Sequence[Offer]) -> int:
        if not any(offer.terms.kind is OfferKind.PASS for offer in offers):
            return 0
        held = await self._access.pass_of(service, self._parts.signer.address)
        return held.expires_at_unix_s


def _provider(advert: Advert) -> ProviderView:
    return ProviderView(
        peer=advert.peer,
        account=str(advert.binding.account),
        price_per_call=advert.price_per_call,
        addresses=advert.addresses,
        runs=advert.runs,
        expires_at_unix_s=advert.expires_at_unix_s,
    )
