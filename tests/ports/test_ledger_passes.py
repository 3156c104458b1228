"""What the market may rely on of every Ledger about passes, their seats, and the vault that pays for them."""

from dataclasses import replace

import pytest
from tests.conftest import ALLOWANCE
from tests.ports.market_world import DAY, PASS, WEATHER, World, published

from mesg.marketplace.domain.errors import (
    TransactionReverted,
)
from mesg.marketplace.domain.identity import NOBODY
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import (
    Cursor,
    PassBought,
    PassCancelled,
    SeatChanged,
    ServiceTransferred,
)


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


async def test_a_pass_is_earned_as_its_time_goes_by(world: World) -> None:
    offer = await published(world, PASS)
    await world.payer.ledger.buy_pass(
        offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000)
    )

    held = await world.payer.ledger.held_pass(WEATHER, world.payer.address)
    assert held.earned + held.refundable == TokenAmount(1_000)
    assert held.earned.units <= 2
    await world.advance(PASS.duration_s // 2)
    half = await world.payer.ledger.held_pass(WEATHER, world.payer.address)

    assert half.earned + half.refundable == TokenAmount(1_000)
    assert abs(half.earned.units - 500) <= 2  # author and treasury round apart
    assert half.offer_index == offer.index


async def test_a_cancelled_pass_pays_back_what_it_did_not_earn(world: World) -> None:
    offer = await published(world, PASS)
    buyer = world.payer.ledger
    await buyer.buy_pass(offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000))
    await world.advance(PASS.duration_s // 4)

    await buyer.cancel_pass(WEATHER)

    vault = (await buyer.balances(world.payer.address)).vault
    earned = await buyer.service_earned(WEATHER)
    treasury = (await buyer.balances(world.treasury)).earned
    assert vault + earned + treasury == TokenAmount(1_000)
    assert abs(vault.units - 750) <= 1
    assert await buyer.access_until_unix_s(WEATHER, world.payer.address) == 0
    with pytest.raises(TransactionReverted, match="cancel_pass: PassUnknown"):
        await buyer.cancel_pass(WEATHER)


async def test_who_referred_the_buyer_is_paid_at_once_and_for_good(world: World) -> None:
    offer = await published(world, replace(PASS, referrer_bps=1_000))
    buyer, referrer = world.payer.ledger, world.operator.address
    await buyer.buy_pass(
        offer,
        beneficiary=world.payer.address,
        max_price=TokenAmount(1_000),
        referrer=referrer,
    )

    assert (await buyer.balances(referrer)).earned == TokenAmount(100)
    held = await buyer.held_pass(WEATHER, world.payer.address)
    assert held.earned + held.refundable == TokenAmount(900)


async def test_other_terms_follow_and_strangers_may_not_choose_them(world: World) -> None:
    month = await published(world, PASS)
    week, _ = await world.author.ledger.create_offer(WEATHER, replace(PASS, duration_s=7 * DAY))
    buyer, payer = world.payer.ledger, world.payer.address
    price = TokenAmount(1_000)
    await buyer.buy_pass(month, beneficiary=payer, max_price=price)
    once = await buyer.access_until_unix_s(WEATHER, payer)

    with pytest.raises(TransactionReverted, match="buy_pass: GiftOfOtherTerms"):
        await world.operator.ledger.buy_pass(week, beneficiary=payer, max_price=price)
    await buyer.buy_pass(week, beneficiary=payer, max_price=price)
    with pytest.raises(TransactionReverted, match="buy_pass: PassTermsQueued"):
        await buyer.buy_pass(month, beneficiary=payer, max_price=price)

    assert await buyer.access_until_unix_s(WEATHER, payer) == once + 7 * DAY
    await world.advance(31 * DAY)
    await buyer.settle_passes(WEATHER, [payer])
    running = await buyer.held_pass(WEATHER, payer)
    assert running.offer_index == week.index
    assert await buyer.service_earned(WEATHER) + running.refundable > price


async def test_a_seat_lets_another_account_in_until_it_is_taken_away(world: World) -> None:
    offer = await published(world, PASS)
    holder, guest = world.payer.ledger, world.operator
    await holder.buy_pass(offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000))
    ends = await holder.access_until_unix_s(WEATHER, world.payer.address)

    await holder.give_seat(WEATHER, 1, guest.address)
    assert await holder.access_until_unix_s(WEATHER, guest.address) == ends
    await guest.ledger.leave_seat(WEATHER)
    assert await holder.access_until_unix_s(WEATHER, guest.address) == 0
    await holder.give_seat(WEATHER, 1, guest.address)
    await holder.give_seat(WEATHER, 1, NOBODY)

    assert await holder.access_until_unix_s(WEATHER, guest.address) == 0
    with pytest.raises(TransactionReverted) as caught:
        await holder.give_seat(WEATHER, 2, guest.address)
    assert caught.value.message == "seat: SeatUnknown(number=2, seats=2)"


