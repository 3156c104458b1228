"""What `MesgPay` keeps for accounts, in memory: vaults and earnings, and every movement of tokens."""

from dataclasses import dataclass, field

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.signing import SigningDomain
from mesg.marketplace.testing.memory_registry import MemoryRegistry
from mesg.marketplace.testing.memory_token import MemoryToken, reverted


@dataclass(slots=True)
class MemoryAccounts:
    """Who holds what; `domain.contract` holds the tokens."""

    domain: SigningDomain
    token: MemoryToken
    registry: MemoryRegistry
    treasury: AccountAddress
    vaults: dict[AccountAddress, int] = field(default_factory=dict)
    earned: dict[AccountAddress, int] = field(default_factory=dict)
    service_earned: dict[int, int] = field(default_factory=dict)

    def deposit(self, sender: AccountAddress, units: int) -> None:
        """Put tokens into the sender's vault."""
        check_amount(units)
        self.pull(sender, units)
        self.vaults[sender] = self.vaults.get(sender, 0) + units

    def withdraw(self, sender: AccountAddress, units: int, to: AccountAddress) -> None:
        """Take tokens out of the sender's vault."""
        check_amount(units)
        self._check_recipient(to)
        self.spend_vault(sender, units)
        self._send(to, units)

    def collect(self, sender: AccountAddress, to: AccountAddress) -> None:
        """Pay out what the sender earned."""
        units = self.earned.get(sender, 0)
        if not units:
            raise reverted("NothingEarned")
        self._check_recipient(to)
        self.earned[sender] = 0
        self._send(to, units)

    def collect_service(
        self, sender: AccountAddress, service_number: int, to: AccountAddress
    ) -> None:
        """Pay out what a Service earned."""
        owner = self.registry.owners.get(service_number)
        if owner is None:
            raise reverted("ERC721NonexistentToken", tokenId=service_number)
        self.registry.check_owner(sender, service_number)
        units = self.service_earned.get(service_number, 0)
        if not units:
            raise reverted("NothingEarned")
        self._check_recipient(to)
        self.service_earned[service_number] = 0
        self._send(to, units)

    def _check_recipient(self, to: AccountAddress) -> None:
        if to == self.domain.contract:
            raise reverted("RecipientInvalid", to=to)

    def _send(self, to: AccountAddress, units: int) -> None:
        self.token.move(self.domain.contract, to, units)

    def pull(self, sender: AccountAddress, units: int) -> None:
        """Take tokens from the sender's wallet."""
        self.token.move(sender, self.domain.contract, units)

    def spend_vault(self, sender: AccountAddress, units: int) -> None:
        """Take from the sender's vault."""
        balance = self.vaults.get(sender, 0)
        if balance < units:
            raise reverted("VaultTooLow", account=sender, balance=balance, needed=units)
        self.vaults[sender] = balance - units

    def credit(self, account: AccountAddress, units: int) -> None:
        """Add to what an account earned."""
        self.earned[account] = self.earned.get(account, 0) + units

    def credit_service(self, service_number: int, units: int) -> None:
        """Add to what a Service earned."""
        self.service_earned[service_number] = self.service_earned.get(service_number, 0) + units


def check_amount(units: int) -> None:
    """Refuse nothing at all."""
    if not units:
        raise reverted("AmountZero")
