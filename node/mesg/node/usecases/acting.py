"""Where an owner's act goes: to the chain, or to a rehearsal of it that changes nothing anywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mesg.marketplace.ports import Ledger, Rehearsal, TransactionReceipt
from mesg.node.doors import DoneView


@dataclass(frozen=True, slots=True)
class Acting:
    """The ledger of one act. While it is rehearsed nothing may be journaled, signed or said to peers."""

    ledger: Ledger
    rehearsal: Rehearsal | None = None

    @classmethod
    def rehearsed(cls, ledger: Ledger) -> "Acting":
        """Return an act that is only tried."""
        rehearsal = ledger.rehearsal()
        return cls(rehearsal, rehearsal)

    @property
    def is_real(self) -> bool:
        """Tell whether it happens."""
        return self.rehearsal is None

    def done(self, receipts: Iterable[TransactionReceipt], facts: Mapping[str, str]) -> DoneView:
        """Return what happened, or what would have."""
        if self.rehearsal is None:
            return DoneView(tuple(receipts), facts)
        return DoneView((), facts, planned=tuple(self.rehearsal.planned))
