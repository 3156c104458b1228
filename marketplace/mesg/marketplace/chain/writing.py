"""What every write of the Ledger needs: an account, and one way to call a contract of ours."""

from collections.abc import Iterator
from dataclasses import dataclass

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.changes import observed
from mesg.marketplace.chain.reading import LedgerReads
from mesg.marketplace.chain.rehearsal import Rehearsal
from mesg.marketplace.chain.transactions import Mined, Transactions
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.ports import MarketChange, TransactionReceipt


@dataclass(slots=True)
class LedgerWrites(LedgerReads):
    """Writes are made, and paid for, by the account of `transactions`; a rehearsal only simulates."""

    transactions: Transactions | Rehearsal

    @property
    def account(self) -> AccountAddress:
        """Whose money moves."""
        return self.transactions.signer.address

    async def _send(
        self, action: str, contract: str, name: str, *arguments: object
    ) -> TransactionReceipt:
        return (await self._mine(action, contract, name, *arguments)).receipt

    async def _mine(self, action: str, contract: str, name: str, *arguments: object) -> Mined:
        data = function(contract, name).call(*arguments)
        return await self.transactions.send(
            self.contracts.address_of(contract), data, action=action
        )

    def _told(self, mined: Mined) -> Iterator[MarketChange]:
        for log in mined.logs:
            seen = observed(log, self.addresses)
            if seen is not None:
                yield seen.change
