"""The token, well behaved or hostile."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from eth_hash.auto import keccak
from tests.contracts.model.chain import Part, refuse, refuse_raw

from mesg.marketplace.domain.identity import NOBODY, AccountAddress

INFINITE = 2**256 - 1


class Behaviour(IntEnum):
    """What the token does on a transfer; the numbers are those of `HostileToken.sol`."""

    HONEST = 0
    PAUSED = 1
    KEEPS_A_FEE = 2
    ANSWERS_FALSE = 3
    ANSWERS_NOTHING = 4
    REENTERS = 5
    GIVES_MORE = 6


@dataclass
class Token(Part):
    """Who has how much, and who may take how much from whom."""

    state: ClassVar = ("balances", "allowances", "nonces", "behaviour")
    place: AccountAddress
    pay: AccountAddress
    balances: dict[AccountAddress, int] = field(default_factory=dict)
    allowances: dict[tuple[AccountAddress, AccountAddress], int] = field(default_factory=dict)
    nonces: dict[AccountAddress, int] = field(default_factory=dict)
    behaviour: Behaviour = Behaviour.HONEST

    @property
    def works(self) -> bool:
        """Tell whether it moves tokens at all, if perhaps not exactly as many."""
        return self.behaviour not in (
            Behaviour.PAUSED,
            Behaviour.ANSWERS_FALSE,
            Behaviour.REENTERS,
        )

    def balance_of(self, account: AccountAddress) -> int:
        return self.balances.get(account, 0)

    def approve(self, owner: AccountAddress, spender: AccountAddress, units: int) -> None:
        self.allowances[owner, spender] = units

    def permit(
        self, owner: AccountAddress, spender: AccountAddress, units: int, *, nonce: int
    ) -> None:
        """Approve by a signature that was made for that nonce; one for another does nothing."""
        if nonce == self.nonces.get(owner, 0):
            self.nonces[owner] = nonce + 1
            self.approve(owner, spender, units)

    def transfer(self, sender: AccountAddress, to: AccountAddress, units: int) -> None:
        """Move tokens through OpenZeppelin's SafeERC20, as our contracts do."""
        self._behave(sender)
        self._move(sender, to, units)

    def transfer_from(
        self, spender: AccountAddress, owner: AccountAddress, to: AccountAddress, units: int
    ) -> None:
        """Move tokens that `spender` was allowed to take, through SafeERC20."""
        self._behave(spender)
        allowed = self.allowances.get((owner, spender), 0)
        if allowed < units:
            refuse("ERC20InsufficientAllowance", spender=spender, allowance=allowed, needed=units)
        if allowed != INFINITE:
            self.allowances[owner, spender] = allowed - units
        self._move(owner, to, units)

    def _behave(self, caller: AccountAddress) -> None:
        match self.behaviour:
            case Behaviour.PAUSED:
                refuse_raw(keccak(b"EnforcedPause()")[:4])
            case Behaviour.ANSWERS_FALSE:
                refuse("SafeERC20FailedOperation", token=self.place)
            case Behaviour.REENTERS if caller == self.pay:
                refuse("ReentrancyGuardReentrantCall")
            case Behaviour.REENTERS:
                # Not within MesgPay: the token collects, and has earned nothing.
                refuse("NothingEarned")
            case _:
                pass

    def _move(self, sender: AccountAddress, to: AccountAddress, units: int) -> None:
        if to == NOBODY:
            refuse("ERC20InvalidReceiver", receiver=to)
        balance = self.balance_of(sender)
        if balance < units:
            refuse("ERC20InsufficientBalance", sender=sender, balance=balance, needed=units)
        self.balances[sender] = balance - units
        self.balances[to] = self.balance_of(to) + self._arriving(units)

    def _arriving(self, units: int) -> int:
        if self.behaviour is Behaviour.KEEPS_A_FEE:
            return units - (units + 99) // 100
        return units + 1 if self.behaviour is Behaviour.GIVES_MORE else units
