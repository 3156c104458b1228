"""Who holds what inside MesgPay. What somebody earned follows from all claims and passes, not from a sum kept."""

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from tests.contracts.model.chain import Chain, Part, refuse
from tests.contracts.model.names import Names
from tests.contracts.model.token import Token

from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.domain.identity import AccountAddress


class Source(Protocol):
    """Something that earns."""

    def income(self) -> Counter[AccountAddress | int]:
        """Return all that accounts and Services (by number) ever earned here."""


@dataclass
class Accounts(Part):
    """Vaults, and what was paid out of the earnings."""

    state: ClassVar = ("vaults", "collected", "stranded")
    chain: Chain
    token: Token
    names: Names
    place: AccountAddress
    treasury: AccountAddress
    sources: list[Source] = field(default_factory=list)
    vaults: dict[AccountAddress, int] = field(default_factory=dict)
    collected: dict[AccountAddress | int, int] = field(default_factory=dict)
    stranded: int = 0
    """Tokens that somebody threw at the contract: nobody's."""

    def vault_of(self, account: AccountAddress) -> int:
        return self.vaults.get(account, 0)

    def earned(self) -> Counter[AccountAddress | int]:
        """Return what accounts and Services may collect."""
        total: Counter[AccountAddress | int] = Counter()
        for source in self.sources:
            total.update(source.income())
        total.subtract(self.collected)
        return total

    def deposit(self, sender: AccountAddress, units: int) -> None:
        if units == 0:
            refuse("AmountZero")
        self.pull(sender, units)
        self.credit_vault(sender, units)
        self.chain.emit(PAY, "Deposited", account=sender, amount=units)

    def withdraw(self, sender: AccountAddress, units: int, to: AccountAddress) -> None:
        if units == 0:
            refuse("AmountZero")
        self.spend_vault(sender, units)
        self._pay_out(to, units)
        self.chain.emit(PAY, "Withdrawn", account=sender, to=to, amount=units)

    def collect(self, sender: AccountAddress, to: AccountAddress) -> tuple[int]:
        units = self._collect(sender, to)
        self.chain.emit(PAY, "Collected", account=sender, to=to, amount=units)
        return (units,)

    def collect_service(
        self, sender: AccountAddress, service: int, to: AccountAddress
    ) -> tuple[int]:
        owner = self.names.owners.get(service)
        if owner is None:
            refuse("ERC721NonexistentToken", tokenId=service)
        if sender != owner:
            refuse("NotServiceOwner", serviceId=service, account=sender, owner=owner)
        units = self._collect(service, to)
        self.chain.emit(
            PAY, "ServiceCollected", serviceId=service, owner=owner, to=to, amount=units
        )
        return (units,)

    def pull(self, sender: AccountAddress, units: int) -> None:
        """Take tokens from a wallet; exactly that many must arrive."""
        if units == 0:
            return
        before = self.token.balance_of(self.place)
        self.token.transfer_from(self.place, sender, self.place, units)
        self.check_received(units, before)

    def check_received(self, units: int, before: int) -> None:
        received = self.token.balance_of(self.place) - before
        if received != units:
            refuse("ReceivedOther", expected=units, received=received)

    def spend_vault(self, account: AccountAddress, units: int) -> None:
        balance = self.vault_of(account)
        if balance < units:
            refuse("VaultTooLow", account=account, balance=balance, needed=units)
        self.vaults[account] = balance - units

    def credit_vault(self, account: AccountAddress, units: int) -> None:
        self.vaults[account] = self.vault_of(account) + units

    def _collect(self, who: AccountAddress | int, to: AccountAddress) -> int:
        units = self.earned()[who]
        if units == 0:
            refuse("NothingEarned")
        self.collected[who] = self.collected.get(who, 0) + units
        self._pay_out(to, units)
        return units

    def _pay_out(self, to: AccountAddress, units: int) -> None:
        if to == self.place:
            refuse("RecipientInvalid", to=to)
        self.token.transfer(self.place, to, units)
