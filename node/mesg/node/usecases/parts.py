"""The ports and settings that the use cases stand on, gathered once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass

from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import Clock, Ledger, Signer
from mesg.node.ports import Directory, Journal, Network, PackageShelf, Runtime


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner decided."""

    network: str
    agent: str
    channel_amount: TokenAmount = ZERO
    """Reserved when a paid call finds no channel, within the budget."""
    channel_budget: TokenAmount = ZERO
    """The most that the node reserves in channels by itself; 0 for never."""
    claim_after: TokenAmount = ZERO
    """Vouchers are claimed by themselves once they promise this much; 0 for never."""
    poll_s: float = 1.0
    """How often the chain is read."""
    first_block: int = 0
    """The block that the market was deployed in: there is nothing to read before it."""
    expects_peers: bool = False
    """Whether it is told whom to join, so that having no peers is a fault."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything outside that the node works with."""

    clock: Clock
    entropy: Callable[[int], bytes]
    network: Network
    directory: Directory
    runtime: Runtime
    shelf: PackageShelf
    journal: Journal
    ledger: Ledger
    signer: Signer
    settings: Settings

    def random_digest(self) -> Digest:
        """Return 32 unpredictable bytes."""
        return Digest(self.entropy(32))
