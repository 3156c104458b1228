"""One suite for every Ledger: what the market may rely on, in memory and on Ethereum."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest
from tests.conftest import ALLOWANCE, CONTRACTS, POLL_S, deploy_test_market

from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.ledger import open_ledger
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.domain.channel import (
    ChannelConfig,
    ChannelPhase,
    ChannelState,
    close_digest,
    config_for,
)
from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    KeystoreLocked,
    NotFound,
    Refused,
    TransactionReverted,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import (
    ChannelChanged,
    ClaimRow,
    Cursor,
    Ledger,
    OfferCreated,
    OfferDisabled,
    PassBought,
    PublishedService,
    PublishedVersion,
    ServiceRegistered,
    Signer,
    VersionPublished,
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


async def test_a_sid_that_nobody_took_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="is not registered"):
        await world.payer.ledger.service(WEATHER)

    assert await world.payer.ledger.versions(WEATHER) == []
    assert await world.payer.ledger.offers(WEATHER) == []


async def test_a_sid_is_taken_once_and_again_by_its_owner_for_nothing(world: World) -> None:
    first = await world.author.ledger.register(WEATHER)
    again = await world.author.ledger.register(WEATHER)

    assert [receipt.action for receipt in first] == ["approve", "commit", "register"]
    assert list(again) == []
    assert await world.payer.ledger.service(WEATHER) == PublishedService(
        WEATHER, world.author.address
    )
    with pytest.raises(Refused, match=f"{WEATHER} belongs to {world.author.address}"):
        await world.payer.ledger.register(WEATHER)


async def test_what_is_published_is_what_everybody_reads(world: World) -> None:
    offer = await published(world, METERED)
    other, _ = await world.author.ledger.create_offer(WEATHER, PASS)

    assert await world.payer.ledger.versions(WEATHER) == [
        PublishedVersion(WEATHER, 0, MANIFEST, PACKAGE, "mesg://weather")
    ]
    assert await world.payer.ledger.offers(WEATHER) == [offer, other]
    assert (offer.index, offer.terms, other.index, other.terms) == (0, METERED, 1, PASS)


async def test_only_the_owner_publishes(world: World) -> None:
    await published(world, PASS)

    with pytest.raises(TransactionReverted) as caught:
        await world.payer.ledger.publish_version(
            WEATHER, manifest=PACKAGE, package=PACKAGE, uri=""
        )

    assert caught.value.message == (
        f"publish: NotServiceOwner(serviceId={WEATHER.number}, "
        f"account={world.payer.address}, owner={world.author.address})"
    )


async def test_a_manifest_is_published_once(world: World) -> None:
    await published(world, PASS)

    with pytest.raises(TransactionReverted) as caught:
        await world.author.ledger.publish_version(
            WEATHER, manifest=MANIFEST, package=PACKAGE, uri=""
        )

    assert caught.value.message == (
        f"publish: ManifestPublished(serviceId={WEATHER.number}, "
        f"manifestHash=0x{MANIFEST.hex()}, index=0)"
    )


async def test_an_offer_needs_a_version(world: World) -> None:
    await world.author.ledger.register(WEATHER)

    with pytest.raises(TransactionReverted) as caught:
        await world.author.ledger.create_offer(WEATHER, PASS)

    assert caught.value.message == f"offer: NothingPublished(serviceId={WEATHER.number})"


async def test_a_pass_lasts_its_duration_and_adds_up(world: World) -> None:
    offer = await published(world, PASS)
    buyer, friend = world.payer.ledger, world.operator.address

    receipts = await buyer.buy_pass(offer, beneficiary=friend, max_price=TokenAmount(1_000))
    bought_at = await buyer.now_unix_s()
    once = (await buyer.held_pass(WEATHER, friend)).expires_at_unix_s
    await buyer.buy_pass(offer, beneficiary=friend, max_price=TokenAmount(1_000))

    assert [receipt.action for receipt in receipts] == ["approve", "buy_pass"]
    assert abs(once - bought_at - PASS.duration_s) <= 1
    held = await buyer.held_pass(WEATHER, friend)
    assert held.expires_at_unix_s == once + PASS.duration_s
    assert await buyer.access_until_unix_s(WEATHER, friend) == held.expires_at_unix_s
    assert await buyer.access_until_unix_s(WEATHER, world.payer.address) == 0


async def test_the_author_gets_what_the_treasury_does_not(world: World) -> None:
    offer = await published(world, PASS)
    before = await world.author.ledger.balances(world.author.address)

    await world.payer.ledger.buy_pass(
        offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000)
    )

    await world.advance(PASS.duration_s)
    await world.operator.ledger.settle_passes(WEATHER, [world.payer.address])

    treasury = await world.payer.ledger.balances(world.treasury)
    assert await world.payer.ledger.service_earned(WEATHER) == TokenAmount(970)
    assert treasury.earned == TokenAmount(30)
    await world.author.ledger.collect_service(WEATHER, world.author.address)
    after = await world.author.ledger.balances(world.author.address)
    assert after.tokens - before.tokens == TokenAmount(970)
    assert await world.payer.ledger.service_earned(WEATHER) == ZERO


async def test_nobody_pays_more_than_he_agreed_to(world: World) -> None:
    offer = await published(world, PASS)

    with pytest.raises(TransactionReverted) as caught:
        await world.payer.ledger.buy_pass(
            offer, beneficiary=world.payer.address, max_price=TokenAmount(999)
        )

    assert caught.value.message == "buy_pass: PriceTooHigh(price=1000, maxPrice=999)"


async def test_a_disabled_offer_sells_nothing_any_more(world: World) -> None:
    offer = await published(world, PASS)

    await world.author.ledger.disable_offer(offer)

    assert await world.payer.ledger.offers(WEATHER) == [replace(offer, disabled=True)]
    with pytest.raises(TransactionReverted) as caught:
        await world.payer.ledger.buy_pass(
            offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000)
        )
    assert caught.value.message == (
        f"buy_pass: OfferIsDisabled(serviceId={WEATHER.number}, offerIndex=0)"
    )


async def test_an_offer_ends_when_it_said(world: World) -> None:
    until = await world.author.ledger.now_unix_s() + DAY
    offer = await published(world, replace(PASS, valid_until_unix_s=until))

    await world.advance(DAY + 1)

    with pytest.raises(TransactionReverted, match=rf"OfferExpired\(validUntil={until}, "):
        await world.payer.ledger.buy_pass(
            offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000)
        )


async def test_an_opened_channel_holds_the_reserve(world: World) -> None:
    config = await opened(world)

    state = await world.operator.ledger.channel(config)

    assert state == ChannelState(RESERVE, ZERO, ChannelPhase.OPEN)
    absent = await world.operator.ledger.channel(replace(config, salt=Digest(bytes(32))))
    assert absent == ChannelState(ZERO, ZERO, ChannelPhase.ABSENT)
    balances = await world.payer.ledger.balances(world.payer.address)
    assert balances.tokens == ALLOWANCE - RESERVE


async def test_a_channel_opens_once(world: World) -> None:
    config = await opened(world)

    with pytest.raises(TransactionReverted) as caught:
        await world.payer.ledger.open_channel(config, RESERVE)

    channel_id = config.channel_id(world.payer.ledger.addresses.domain)
    assert caught.value.message == f"open: PhaseWrong(channelId=0x{channel_id.hex()}, phase=1)"


async def test_payer_and_operator_cannot_leave_the_author_out(world: World) -> None:
    config = replace(await opened(world), author_bps=0, salt=Digest(bytes(32)))

    with pytest.raises(TransactionReverted) as caught:
        await world.payer.ledger.open_channel(config, RESERVE)

    assert caught.value.message == (
        "open: TermsMismatch(authorBps=2000, treasuryBps=300, referrerBps=200, "
        f"closeDelay={DAY}, offerHash=0x{config.offer_digest.hex()})"
    )


async def test_a_purchase_beyond_the_wallet_is_refused_before_it_costs_anything(
    world: World,
) -> None:
    config = replace(await opened(world), salt=Digest(bytes(32)))
    too_much = ALLOWANCE + TokenAmount(1)

    with pytest.raises(InsufficientFunds) as caught:
        await world.payer.ledger.open_channel(config, too_much)

    assert caught.value.message == (
        f"{world.payer.address} holds {ALLOWANCE - RESERVE}, this takes {too_much}"
    )


async def test_a_claim_is_divided_exactly(world: World) -> None:
    config = await opened(world)

    for units in (3, 7, 10_001):
        await world.operator.ledger.claim([voucher(world, config, units)])

    operator = await world.operator.ledger.balances(world.operator.address)
    treasury = await world.operator.ledger.balances(world.treasury)
    assert await world.operator.ledger.service_earned(WEATHER) == TokenAmount(2_000)
    assert treasury.earned == TokenAmount(300)
    assert operator.earned == TokenAmount(10_001 - 2_000 - 300)
    assert await world.operator.ledger.lane_claimed(config, 0) == RESERVE


async def test_rows_that_pay_nothing_harm_no_others(world: World) -> None:
    config = await opened(world)
    good = voucher(world, config, 600)
    await world.operator.ledger.claim([good])
    forged = replace(good, voucher=replace(good.voucher, cumulative=TokenAmount(700)))
    stale, over = voucher(world, config, 599), voucher(world, config, RESERVE.units + 1)
    absent = replace(good, config=replace(config, salt=Digest(bytes(32))))

    await world.operator.ledger.claim([good, stale, forged, over, absent])
    after_bad = await world.operator.ledger.channel(config)
    await world.operator.ledger.claim([over, voucher(world, config, 800)])

    assert after_bad.claimed == TokenAmount(600)
    assert (await world.operator.ledger.channel(config)).claimed == TokenAmount(800)


async def test_lanes_count_apart_and_share_the_reserve(world: World) -> None:
    config = await opened(world)

    await world.operator.ledger.claim([voucher(world, config, 4_000)])
    await world.operator.ledger.claim([voucher(world, config, 5_000, lane=3)])
    await world.operator.ledger.claim([voucher(world, config, 5_002, lane=0)])
    await world.operator.ledger.claim([voucher(world, config, 5_001, lane=0)])

    lanes = [await world.operator.ledger.lane_claimed(config, lane) for lane in (0, 3, 4)]
    assert lanes == [TokenAmount(5_001), TokenAmount(5_000), ZERO]
    assert (await world.operator.ledger.channel(config)).unclaimed == ZERO


async def test_a_payer_leaves_alone_after_the_delay_and_the_operator_can_claim_until_then(
    world: World,
) -> None:
    config = await opened(world)

    await world.payer.ledger.start_close(config)
    closing = await world.payer.ledger.channel(config)
    with pytest.raises(
        TransactionReverted,
        match=rf"finalize_close: TooEarly\(closesAt={closing.closes_at_unix_s}",
    ):
        await world.payer.ledger.finalize_close(config)
    await world.operator.ledger.claim([voucher(world, config, 1_000)])
    await world.advance(DAY)
    await world.operator.ledger.finalize_close(config)

    closed = ChannelState(TokenAmount(1_000), TokenAmount(1_000), ChannelPhase.CLOSED)
    assert closing.phase is ChannelPhase.CLOSING
    assert await world.payer.ledger.channel(config) == closed
    await world.operator.ledger.claim([voucher(world, config, 2_000)])
    assert await world.payer.ledger.channel(config) == closed
    balances = await world.payer.ledger.balances(world.payer.address)
    assert balances.vault == TokenAmount(9_001)
    with pytest.raises(TransactionReverted, match=r"PhaseWrong\(channelId=0x\w+, phase=3\)"):
        await world.payer.ledger.open_channel(config, RESERVE)


async def test_a_top_up_never_delays_the_exit(world: World) -> None:
    config = await opened(world)
    await world.payer.ledger.start_close(config)
    closing = await world.payer.ledger.channel(config)

    await world.author.ledger.top_up(config, TokenAmount(5))

    assert await world.payer.ledger.channel(config) == replace(
        closing, reserved=RESERVE + TokenAmount(5)
    )


async def test_both_together_close_at_once(world: World) -> None:
    config = await opened(world)
    await world.operator.ledger.claim([voucher(world, config, 1_000)])
    domain = world.payer.ledger.addresses.domain
    channel_id = config.channel_id(domain)
    consent = world.operator.key.sign(close_digest(domain, channel_id, TokenAmount(1_000)))
    own = world.payer.key.sign(close_digest(domain, channel_id, TokenAmount(1_000)))

    with pytest.raises(TransactionReverted) as mismatch:
        await world.payer.ledger.close_cooperative(config, TokenAmount(999), consent)
    with pytest.raises(TransactionReverted) as forged:
        await world.payer.ledger.close_cooperative(config, TokenAmount(1_000), own)
    await world.payer.ledger.close_cooperative(config, TokenAmount(1_000), consent)

    assert mismatch.value.message == (
        "close_cooperative: FinalClaimedMismatch(claimed=1000, finalClaimed=999)"
    )
    assert forged.value.message == (
        f"close_cooperative: OperatorSignatureInvalid(channelId=0x{channel_id.hex()}, "
        f"operator={world.operator.address})"
    )
    assert (await world.payer.ledger.channel(config)).phase is ChannelPhase.CLOSED


async def test_the_vault_pays_first_and_can_be_emptied(world: World) -> None:
    config = await opened(world)
    domain = world.payer.ledger.addresses.domain
    consent = world.operator.key.sign(close_digest(domain, config.channel_id(domain), ZERO))
    await world.payer.ledger.close_cooperative(config, ZERO, consent)

    again = replace(config, salt=Digest(b"t" * 32))
    receipts = await world.payer.ledger.open_channel(again, TokenAmount(10_000))
    await world.payer.ledger.withdraw(TokenAmount(1), world.payer.address)

    assert [receipt.action for receipt in receipts] == ["open"]
    balances = await world.payer.ledger.balances(world.payer.address)
    assert (balances.vault, balances.tokens) == (ZERO, ALLOWANCE - TokenAmount(10_000))
    with pytest.raises(TransactionReverted) as caught:
        await world.payer.ledger.withdraw(TokenAmount(1), world.payer.address)
    assert caught.value.message == (
        f"withdraw: VaultTooLow(account={world.payer.address}, balance=0, needed=1)"
    )


async def test_an_operator_collects_what_he_earned_once(world: World) -> None:
    config = await opened(world)
    await world.operator.ledger.claim([voucher(world, config, 10_000)])

    await world.operator.ledger.collect(world.operator.address)

    balances = await world.operator.ledger.balances(world.operator.address)
    assert (balances.tokens, balances.earned) == (ALLOWANCE + TokenAmount(7_700), ZERO)
    with pytest.raises(TransactionReverted) as caught:
        await world.operator.ledger.collect(world.operator.address)
    assert caught.value.message == "collect: NothingEarned()"


async def test_what_happened_is_told_in_order_and_once(world: World) -> None:
    _, start = await world.payer.ledger.changes(Cursor(0))
    config = await opened(world)
    first, middle = await world.payer.ledger.changes(start)
    offer, _ = await world.author.ledger.create_offer(WEATHER, PASS)
    await world.payer.ledger.buy_pass(
        offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000)
    )
    await world.author.ledger.disable_offer(offer)
    await world.operator.ledger.claim([voucher(world, config, 5)])
    await world.payer.ledger.start_close(config)
    second, end = await world.payer.ledger.changes(middle)
    third, _ = await world.payer.ledger.changes(end)

    number, ends = (
        WEATHER.number,
        await world.payer.ledger.access_until_unix_s(WEATHER, world.payer.address),
    )
    channel_id = config.channel_id(world.payer.ledger.addresses.domain)
    assert [seen.change for seen in first] == [
        ServiceRegistered(WEATHER, world.author.address),
        VersionPublished(number, 0, MANIFEST, PACKAGE, "mesg://weather"),
        OfferCreated(number, 0, METERED),
        ChannelChanged(channel_id, "open"),
    ]
    assert [seen.change for seen in second] == [
        OfferCreated(number, 1, PASS),
        PassBought(number, world.payer.address, ends),
        OfferDisabled(number, 1),
        ChannelChanged(channel_id, "claim"),
        ChannelChanged(channel_id, "closing"),
    ]
    assert list(third) == []
    assert not any(seen.dropped for seen in (*first, *second))


@dataclass(frozen=True)
class LockedSigner:
    """A key that nobody unlocked."""

    address: AccountAddress

    def sign(self, digest: Digest) -> bytes:
        raise KeystoreLocked(f"the wallet is locked: {digest.hex()} stays unsigned")


async def test_a_locked_wallet_reads_and_does_not_write(world: World) -> None:
    config = await opened(world)
    ledger = await world.open_with(LockedSigner(world.payer.address))

    assert (await ledger.channel(config)).phase is ChannelPhase.OPEN
    with pytest.raises(KeystoreLocked, match="the wallet is locked"):
        await ledger.start_close(config)

    assert (await ledger.channel(config)).phase is ChannelPhase.OPEN
