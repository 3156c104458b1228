"""A whole chain's worth of market in memory: contracts, blocks, time; what `MemoryLedger`s share."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_hash.auto import keccak

from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    Block,
    Cursor,
    MarketAddresses,
    MarketChange,
    Observed,
    TransactionReceipt,
)
from mesg.marketplace.testing.memory_pay import MemoryPay
from mesg.marketplace.testing.memory_registry import MemoryRegistry
from mesg.marketplace.testing.memory_token import MemoryToken

ETHER_WEI = 10**18
GAS_USED = 50_000
RECENT_BLOCKS = 64
ADDRESSES = MarketAddresses(
    chain_id=31_337,
    token=AccountAddress(b"\x71" * 20),
    registry=AccountAddress(b"\x72" * 20),
    pay=AccountAddress(b"\x73" * 20),
)
TREASURY = AccountAddress(b"\x74" * 20)


@dataclass(slots=True)
class MemoryMarket:
    """One market. Every transaction is a block of its own, a second after the one before."""

    addresses: MarketAddresses = ADDRESSES
    treasury: AccountAddress = TREASURY
    now_unix_s: int = 1_800_000_000
    token: MemoryToken = field(default_factory=MemoryToken)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    pay: MemoryPay = field(init=False)
    mined: list[TransactionReceipt] = field(default_factory=list)
    _changes: list[tuple[MarketChange, ...]] = field(default_factory=lambda: [()])

    def __post_init__(self) -> None:
        """Tie the contracts to each other."""
        self.pay = MemoryPay(self.addresses.domain, self.token, self.registry, self.treasury)

    def fund(self, account: AccountAddress, tokens: TokenAmount) -> None:
        """Give an account tokens."""
        self.token.mint(account, tokens.units)

    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.now_unix_s += seconds

    def mine(self, action: str, *changes: MarketChange) -> TransactionReceipt:
        """Add a block with one transaction and what it changed."""
        self._changes.append(changes)
        self.now_unix_s += 1
        block = self._block(len(self._changes) - 1)
        transaction = Digest(keccak(b"transaction" + block.digest))
        self.mined.append(TransactionReceipt(transaction, block.number, GAS_USED, action))
        return self.mined[-1]

    def changes(self, cursor: Cursor) -> tuple[Sequence[Observed], Cursor]:
        """Return all that happened since the cursor; nothing is ever dropped here."""
        height = len(self._changes)
        seen = [
            Observed(change, self._block(number), index)
            for number in range(cursor.next_block, height)
            for index, change in enumerate(self._changes[number])
        ]
        recent = range(max(0, height - RECENT_BLOCKS), height)
        return seen, Cursor(height, tuple(map(self._block, recent)))

    def _block(self, number: int) -> Block:
        return Block(number, Digest(keccak(b"block" + number.to_bytes(8, "big"))))
