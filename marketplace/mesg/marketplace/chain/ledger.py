"""The Ledger on Ethereum: reads from one node or several, writes with one account."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mesg.marketplace.chain.channel_writes import ChannelWrites
from mesg.marketplace.chain.contracts import Contracts
from mesg.marketplace.chain.deployment import check_market
from mesg.marketplace.chain.pass_writes import PassWrites
from mesg.marketplace.chain.registry_writes import RegistryWrites
from mesg.marketplace.chain.rehearsal import Rehearsal
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.chain.transactions import POLL_S, Transactions
from mesg.marketplace.chain.wallet_writes import WalletWrites
from mesg.marketplace.ports import MarketAddresses, PlannedTransaction, Signer


@dataclass(slots=True)
class EthereumLedger(RegistryWrites, PassWrites, ChannelWrites, WalletWrites):
    """Implements `Ledger`, and `Rehearsal` when its transactions are rehearsed."""

    @property
    def planned(self) -> Sequence[PlannedTransaction]:
        """What a rehearsal would have sent; nothing on a real ledger."""
        return self.transactions.planned if isinstance(self.transactions, Rehearsal) else ()

    def rehearsal(self) -> "EthereumLedger":
        """Return a ledger whose writes are simulated on the newest block and remembered, never sent."""
        rehearsed = Rehearsal(self.contracts, self.transactions.signer)
        return EthereumLedger(self.contracts, rehearsed, confirmations=self.confirmations)


@asynccontextmanager
async def open_ledger(
    urls: Sequence[str],
    addresses: MarketAddresses,
    signer: Signer,
    *,
    poll_s: float = POLL_S,
    confirmations: int = 0,
) -> AsyncGenerator[EthereumLedger]:
    """Open the market on a chain; raise Refused unless those contracts are ours, on that chain.

    Changes are told once `confirmations` blocks have followed theirs.
    """
    async with open_rpc(*urls) as rpc:
        await check_market(rpc, addresses)
        transactions = Transactions(rpc, signer, addresses.chain_id, poll_s=poll_s)
        yield EthereumLedger(Contracts(rpc, addresses), transactions, confirmations=confirmations)
