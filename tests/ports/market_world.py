"""Two worlds for one suite: the Ledger in memory and on Ethereum, with an author, a payer and an operator."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from tests.conftest import ALLOWANCE, CONTRACTS, POLL_S, deploy_test_market

from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.ledger import open_ledger
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.domain.channel import (
    ChannelConfig,
    config_for,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import (
    ClaimRow,
    Ledger,
    Signer,
)
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.marketplace.testing.memory_market import MemoryMarket

DAY = 86_400
WEATHER = ServiceId("weather.acme")
MANIFEST, PACKAGE = Digest(b"m" * 32), Digest(b"p" * 32)
PASS = OfferTerms(
    OfferKind.PASS, TokenAmount(1_000), duration_s=30 * DAY, treasury_bps=300, seats=2
)
METERED = OfferTerms(
    OfferKind.METERED,
    TokenAmount(7),
    close_delay_s=DAY,
    author_bps=2_000,
    treasury_bps=300,
    referrer_bps=200,
)
RESERVE = TokenAmount(10_001)


@dataclass(frozen=True)
class Account:
    """Somebody in the market, with a ledger that writes in his name."""

    key: AccountKey
    ledger: Ledger

    @property
    def address(self) -> AccountAddress:
        return self.key.address


@dataclass(frozen=True)
class World:
    """A market and the people in it; time passes when a test says so."""

    author: Account
    payer: Account
    operator: Account
    treasury: AccountAddress
    open_with: Callable[[Signer], Awaitable[Ledger]]
    advance: Callable[[int], Awaitable[None]]


@pytest.fixture(params=["memory", pytest.param("ethereum", marks=pytest.mark.chain)])
async def world(request: pytest.FixtureRequest) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        open_world = _memory_world if request.param == "memory" else _ethereum_world
        yield await open_world(stack)


async def _memory_world(stack: AsyncExitStack) -> World:
    market = MemoryMarket()
    keys = [AccountKey.from_bytes(bytes((n,)) * 32) for n in (1, 2, 3)]
    for key in keys:
        market.fund(key.address, ALLOWANCE)

    async def open_with(signer: Signer) -> Ledger:
        return MemoryLedger(market, signer)

    async def advance(seconds: int) -> None:
        market.advance(seconds)

    author, payer, operator = [Account(key, await open_with(key)) for key in keys]
    return World(author, payer, operator, market.treasury, open_with, advance)


async def _ethereum_world(stack: AsyncExitStack) -> World:
    chain = await stack.enter_async_context(open_devchain(CONTRACTS))
    addresses = await deploy_test_market(chain)
    rpc = await stack.enter_async_context(open_rpc(chain.url))
    keys = [AccountKey.from_bytes(raw) for raw in chain.private_keys]

    async def open_with(signer: Signer) -> Ledger:
        opened = open_ledger([chain.url], addresses, signer, poll_s=POLL_S)
        return await stack.enter_async_context(opened)

    async def advance(seconds: int) -> None:
        await rpc.call("evm_increaseTime", seconds)
        await rpc.call("evm_mine")

    author, payer, operator = [Account(key, await open_with(key)) for key in keys[1:4]]
    return World(author, payer, operator, keys[-1].address, open_with, advance)


async def published(world: World, terms: OfferTerms) -> Offer:
    await world.author.ledger.register(WEATHER)
    await world.author.ledger.publish_version(
        WEATHER, manifest=MANIFEST, package=PACKAGE, uri="mesg://weather"
    )
    offer, _ = await world.author.ledger.create_offer(WEATHER, terms)
    return offer


async def opened(world: World) -> ChannelConfig:
    offer = await published(world, METERED)
    config = config_for(
        offer,
        payer=world.payer.address,
        signer=world.payer.address,
        operator=world.operator.address,
        salt=Digest(b"s" * 32),
    )
    await world.payer.ledger.open_channel(config, RESERVE)
    return config


def voucher(world: World, config: ChannelConfig, units: int, *, lane: int = 0) -> ClaimRow:
    domain = world.payer.ledger.addresses.domain
    promise = Voucher(config.channel_id(domain), lane, TokenAmount(units))
    return ClaimRow(config, promise.signed(world.payer.key.sign(promise.digest(domain))))
