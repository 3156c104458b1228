"""What an author does on the market: publish, make and close offers, give a Service away."""

from mesg.marketplace.domain.errors import InvalidInput, NotEntitled, NotFound, Refused
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import OfferTerms
from mesg.marketplace.publishing.publish import publish
from mesg.node.domain.instance import Deployment, Origin
from mesg.node.doors import DoneView
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.services import ServiceBook


class Selling:
    """The acts of an author."""

    def __init__(self, parts: Parts, services: ServiceBook) -> None:
        self._parts = parts
        self._services = services

    async def publish_fee(self, reference: str) -> TokenAmount:
        """Return what the name costs now: nothing if it is ours; raise Refused if it is not."""
        service = self._own(reference).service
        try:
            owner = (await self._parts.ledger.service(service)).owner
        except NotFound:
            return await self._parts.ledger.registration_fee()
        if owner != self._parts.signer.address:
            raise Refused(f"{service} belongs to {owner}", hint="choose another sid")
        return ZERO

    async def publish(
        self, reference: str, *, max_fee: TokenAmount | None, acting: Acting
    ) -> DoneView:
        """Publish a Service that was deployed from a folder here."""
        deployment = self._own(reference)
        fee = await self.publish_fee(reference)
        version, receipts = await publish(
            deployment.service,
            manifest=deployment.version,
            package=deployment.package,
            ledger=acting.ledger,
            max_fee=max_fee,
        )
        facts = {
            "sid": deployment.service.sid,
            "version": "0x" + version.manifest.hex(),
            "package": "0x" + version.package.hex(),
            "index": str(version.index),
        }
        if fee:
            facts["fee"] = str(fee)
        self._tell_changed(acting)
        return acting.done(receipts, facts)

    async def create_offer(
        self, service: ServiceId, terms: OfferTerms, *, acting: Acting
    ) -> DoneView:
        """Make an offer for a Service of ours."""
        await self._check_owner(service, "makes offers for it")
        offer, receipt = await acting.ledger.create_offer(service, terms)
        self._tell_changed(acting)
        facts = {"sid": service.sid, "offer": str(offer.index), "price": str(terms.price)}
        return acting.done((receipt,), facts)

    async def disable_offer(self, service: ServiceId, index: int, *, acting: Acting) -> DoneView:
        """Close an offer of ours for ever."""
        await self._check_owner(service, "closes its offers")
        for offer in await self._parts.ledger.offers(service):
            if offer.index == index:
                receipt = await acting.ledger.disable_offer(offer)
                self._tell_changed(acting)
                return acting.done((receipt,), {"sid": service.sid, "offer": str(index)})
        raise NotFound(
            f"{service} has no offer {index}",
            hint=f"see its offers with: mesg market show {service}",
        )

    async def transfer(
        self, service: ServiceId, to: AccountAddress, *, acting: Acting
    ) -> DoneView:
        """Give a Service of ours, with all income that is not collected, to another account."""
        await self._check_owner(service, "gives it away")
        places = self._parts.ledger.addresses
        if to in (NOBODY, places.token, places.registry, places.pay):
            raise InvalidInput(f"{to} is nobody who could own a Service", where="to")
        if to == self._parts.signer.address:
            raise Refused(f"{service} is yours already")
        uncollected = await self._parts.ledger.service_earned(service)
        receipt = await acting.ledger.transfer_service(service, to)
        self._tell_changed(acting)
        facts = {"sid": service.sid, "to": str(to), "uncollected": str(uncollected)}
        return acting.done((receipt,), facts)

    def _own(self, reference: str) -> Deployment:
        deployment = self._services.find(reference)
        if deployment.origin is not Origin.OWN:
            raise Refused(
                f"{deployment.service} was taken from the network, it is not yours to publish"
            )
        return deployment

    async def _check_owner(self, service: ServiceId, what: str) -> None:
        owner = (await self._parts.ledger.service(service)).owner
        if owner != self._parts.signer.address:
            raise NotEntitled(f"{service} belongs to {owner}: only he {what}")

    def _tell_changed(self, acting: Acting) -> None:
        if acting.is_real:
            self._services.tell_changed()
