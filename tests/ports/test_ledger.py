"""What the market may rely on of every Ledger about channels, money and what happened."""

from dataclasses import dataclass, replace

import pytest
from tests.conftest import ALLOWANCE
from tests.ports.market_world import (
    DAY,
    MANIFEST,
    METERED,
    PACKAGE,
    PASS,
    RESERVE,
    WEATHER,
    World,
    opened,
    voucher,
)

from mesg.marketplace.domain.channel import (
    ChannelPhase,
    ChannelState,
    close_digest,
)
from mesg.marketplace.domain.errors import (
    InsufficientFunds,
    KeystoreLocked,
    TransactionReverted,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import (
    ChannelChanged,
    Cursor,
    OfferCreated,
    OfferDisabled,
    PassBought,
    ServiceRegistered,
    VersionPublished,
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
