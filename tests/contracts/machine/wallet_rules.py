"""Tokens go in and out."""

from hypothesis.stateful import initialize, rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.machine.choices import Size
from tests.contracts.machine.market import PEOPLE

from mesg.marketplace.domain.identity import AccountAddress


class WalletRules(MarketMachine):
    """What needs no Service."""

    @initialize(person=choices.payers)
    def somebody_has_a_vault(self, person: AccountAddress) -> None:
        self.deposit(person, Size.SOME)

    @rule(person=choices.people, size=choices.sizes)
    def deposit(self, person: AccountAddress, size: Size) -> None:
        units = size.of(self.world.token.balance_of(person))
        if size is Size.SOME:
            units //= 1_000
        self.pay(
            person, "deposit", units, model=lambda: self.world.accounts.deposit(person, units)
        )

    @rule(
        number=choices.numbers,
        person=choices.people,
        size=choices.sizes,
        to=choices.people_or_nobody,
    )
    def withdraw(
        self, number: int, person: AccountAddress, size: Size, to: AccountAddress
    ) -> None:
        person = self.pick_account(number, person, self.world.accounts.vaults)
        units = size.of(self.world.accounts.vault_of(person))
        self.pay(
            person,
            "withdraw",
            units,
            to.raw,
            model=lambda: self.world.accounts.withdraw(person, units, to),
        )

    @rule(
        number=choices.numbers,
        person=choices.people,
        to=choices.people,
        astray=choices.rarely,
    )
    def collect(
        self, number: int, person: AccountAddress, to: AccountAddress, astray: bool
    ) -> None:
        earned = self.world.accounts.earned()
        person = self.pick_account(number, person, {who: earned[who] for who in PEOPLE})
        to = self.market.addresses.pay if astray else to
        self.pay(person, "collect", to.raw, model=lambda: self.world.accounts.collect(person, to))

    @rule(number=choices.numbers, owned=choices.mostly, person=choices.people)
    def collect_service(self, number: int, owned: bool, person: AccountAddress) -> None:
        earned = self.world.accounts.earned()
        services = [service for service in self.world.names.owners if earned[service]]
        service = services[number % len(services)] if services and owned else self.service(number)
        sender = self.world.names.owners.get(service, person) if owned else person
        self.pay(
            sender,
            "collectService",
            service,
            person.raw,
            model=lambda: self.world.accounts.collect_service(sender, service, person),
        )
