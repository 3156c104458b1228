"""What we earn and where it lies: told, settled out of passes, and collected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import trio

from mesg.marketplace.domain.errors import MesgError, NotEntitled
from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import HeldPass, TransactionReceipt
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import owed_to_us
from mesg.marketplace.settling.passes import author_part, settle_passes
from mesg.node.doors import DoneView, EarningsView, ServiceEarnings
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.parts import Parts

PASSES_ASKED_TOGETHER = 16
"""Questions to the chain's node at once, for an author of many passes."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What settling the passes of one Service brings."""

    accounts: tuple[AccountAddress, ...]
    earned: TokenAmount


class Income:
    """Reads and moves what our Services and our account earned."""

    def __init__(self, parts: Parts, till: Till) -> None:
        self._parts = parts
        self._till = till

    async def earnings(self, service: ServiceId | None) -> EarningsView:
        """Return all that we earned and shall earn; of one Service if it is named."""
        services = [await self._of(one) for one in await self._ours(service)]
        held = await self._parts.ledger.balances(self._parts.signer.address)
        unclaimed = await owed_to_us(self._till, self._parts.ledger)
        return EarningsView(tuple(services), held.earned, unclaimed)

    async def settle(self, service: ServiceId | None, *, acting: Acting) -> DoneView:
        """Credit what the passes of our Services have earned."""
        receipts: list[TransactionReceipt] = []
        total, count = ZERO, 0
        for one in await self._ours(service):
            due = await self._due(one)
            receipts += await settle_passes(one, due.accounts, acting.ledger)
            total, count = total + due.earned, count + len(due.accounts)
        return acting.done(receipts, {"settled": str(total), "passes": str(count)})

    async def collect(self, *, acting: Acting) -> DoneView:
        """Send what we and our Services earned, and our vault, to our account."""
        account, ledger = self._parts.signer.address, acting.ledger
        held = await ledger.balances(account)
        receipts: list[TransactionReceipt] = []
        total = held.earned
        if held.earned:
            receipts.append(await ledger.collect(account))
        for service in await self._ours(None):
            due = await self._due(service)
            receipts += await settle_passes(service, due.accounts, ledger)
            earned = await self._collectable(service, due, acting)
            if earned:
                receipts.append(await ledger.collect_service(service, account))
                total += earned
        if held.vault:
            receipts.append(await ledger.withdraw(held.vault, account))
        facts = {"collected": str(total), "returned": str(held.vault)}
        return acting.done(receipts, facts)

    async def _collectable(self, service: ServiceId, due: _Due, acting: Acting) -> TokenAmount:
        """Return what a Service can collect now; a rehearsal's settling is not to be read anywhere."""
        earned = await self._parts.ledger.service_earned(service)
        if acting.is_real or not due.accounts:
            return earned
        return earned + author_part(due.earned, await self._parts.ledger.offers(service))

    async def _of(self, service: ServiceId) -> ServiceEarnings:
        passes = await self._passes(service)
        now = await self._parts.ledger.now_unix_s()
        return ServiceEarnings(
            sid=service.sid,
            collectable=await self._parts.ledger.service_earned(service),
            vested=_sum(held.earned for _, held in passes),
            held=_sum(held.refundable for _, held in passes),
            passes=sum(held.expires_at_unix_s > now for _, held in passes),
        )

    async def _due(self, service: ServiceId) -> _Due:
        passes = [(who, held) for who, held in await self._passes(service) if held.earned]
        return _Due(tuple(who for who, _ in passes), _sum(held.earned for _, held in passes))

    async def _ours(self, service: ServiceId | None) -> Sequence[ServiceId]:
        """Return our Services, or the named one; the index may be behind, so the chain has the last word."""
        account, ledger = self._parts.signer.address, self._parts.ledger
        if service is not None:
            owner = (await ledger.service(service)).owner
            if owner != account:
                raise NotEntitled(f"{service} belongs to {owner}: its income is his")
            return [service]
        known = self._parts.journal.owned(account)
        return [one for one in known if (await ledger.service(one)).owner == account]

    async def _passes(self, service: ServiceId) -> Sequence[tuple[AccountAddress, HeldPass]]:
        holders = self._parts.journal.pass_holders(service)
        found: dict[AccountAddress, HeldPass] = {}
        failed: list[MesgError] = []
        turn = trio.CapacityLimiter(PASSES_ASKED_TOGETHER)

        async def ask(account: AccountAddress) -> None:
            async with turn:
                try:
                    found[account] = await self._parts.ledger.held_pass(service, account)
                except MesgError as error:
                    failed.append(error)

        async with trio.open_nursery() as nursery:
            for account in holders:
                nursery.start_soon(ask, account)
        if failed:
            raise failed[0]
        return [(account, found[account]) for account in holders]


def _sum(amounts: Iterable[TokenAmount]) -> TokenAmount:
    return TokenAmount(sum(amount.units for amount in amounts))
