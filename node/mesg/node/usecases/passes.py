"""What a buyer does with passes: buy, give, cancel, and who sits on them."""

from mesg.marketplace.buying.passes import buy_pass, extended_until
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.doors import DoneView, PassView
from mesg.node.usecases.access import Access
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.parts import Parts


class Passes:
    """The acts of a buyer."""

    def __init__(self, parts: Parts, access: Access) -> None:
        self._parts = parts
        self._access = access

    async def view(self, service: ServiceId, account: AccountAddress | None) -> PassView:
        """Return an account's own pass, ours without one."""
        holder = account or self._parts.signer.address
        held = await self._parts.ledger.held_pass(service, holder)
        return PassView(
            sid=service.sid,
            account=str(holder),
            offer_index=held.offer_index,
            expires_at_unix_s=held.expires_at_unix_s,
            is_running=held.expires_at_unix_s > await self._parts.ledger.now_unix_s(),
            earned=held.earned,
            refundable=held.refundable,
        )

    async def buy(
        self,
        service: ServiceId,
        *,
        offer_index: int | None,
        max_price: TokenAmount,
        beneficiary: AccountAddress | None,
        referrer: AccountAddress,
        acting: Acting,
    ) -> DoneView:
        """Buy or extend a pass, for our own account or as a gift."""
        ledger = self._parts.ledger
        holder = beneficiary or self._parts.signer.address
        before = await ledger.held_pass(service, holder)
        offer, receipts = await buy_pass(
            service,
            ledger=acting.ledger,
            beneficiary=holder,
            offer_index=offer_index,
            max_price=max_price,
            referrer=referrer,
        )
        if acting.is_real:
            self._access.forget(service.number)
            expires_at = (await ledger.held_pass(service, holder)).expires_at_unix_s
        else:
            now = await ledger.now_unix_s()
            expires_at = extended_until(before.expires_at_unix_s, offer.terms, now_unix_s=now)
        facts = {
            "sid": service.sid,
            "offer": str(offer.index),
            "price": str(offer.terms.price),
            "expires_at": str(expires_at),
        }
        facts |= {"for": str(holder)} if beneficiary else {}
        facts |= {"referrer": str(referrer)} if referrer != NOBODY else {}
        return acting.done(receipts, facts)

    async def cancel(self, service: ServiceId, *, acting: Acting) -> DoneView:
        """End our pass; what it has not earned goes to our vault."""
        ledger, account = self._parts.ledger, self._parts.signer.address
        refundable = (await ledger.held_pass(service, account)).refundable
        before = (await ledger.balances(account)).vault
        receipt = await acting.ledger.cancel_pass(service)
        if acting.is_real:
            self._access.forget(service.number)
            refundable = (await ledger.balances(account)).vault - before
        return acting.done((receipt,), {"sid": service.sid, "refunded": str(refundable)})

    async def give_seat(
        self, service: ServiceId, number: int, account: AccountAddress | None, *, acting: Acting
    ) -> DoneView:
        """Give a seat of our pass to an account, or take it back."""
        receipt = await acting.ledger.give_seat(service, number, account or NOBODY)
        self._forget(service, acting)
        facts = {"sid": service.sid, "seat": str(number)}
        facts |= {"account": str(account)} if account else {}
        return acting.done((receipt,), facts)

    async def take_seat(
        self, service: ServiceId, holder: AccountAddress, number: int, *, acting: Acting
    ) -> DoneView:
        """Sit on a seat that the holder gave us."""
        receipt = await acting.ledger.take_seat(service, holder, number)
        self._forget(service, acting)
        facts = {"sid": service.sid, "seat": str(number), "holder": str(holder)}
        return acting.done((receipt,), facts)

    async def leave_seat(self, service: ServiceId, *, acting: Acting) -> DoneView:
        """Leave the seat that somebody gave us."""
        receipt = await acting.ledger.leave_seat(service)
        self._forget(service, acting)
        return acting.done((receipt,), {"sid": service.sid})

    def _forget(self, service: ServiceId, acting: Acting) -> None:
        if acting.is_real:
            self._access.forget(service.number)
