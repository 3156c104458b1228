"""The Ledger on Ethereum: reads from one node or several, writes with one account."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.changes import observed
from mesg.marketplace.chain.contracts import PAY, REGISTRY, Contracts
from mesg.marketplace.chain.deployment import check_market
from mesg.marketplace.chain.funding import approve, fund
from mesg.marketplace.chain.reading import LedgerReads
from mesg.marketplace.chain.registration import take_sid
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.chain.transactions import POLL_S, Mined, Transactions
from mesg.marketplace.chain.values import (
    claim_struct,
    config_struct,
    signature_words,
    terms_struct,
)
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import NotFound, Refused
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferTerms
from mesg.marketplace.ports import (
    ClaimRow,
    MarketAddresses,
    MarketChange,
    OfferCreated,
    PublishedVersion,
    Signer,
    TransactionReceipt,
    VersionPublished,
)


@dataclass(slots=True)
class EthereumLedger(LedgerReads):
    """Implements `Ledger`; writes are made, and paid for, by the account of `transactions`."""

    transactions: Transactions

    @property
    def account(self) -> AccountAddress:
        """Whose money moves."""
        return self.transactions.signer.address

    async def register(self, service: ServiceId) -> Sequence[TransactionReceipt]:
        """Take a sid (commit, wait a block, reveal); a Service that is ours already costs nothing."""
        try:
            owner = (await self.service(service)).owner
        except NotFound:
            return await take_sid(service, self.contracts, self.transactions)
        if owner != self.account:
            raise Refused(f"{service} belongs to {owner}", hint="choose another sid")
        return ()

    async def publish_version(
        self, service: ServiceId, *, manifest: Digest, package: Digest, uri: str
    ) -> tuple[PublishedVersion, TransactionReceipt]:
        """Add a version to our Service."""
        mined = await self._mine(
            "publish", REGISTRY, "publishVersion", service.number, manifest, package, uri
        )
        (index,) = (
            change.index for change in self._told(mined) if isinstance(change, VersionPublished)
        )
        return PublishedVersion(service, index, manifest, package, uri), mined.receipt

    async def create_offer(
        self, service: ServiceId, terms: OfferTerms
    ) -> tuple[Offer, TransactionReceipt]:
        """Add an offer to our Service."""
        mined = await self._mine(
            "offer", REGISTRY, "createOffer", service.number, terms_struct(terms)
        )
        (index,) = (
            change.offer_index for change in self._told(mined) if isinstance(change, OfferCreated)
        )
        return Offer(service, index, terms), mined.receipt

    async def disable_offer(self, offer: Offer) -> TransactionReceipt:
        """Close an offer of ours for ever."""
        return await self._send(
            "disable", REGISTRY, "disableOffer", offer.service.number, offer.index
        )

    async def buy_pass(
        self, offer: Offer, *, beneficiary: AccountAddress, max_price: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Buy or extend a pass; from the vault if it holds the price, else approved and pulled."""
        vault, approvals = await fund(self.contracts, self.transactions, offer.terms.price)
        bought = await self._send(
            "buy_pass",
            PAY,
            "buyPassFromVault" if vault else "buyPass",
            offer.service.number,
            offer.index,
            offer.digest,
            beneficiary.raw,
            max_price.units,
            NOBODY.raw,
        )
        return (*approvals, bought)

    async def open_channel(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve tokens for one operator; from the vault if it holds them, else approved and pulled."""
        vault, approvals = await fund(self.contracts, self.transactions, amount)
        opened = await self._send(
            "open",
            PAY,
            "openFromVault" if vault else "open",
            config_struct(config),
            amount.units,
        )
        return (*approvals, opened)

    async def top_up(
        self, config: ChannelConfig, amount: TokenAmount
    ) -> Sequence[TransactionReceipt]:
        """Reserve more on an open channel, always from the wallet."""
        approvals = await approve(self.contracts, self.transactions, amount)
        raised = await self._send("top_up", PAY, "topUp", config_struct(config), amount.units)
        return (*approvals, raised)

    async def claim(self, rows: Sequence[ClaimRow]) -> TransactionReceipt:
        """Cash vouchers in one transaction; rows that no longer pay are skipped, not refused."""
        return await self._send("claim", PAY, "claim", [claim_struct(row) for row in rows])

    async def start_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Begin the payer's unilateral close."""
        return await self._send("start_close", PAY, "startClose", config_struct(config))

    async def finalize_close(self, config: ChannelConfig) -> TransactionReceipt:
        """Return the rest to the payer's vault, the delay being over."""
        return await self._send("finalize_close", PAY, "finalizeClose", config_struct(config))

    async def close_cooperative(
        self, config: ChannelConfig, final_claimed: TokenAmount, operator_signature: bytes
    ) -> TransactionReceipt:
        """Return the rest to the payer's vault at once, with the operator's signed consent."""
        return await self._send(
            "close_cooperative",
            PAY,
            "closeCooperative",
            config_struct(config),
            final_claimed.units,
            *signature_words(operator_signature),
        )

    async def collect(self, to: AccountAddress) -> TransactionReceipt:
        """Send our account's earned tokens out."""
        return await self._send("collect", PAY, "collect", to.raw)

    async def collect_service(self, service: ServiceId, to: AccountAddress) -> TransactionReceipt:
        """Send our Service's earned tokens out."""
        return await self._send("collect_service", PAY, "collectService", service.number, to.raw)

    async def withdraw(self, amount: TokenAmount, to: AccountAddress) -> TransactionReceipt:
        """Send tokens out of our vault."""
        return await self._send("withdraw", PAY, "withdraw", amount.units, to.raw)

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
