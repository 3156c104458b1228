"""A market to be measured: a development chain, its accounts, and one way to send what is measured."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN, Contracts
from mesg.marketplace.chain.deployment import deploy_market
from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.registration import commitment
from mesg.marketplace.chain.rpc import JsonRpc, open_rpc
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.chain.values import config_struct, terms_struct
from mesg.marketplace.domain.channel import ChannelConfig, config_for
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher

POLL_S = 0.005
DAY = 86_400
FUNDS = TokenAmount.parse("1000000")
SERVICE = ServiceId("weather.acme")
SALT = Digest(b"\x5a" * 32)
METERED = OfferTerms(
    OfferKind.METERED,
    TokenAmount.parse("0.01"),
    close_delay_s=DAY,
    author_bps=2_000,
    treasury_bps=300,
)
PASS = OfferTerms(
    OfferKind.PASS, TokenAmount.parse("3"), duration_s=30 * DAY, treasury_bps=300, seats=1
)
Steps = dict[str, int]
"""Gas by what was done; the same name again overwrites."""


@dataclass(slots=True)
class Measured:
    """Everybody in the market; each transaction's gas is what its receipt says."""

    contracts: Contracts
    accounts: Sequence[Transactions]
    keys: Sequence[AccountKey]

    @property
    def author(self) -> Transactions:
        """Who publishes."""
        return self.accounts[1]

    @property
    def payer(self) -> Transactions:
        """Who pays."""
        return self.accounts[2]

    @property
    def operator(self) -> Transactions:
        """Who serves."""
        return self.accounts[3]

    async def send(
        self, sender: Transactions, contract: str, name: str, *arguments: object
    ) -> int:
        """Send one transaction; return its gas."""
        data = function(contract, name).call(*arguments)
        place = self.contracts.address_of(contract)
        return (await sender.send(place, data, action=name)).receipt.gas_used

    async def approve(self, sender: Transactions, contract: str, amount: TokenAmount) -> int:
        """Approve exactly; return its gas."""
        place = self.contracts.address_of(contract)
        return await self.send(sender, TOKEN, "approve", place.raw, amount.units)

    def config(self, offer: Offer, number: int, operator: AccountAddress) -> ChannelConfig:
        """Return the terms of one of many channels of the payer."""
        signer = AccountKey.from_bytes(_bytes32(number + 1)).address
        payer = self.payer.signer.address
        salt = Digest(SALT[:31] + bytes([number % 255 + 1]))
        return config_for(offer, payer=payer, signer=signer, operator=operator, salt=salt)

    def voucher(self, config: ChannelConfig, number: int, cumulative: TokenAmount) -> object:
        """Return `MesgPay.Claim` for a voucher on lane 0 of that channel."""
        domain = self.contracts.addresses.domain
        promise = Voucher(config.channel_id(domain), 0, cumulative)
        signature = AccountKey.from_bytes(_bytes32(number + 1)).sign(promise.digest(domain))
        struct = config_struct(config)
        return (struct, 0, cumulative.units, signature[:32], signature[32:])

    async def pass_time(self, seconds: int) -> None:
        """Let the chain's clock run."""
        await self.contracts.rpc.call("evm_increaseTime", seconds)
        await self.contracts.rpc.call("evm_mine")

    async def publish(self, steps: Steps) -> tuple[Offer, Offer]:
        """Register, publish and offer; return the metered offer and the pass."""
        fee = TokenAmount.parse("2")
        author = self.author.signer.address
        await self.approve(self.author, REGISTRY, fee)
        promise = commitment(SERVICE, author, SALT)
        steps["commit to a name"] = await self.send(self.author, REGISTRY, "commit", promise)
        await self.contracts.rpc.call("evm_mine")
        steps["register a name"] = await self.send(
            self.author, REGISTRY, "register", SERVICE.sid, SALT, fee.units
        )
        uri = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqab"
        steps["publish a version"] = await self.send(
            self.author, REGISTRY, "publishVersion", SERVICE.number, SALT, SALT, uri
        )
        steps["create an offer"] = await self.send(
            self.author, REGISTRY, "createOffer", SERVICE.number, terms_struct(METERED)
        )
        await self.send(self.author, REGISTRY, "createOffer", SERVICE.number, terms_struct(PASS))
        return Offer(SERVICE, 0, METERED), Offer(SERVICE, 1, PASS)

    async def warm_up(self) -> None:
        """Put something everywhere, so that what is measured is an ordinary day and not the first."""
        amount = TokenAmount.parse("1000")
        for account in self.accounts[1:6]:
            await self.approve(account, PAY, amount)
            await self.send(account, PAY, "deposit", amount.units)


@asynccontextmanager
async def open_market(cache: Path) -> AsyncGenerator[Measured]:
    """Start a chain, deploy the market and fund everybody; the last account is the treasury."""
    async with open_devchain(cache) as chain, open_rpc(chain.url) as rpc:
        keys = [AccountKey.from_bytes(raw) for raw in chain.private_keys]
        accounts = [_transactions(rpc, key, chain.chain_id) for key in keys]
        market = await deploy_market(
            accounts[0], treasury=keys[-1].address, supply_to=keys[0].address
        )
        measured = Measured(Contracts(rpc, market), accounts, keys)
        for key in keys[1:-1]:
            await measured.send(accounts[0], TOKEN, "transfer", key.address.raw, FUNDS.units)
        await measured.warm_up()
        yield measured


def _transactions(rpc: JsonRpc, key: AccountKey, chain_id: int) -> Transactions:
    return Transactions(rpc, key, chain_id, poll_s=POLL_S)


def _bytes32(number: int) -> bytes:
    return number.to_bytes(32, "big")
