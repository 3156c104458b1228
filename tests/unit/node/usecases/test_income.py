"""What authors earn: names cost a fee, passes vest, are settled in batches, cancelled, and collected to the unit."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.support.world import (
    METERED,
    PASS,
    TOKENS,
    TestNode,
    World,
    open_world,
    write_service,
)

from mesg.marketplace.domain.errors import NotEntitled, NotFound, PriceAboveMax, Refused
from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.settling.passes import ACCOUNTS_MAX, author_part
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.node.doors import TaskOrder, TaskOutput

MANIFEST = """
name: Echo
sid: echo
tasks: {say: {inputs: {}, outputs: {success: {data: {}}}}}
"""
DAY_S = 86_400
ONE = TokenAmount.parse("1 MESG")


async def say(order: TaskOrder) -> TaskOutput:
    _ = order
    return TaskOutput("success", {})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def author(world: World) -> TestNode:
    author = await world.open("author", {"echo": say})
    await world.publish(author, write_service(world.folder / "echo", MANIFEST), METERED, PASS)
    return author


@pytest.fixture
async def buyer(world: World, author: TestNode) -> TestNode:
    """Give a buyer who bought a pass of a day for 3 MESG, half a day ago."""
    _ = author
    buyer = await world.open("buyer")
    await world.settle()
    await buyer.counter.buy("echo", offer_index=1, max_price=PASS.price)
    world.market.advance(DAY_S // 2 - 1)  # its own block took a second
    await world.settle()
    return buyer


def treasury(world: World) -> TokenAmount:
    return TokenAmount(world.market.token.balance_of(world.market.treasury))


async def test_a_new_name_costs_its_fee_once(world: World) -> None:
    author = await world.open("author", {"echo": say})
    await author.counter.deploy(str(write_service(world.folder / "echo", MANIFEST)), {})
    fee = await author.counter.publish_fee("echo")

    with pytest.raises(PriceAboveMax):
        await author.counter.publish("echo", max_fee=TokenAmount(fee.units - 1))
    done = await author.counter.publish("echo", max_fee=fee)
    again = await author.counter.publish("echo", max_fee=ZERO)

    assert (fee, done.facts["fee"]) == (ONE, "1 MESG")
    assert ("fee" in again.facts, again.transactions) == (False, ())
    assert await author.counter.publish_fee("echo") == ZERO
    assert (await author.counter.balances()).tokens == TOKENS - ONE
    assert treasury(world) == ONE


async def test_nobody_is_told_a_fee_for_somebody_elses_name(
    world: World, author: TestNode
) -> None:
    _ = author
    other = await world.open("other", {"echo": say})
    await other.counter.deploy(str(world.folder / "echo"), {})

    with pytest.raises(Refused, match="echo belongs to 0x"):
        await other.counter.publish_fee("echo")


async def test_earnings_tell_where_income_lies(author: TestNode, buyer: TestNode) -> None:
    _ = buyer
    told = await author.counter.earnings(None)

    (echo,) = told.services
    assert (echo.sid, echo.passes, echo.collectable) == ("echo", 1, ZERO)
    assert echo.vested + echo.held == PASS.price
    assert echo.vested == TokenAmount.parse("1.5 MESG")
    assert (told.account, told.unclaimed) == (ZERO, ZERO)
    assert (await author.counter.earnings("echo")).services == told.services
    with pytest.raises(NotEntitled):
        await buyer.counter.earnings("echo")
    assert (await buyer.counter.earnings(None)).services == ()


async def test_earnings_tell_of_vouchers_that_are_not_claimed(
    world: World, author: TestNode
) -> None:
    caller = await world.open("caller")
    await world.settle()
    await caller.counter.open_channel("echo", amount=ONE, peer=None)
    await caller.call("echo", "say", {})

    assert (await author.counter.earnings(None)).unclaimed == METERED.price
    await author.counter.claim()
    assert (await author.counter.earnings(None)).unclaimed == ZERO


async def test_settling_makes_collectable_what_was_vested(
    author: TestNode, buyer: TestNode
) -> None:
    _ = buyer
    done = await author.counter.settle("echo")

    (echo,) = (await author.counter.earnings(None)).services
    assert done.facts == {"settled": "1.5 MESG", "passes": "1"}
    assert TokenAmount.parse("1.5 MESG") <= echo.collectable < TokenAmount.parse("1.501 MESG")


async def test_collecting_settles_first_and_brings_all_that_was_earned(
    world: World, author: TestNode, buyer: TestNode
) -> None:
    _ = buyer
    world.market.advance(DAY_S)
    before = (await author.counter.balances()).tokens

    done = await author.counter.collect()

    assert [one.action for one in done.transactions] == ["settle_passes", "collect_service"]
    assert done.facts["collected"] == "3 MESG"
    assert (await author.counter.balances()).tokens == before + PASS.price
    again = await author.counter.collect()
    assert (again.transactions, again.facts["collected"]) == ((), "0 MESG")


async def test_nothing_is_settled_where_nothing_was_earned(author: TestNode) -> None:
    done = await author.counter.settle()

    assert (done.transactions, done.facts) == ((), {"settled": "0 MESG", "passes": "0"})


async def test_a_cancelled_pass_gives_back_what_it_did_not_earn(
    world: World, author: TestNode, buyer: TestNode
) -> None:
    held = await buyer.counter.pass_of("echo", None)

    done = await buyer.counter.cancel_pass("echo")
    await buyer.counter.withdraw()

    refunded = TokenAmount.parse(done.facts["refunded"])
    assert (held.is_running, held.offer_index) == (True, 1)
    assert TokenAmount.parse("1.4999 MESG") < refunded <= held.refundable
    assert (await buyer.counter.balances()).tokens == TOKENS - PASS.price + refunded
    await world.settle()
    collected = (await author.counter.collect()).facts["collected"]
    assert TokenAmount.parse(collected) + refunded == PASS.price
    assert not (await buyer.counter.pass_of("echo", None)).is_running
    with pytest.raises(NotEntitled):
        await buyer.counter.deploy("echo", {})


async def test_passes_of_many_are_settled_in_several_transactions(
    world: World, author: TestNode
) -> None:
    rich = await world.open("rich")
    await world.settle()
    holders = [AccountAddress(number.to_bytes(20, "big")) for number in range(1, ACCOUNTS_MAX + 2)]
    for holder in holders:
        await rich.counter.buy("echo", offer_index=1, max_price=PASS.price, beneficiary=holder)
    world.market.advance(2 * DAY_S)
    await world.settle()

    done = await author.counter.settle()

    assert [one.action for one in done.transactions] == ["settle_passes"] * 2
    assert done.facts["passes"] == str(len(holders))
    (echo,) = (await author.counter.earnings("echo")).services
    assert (echo.collectable, echo.passes) == (PASS.price.times(len(holders)), 0)


async def test_a_gift_is_its_receivers_and_its_referrer_earns_at_once(
    world: World, author: TestNode
) -> None:
    terms = OfferTerms(
        OfferKind.PASS, TokenAmount.parse("4"), duration_s=DAY_S, referrer_bps=2_500, seats=1
    )
    await author.counter.create_offer("echo", terms)
    giver, friend, scout = [await world.open(name) for name in ("giver", "friend", "scout")]
    await world.settle()

    done = await giver.counter.buy(
        "echo",
        offer_index=2,
        max_price=terms.price,
        beneficiary=friend.account,
        referrer=scout.account,
    )

    assert done.facts["for"] == str(friend.account)
    assert (await friend.counter.pass_of("echo", None)).is_running
    assert not (await giver.counter.pass_of("echo", None)).is_running
    assert (await scout.counter.earnings(None)).account == ONE
    assert (await giver.counter.pass_of("echo", friend.account)).refundable <= TokenAmount.parse(
        "3"
    )


async def test_a_service_is_given_away_with_its_income(
    world: World, author: TestNode, buyer: TestNode
) -> None:
    done = await author.counter.transfer_service("echo", buyer.account)
    world.market.advance(DAY_S)
    await world.settle()

    assert done.facts == {"sid": "echo", "to": str(buyer.account), "uncollected": "0 MESG"}
    assert (await author.counter.collect()).transactions == ()
    assert (await buyer.counter.collect()).facts["collected"] == "3 MESG"
    with pytest.raises(NotEntitled):
        await author.counter.transfer_service("echo", buyer.account)


async def test_a_service_is_not_given_to_nobody_nor_to_oneself(author: TestNode) -> None:
    places = author.ledger.addresses

    for nobody in (AccountAddress(bytes(20)), places.pay, places.token, places.registry):
        with pytest.raises(Refused, match="nobody who could own"):
            await author.counter.transfer_service("echo", nobody)
    with pytest.raises(Refused, match="yours already"):
        await author.counter.transfer_service("echo", author.account)


async def test_a_disabled_offer_sells_no_more(
    world: World, author: TestNode, buyer: TestNode
) -> None:
    await author.counter.disable_offer("echo", 1)
    await world.settle()

    with pytest.raises(Refused):
        await buyer.counter.buy("echo", offer_index=1, max_price=PASS.price)
    with pytest.raises(NotFound):
        await author.counter.disable_offer("echo", 9)
    with pytest.raises(NotEntitled):
        await buyer.counter.disable_offer("echo", 0)
    assert (await buyer.counter.pass_of("echo", None)).is_running


async def test_a_seat_lets_another_account_use_and_deploy_what_was_bought(
    world: World, author: TestNode
) -> None:
    terms = OfferTerms(OfferKind.PASS, ONE, duration_s=DAY_S, seats=2)
    await author.counter.create_offer("echo", terms)
    buyer, mate = await world.open("buyer"), await world.open("mate", {"echo": say})
    await world.settle()
    await buyer.counter.buy("echo", offer_index=2, max_price=ONE)

    given = await buyer.counter.give_seat("echo", number=1, account=mate.account)
    await world.settle()
    deployed = await mate.counter.deploy("echo", {})
    called = await mate.call("echo", "say", {}, max_price=ZERO, peer=author_peer(author))

    assert given.facts == {"sid": "echo", "seat": "1", "account": str(mate.account)}
    assert deployed.deployment.origin == "bought"
    assert called.execution.outputs == {}
    await mate.counter.take_seat("echo", holder=buyer.account, number=1)
    assert await expiry(mate.ledger, mate.account) > 0
    await mate.counter.leave_seat("echo")
    assert await expiry(mate.ledger, mate.account) == 0
    await buyer.counter.give_seat("echo", number=1, account=mate.account)
    await buyer.counter.give_seat("echo", number=1, account=None)
    assert await expiry(mate.ledger, mate.account) == 0


def author_peer(author: TestNode) -> object:
    return author.assembly.parts.network.peer


async def expiry(ledger: MemoryLedger, account: AccountAddress) -> int:
    return await ledger.access_until_unix_s(ServiceId("echo"), account)


@pytest.mark.parametrize(
    ("shares", "part"),
    [
        ([], 0),
        ([(0, 0)], 1_000),
        ([(1_000, 0)], 900),
        ([(1_000, 5_000)], 800),
        ([(0, 0), (2_500, 0)], 750),
    ],
)
def test_the_authors_part_of_what_vested_is_never_told_too_high(
    shares: list[tuple[int, int]], part: int
) -> None:
    offers = [
        Offer(
            ServiceId("echo"),
            index,
            OfferTerms(
                OfferKind.PASS,
                ONE,
                duration_s=1,
                treasury_bps=treasury_bps,
                referrer_bps=referrer_bps,
                seats=1,
            ),
        )
        for index, (treasury_bps, referrer_bps) in enumerate(shares)
    ]

    assert author_part(TokenAmount(1_000), offers) == TokenAmount(part)
