"""Telling the network what this node has: DHT records, and signed adverts to whoever asks."""

import structlog

from mesg.marketplace.domain.binding import Binding
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.money import ZERO
from mesg.node.domain.advert import ADVERT_S_MAX, Advert, signed, signing_bytes
from mesg.node.domain.instance import Deployment, Origin
from mesg.node.protocol import wire
from mesg.node.usecases.access import Access
from mesg.node.usecases.discovery import service_key, version_key
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.services import ServiceBook

log = structlog.get_logger("mesg.announcing")

ADVERT_S = ADVERT_S_MAX // 2


class Announcer:
    """What this node serves to others, and how it says so."""

    def __init__(self, parts: Parts, services: ServiceBook, access: Access) -> None:
        self._parts = parts
        self._services = services
        self._access = access
        self._provided: set[bytes] = set()
        self.binding: Binding | None = None
        """Set once the wallet is unlocked; nothing is served under no account."""

    def served(self, service: ServiceId) -> Deployment | None:
        """Return the deployment that others may use or fetch, if there is one."""
        deployment = self._services.get(service)
        if deployment is None or self.binding is None or not self._is_public(deployment):
            return None
        return deployment

    async def wait_stopped(self, service: ServiceId) -> None:
        """Return once no instance of a Service runs here."""
        while self._services.is_running(service):
            await self._services.changed.wait()

    def advert(self, service: ServiceId) -> Advert | None:
        """Return a fresh signed advert, or None for what is not served."""
        deployment = self.served(service)
        if deployment is None or self.binding is None:
            return None
        offer = self._access.metered_offer(service)
        now = self._parts.clock.now_unix_s()
        advert = Advert(
            binding=self.binding,
            service=service,
            version=deployment.version,
            package=deployment.package,
            sequence=self._parts.clock.now_unix_ns(),
            issued_at_unix_s=now,
            expires_at_unix_s=now + ADVERT_S,
            addresses=self._parts.network.addresses(),
            offer_index=offer.index if offer else None,
            price_per_call=offer.terms.price if offer else ZERO,
            runs=self._services.is_running(service),
        )
        payload = wire.advert_payload(advert)
        signature = self._parts.network.sign(signing_bytes(payload))
        return signed(advert, payload=payload, signature=signature)

    async def provide_all(self) -> None:
        """Bring the DHT in line with what is served now."""
        wanted: set[bytes] = set()
        for deployment in self._services.all():
            if self.served(deployment.service) is not None:
                wanted |= {service_key(deployment.service), version_key(deployment.version)}
        for key in self._provided - wanted:
            await self._parts.directory.withdraw(key)
        for key in wanted - self._provided:
            await self._parts.directory.provide(key)
        self._provided = wanted

    async def keep_announced(self) -> None:
        """Announce again, for ever, whenever something changes."""
        while True:
            changed = self._services.changed
            await self.provide_all()
            await changed.wait()

    def _is_public(self, deployment: Deployment) -> bool:
        if deployment.origin is Origin.HOSTED:
            return True
        if deployment.origin is Origin.BOUGHT:
            return False
        listing = self._parts.journal.listing(deployment.service)
        return listing is not None and listing.owner == self._parts.signer.address