async def test_what_happens_to_passes_is_told(world: World) -> None:
    offer = await published(world, PASS)
    buyer, payer = world.payer.ledger, world.payer.address
    _, start = await buyer.changes(Cursor(0))
    await buyer.buy_pass(offer, beneficiary=payer, max_price=TokenAmount(1_000))
    ends = await buyer.access_until_unix_s(WEATHER, payer)
    await buyer.give_seat(WEATHER, 1, world.operator.address)
    await world.operator.ledger.leave_seat(WEATHER)
    await buyer.cancel_pass(WEATHER)
    await world.author.ledger.transfer_service(WEATHER, payer)

    seen, _ = await buyer.changes(start)

    number = WEATHER.number
    assert [one.change for one in seen] == [
        PassBought(number, payer, ends),
        SeatChanged(number, world.operator.address),  # given
        SeatChanged(number, world.operator.address),  # and taken
        SeatChanged(number, world.operator.address),  # left
        PassCancelled(number, payer),
        ServiceTransferred(number, payer),
    ]


async def test_the_vault_is_filled_and_pays_for_passes(world: World) -> None:
    offer = await published(world, PASS)
    buyer = world.payer.ledger

    deposited = await buyer.deposit(TokenAmount(1_500))
    bought = await buyer.buy_pass(
        offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000)
    )

    assert [receipt.action for receipt in deposited] == ["approve", "deposit"]
    assert [receipt.action for receipt in bought] == ["buy_pass"]
    balances = await buyer.balances(world.payer.address)
    assert (balances.vault, balances.tokens) == (
        TokenAmount(500),
        ALLOWANCE - TokenAmount(1_500),
    )


async def test_what_was_approved_needs_no_approval(world: World) -> None:
    offer = await published(world, PASS)
    buyer = world.payer.ledger

    approved = await buyer.approve(TokenAmount(5_000))
    rehearsal = buyer.rehearsal()
    await rehearsal.buy_pass(offer, beneficiary=world.payer.address, max_price=TokenAmount(1_000))

    assert approved.action == "approve"
    assert rehearsal.planned[-1].action == "buy_pass"


async def test_nobody_is_moved_off_his_seat_by_a_stranger_nor_kept_on_it(world: World) -> None:
    offer = await published(world, PASS)
    price = TokenAmount(1_000)
    stranger, holder, guest = world.author, world.payer, world.operator
    for buyer in (stranger, holder):
        await buyer.ledger.buy_pass(offer, beneficiary=buyer.address, max_price=price)
    await world.advance(60)
    await holder.ledger.buy_pass(offer, beneficiary=holder.address, max_price=price)
    longer = await guest.ledger.access_until_unix_s(WEATHER, holder.address)
    await stranger.ledger.give_seat(WEATHER, 1, guest.address)

    await holder.ledger.give_seat(WEATHER, 1, guest.address)
    shorter = await guest.ledger.access_until_unix_s(WEATHER, guest.address)
    await guest.ledger.take_seat(WEATHER, holder.address, 1)

    assert shorter < longer
    assert await guest.ledger.access_until_unix_s(WEATHER, guest.address) == longer
    with pytest.raises(TransactionReverted, match="take_seat: SeatNotGiven"):
        await stranger.ledger.take_seat(WEATHER, holder.address, 1)


async def test_a_gift_in_front_of_a_purchase_stops_it(world: World) -> None:
    offer = await published(world, PASS)
    buyer, price = world.payer.ledger, TokenAmount(1_000)
    now = await buyer.now_unix_s()
    await world.operator.ledger.buy_pass(offer, beneficiary=world.payer.address, max_price=price)

    with pytest.raises(TransactionReverted, match="buy_pass: StartsTooLate"):
        await buyer.buy_pass(
            offer,
            beneficiary=world.payer.address,
            max_price=price,
            starts_by_unix_s=now + 3_600,
        )


async def test_nothing_is_sent_to_the_market_itself(world: World) -> None:
    payer = world.payer.ledger
    await payer.deposit(TokenAmount(5))

    with pytest.raises(TransactionReverted, match="withdraw: RecipientInvalid"):
        await payer.withdraw(TokenAmount(5), payer.addresses.pay)

    assert (await payer.balances(world.payer.address)).vault == TokenAmount(5)
