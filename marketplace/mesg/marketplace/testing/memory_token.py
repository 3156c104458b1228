"""The token of the in-memory market, and the way its contracts refuse."""

from dataclasses import dataclass, field

from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress


def reverted(error: str, **values: object) -> TransactionReverted:
    """Return what a contract's custom error becomes: `PriceTooHigh(price=5, maxPrice=3)`."""
    shown = ", ".join(f"{name}={_show(value)}" for name, value in values.items())
    return TransactionReverted(f"{error}({shown})")


def _show(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


@dataclass(slots=True)
class MemoryToken:
    """Who holds how many units."""

    balances: dict[AccountAddress, int] = field(default_factory=dict)

    def balance_of(self, account: AccountAddress) -> int:
        """Return what an account holds."""
        return self.balances.get(account, 0)

    def mint(self, account: AccountAddress, units: int) -> None:
        """Give an account tokens out of nothing, which only tests can."""
        self.balances[account] = self.balance_of(account) + units

    def move(self, sender: AccountAddress, to: AccountAddress, units: int) -> None:
        """Transfer, or refuse as ERC-20 does."""
        balance = self.balance_of(sender)
        if balance < units:
            raise reverted(
                "ERC20InsufficientBalance", sender=sender, balance=balance, needed=units
            )
        self.balances[sender] = balance - units
        self.balances[to] = self.balance_of(to) + units
