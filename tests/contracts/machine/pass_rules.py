"""Passes are bought, given, extended, followed by others, settled and cancelled."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.machine.market import WEATHER
from tests.contracts.model.offers import PASS

from mesg.marketplace.domain.identity import NOBODY, AccountAddress

PRICE_MAX = 2**128 - 1
TIME_MAX = 2**40 - 1
Held = tuple[int, AccountAddress]


class PassRules(MarketMachine):
    """Time is sold."""

    @initialize(
        holder=choices.people,
        index=st.sampled_from((2, 3, 3, 5)),
        referrer=choices.referrers,
    )
    def somebody_has_a_pass(
        self, holder: AccountAddress, index: int, referrer: AccountAddress
    ) -> None:
        self._buy_right(holder, WEATHER.number, index, holder, referrer)

    @rule(
        number=choices.numbers,
        buyer=choices.people,
        beneficiary=choices.people_or_nobody,
        for_himself=choices.mostly,
        off=st.sampled_from((0, 0, 0, 10**20, -1)),
        referrer=choices.referrers,
        right_hash=choices.mostly,
        from_vault=choices.rarely,
        lateness=st.sampled_from((None, None, None, 0, 0, -1, 1_000)),
    )
    def buy_a_pass(
        self,
        *,
        number: int,
        buyer: AccountAddress,
        beneficiary: AccountAddress,
        for_himself: bool,
        off: int,
        referrer: AccountAddress,
        right_hash: bool,
        from_vault: bool,
        lateness: int | None,
    ) -> None:
        places = self._places()
        service, index = [*places, *places, (places[0][0], 0), (7, 0)][
            number % (2 * len(places) + 2)
        ]
        offer = self.world.offers.offers.get((service, index))
        price = offer.terms.price if offer else 0
        if from_vault:
            buyer = self.pick_account(number, buyer, self.world.accounts.vaults)
        self._buy(
            buyer,
            service,
            index,
            buyer if for_himself else beneficiary,
            offer.digest if offer and right_hash else bytes(32),
            max_price=min(max(0, price + off), PRICE_MAX),
            referrer=referrer,
            from_vault=from_vault,
            lateness=lateness,
        )

    @precondition(lambda self: self.world.passes.running)
    @rule(
        number=choices.numbers,
        referrer=choices.referrers,
        giver=choices.people,
        gift=st.booleans(),
        times=st.integers(1, 3),
    )
    def extend_a_pass(
        self, number: int, referrer: AccountAddress, giver: AccountAddress, gift: bool, times: int
    ) -> None:
        """Buy more of what runs last, for oneself or for somebody."""
        service, holder = self._held(number)
        index = self.world.passes.running[service, holder].bought[-1].offer
        for _ in range(times):
            self._buy_right(giver if gift else holder, service, index, holder, referrer)

    @precondition(lambda self: self.world.passes.running)
    @rule(number=choices.numbers, other=choices.numbers, giver=choices.people, gift=choices.rarely)
    def let_other_terms_follow(
        self, number: int, other: int, giver: AccountAddress, gift: bool
    ) -> None:
        service, holder = self._held(number)
        indices = [index for where, index in self._places() if where == service]
        index = indices[other % len(indices)]
        self._buy_right(giver if gift else holder, service, index, holder, NOBODY)

    @precondition(lambda self: self.world.passes.running)
    @rule(number=choices.numbers, late=st.sampled_from((0, 1, 1_000)), other=choices.numbers)
    def renew_a_pass_that_is_over(self, number: int, late: int, other: int) -> None:
        service, holder = self._held(number)
        over = self.world.passes.expiry(service, holder) - self.now
        if over < 10**9:
            self.wait(seconds=max(0, over) + late)
            indices = [index for where, index in self._places() if where == service]
            self._buy_right(holder, service, indices[other % len(indices)], holder, NOBODY)

    @rule(number=choices.numbers, holders=st.lists(choices.people, max_size=4))
    def settle_passes(self, number: int, holders: list[AccountAddress]) -> None:
        service = self.service(number)
        self.pay(
            holders[0] if holders else self.world.treasury,
            "settlePasses",
            service,
            [holder.raw for holder in holders],
            model=lambda: self.world.passes.settle(service, holders),
        )

    @rule(number=choices.numbers, person=choices.people, held=choices.mostly)
    def cancel_a_pass(self, number: int, person: AccountAddress, held: bool) -> None:
        place = (self.service(number), person)
        running = [
            place
            for place in self.world.passes.running
            if self.world.passes.expiry(*place) > self.now
        ]
        service, holder = running[number % len(running)] if held and running else place
        refundable = self.world.passes.value(service, holder)[1]
        before = self.world.accounts.vault_of(holder)
        cancelled = self.pay(
            holder,
            "cancelPass",
            service,
            model=lambda: self.world.passes.cancel(holder, service),
        )
        if cancelled:
            assert self.revm.view("MesgPay", "vaultOf", holder.raw) == before + refundable

    def _places(self) -> list[tuple[int, int]]:
        offers = self.world.offers.offers.items()
        return [place for place, offer in offers if offer.terms.kind == PASS]

    def _held(self, number: int) -> Held:
        held = list(self.world.passes.running)
        return held[number % len(held)]

    def _how(
        self, buyer: AccountAddress, service: int, index: int, beneficiary: AccountAddress
    ) -> str:
        left = self.world.passes.terms_left(service, beneficiary)
        whose = "own" if buyer == beneficiary else "gift"
        if not left:
            return f"{whose}, new"
        return f"{whose}, {'extended' if left[-1].offer == index else 'other terms'}"

    def _buy_right(
        self,
        buyer: AccountAddress,
        service: int,
        index: int,
        beneficiary: AccountAddress,
        referrer: AccountAddress,
    ) -> None:
        offer = self.world.offers.offers[service, index]
        self._buy(
            buyer,
            service,
            index,
            beneficiary,
            offer.digest,
            max_price=offer.terms.price,
            referrer=referrer,
        )

    def _buy(
        self,
        buyer: AccountAddress,
        service: int,
        index: int,
        beneficiary: AccountAddress,
        digest: bytes,
        *,
        max_price: int,
        referrer: AccountAddress,
        from_vault: bool = False,
        lateness: int | None = None,
    ) -> None:
        """Buy, agreeing to a start at most so much later than the very next one; None to any."""
        start = max(self.now, self.world.passes.expiry(service, beneficiary))
        starts_by = TIME_MAX if lateness is None else start + lateness
        self.pay(
            buyer,
            "buyPassFromVault" if from_vault else "buyPass",
            (service, index, digest, beneficiary.raw, starts_by, referrer.raw, max_price),
            how=self._how(buyer, service, index, beneficiary),
            model=lambda: self.world.passes.buy(
                buyer,
                service,
                index,
                digest,
                beneficiary,
                max_price,
                referrer,
                starts_by=starts_by,
                from_vault=from_vault,
            ),
        )
