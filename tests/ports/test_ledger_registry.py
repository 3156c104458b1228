"""What the market may rely on of every Ledger about names, versions, offers and rehearsals."""

import pytest
from tests.conftest import ALLOWANCE
from tests.ports.market_world import (
    MANIFEST,
    METERED,
    PACKAGE,
    PASS,
    WEATHER,
    World,
    opened,
    published,
    voucher,
)

from mesg.marketplace.domain.errors import (
    NotFound,
    PriceAboveMax,
    Refused,
    TransactionReverted,
)
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import (
    PublishedService,
    PublishedVersion,
)


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


async def test_a_name_costs_a_fee_that_goes_to_the_treasury(world: World) -> None:
    before = await world.author.ledger.balances(world.author.address)
    treasury = await world.author.ledger.balances(world.treasury)
    fee = await world.author.ledger.registration_fee()

    await world.author.ledger.register(WEATHER, max_fee=fee)

    after = await world.author.ledger.balances(world.author.address)
    assert fee == TokenAmount.parse("1 MESG")
    assert before.tokens - after.tokens == fee
    paid = await world.author.ledger.balances(world.treasury)
    assert paid.tokens - treasury.tokens == fee


async def test_a_name_that_costs_more_than_agreed_is_not_taken(world: World) -> None:
    for number in range(3):
        await world.author.ledger.register(ServiceId(f"name{number}"))

    with pytest.raises(PriceAboveMax, match=r"costs 1\.0"):
        await world.payer.ledger.register(WEATHER, max_fee=TokenAmount.parse("1 MESG"))

    with pytest.raises(NotFound):
        await world.payer.ledger.service(WEATHER)
    await world.advance(3_600)
    await world.payer.ledger.register(WEATHER, max_fee=TokenAmount.parse("1 MESG"))
    assert (await world.payer.ledger.service(WEATHER)).owner == world.payer.address


async def test_a_service_and_its_income_move_to_another_owner(world: World) -> None:
    config = await opened(world)
    await world.operator.ledger.claim([voucher(world, config, 10_000)])

    await world.author.ledger.transfer_service(WEATHER, world.operator.address)

    with pytest.raises(TransactionReverted, match="collect_service: NotServiceOwner"):
        await world.author.ledger.collect_service(WEATHER, world.author.address)
    await world.operator.ledger.collect_service(WEATHER, world.operator.address)
    balances = await world.operator.ledger.balances(world.operator.address)
    assert balances.tokens == ALLOWANCE + TokenAmount(2_000)


async def test_a_rehearsal_tells_what_would_be_sent_and_changes_nothing(world: World) -> None:
    rehearsal = world.author.ledger.rehearsal()

    await rehearsal.register(WEATHER)

    assert [planned.action for planned in rehearsal.planned] == ["approve", "commit", "register"]
    assert all(planned.gas > 20_000 and planned.fee_wei > 0 for planned in rehearsal.planned)
    with pytest.raises(NotFound):
        await world.author.ledger.service(WEATHER)


async def test_what_would_be_refused_is_refused_in_rehearsal(world: World) -> None:
    offer = await published(world, PASS)
    rehearsal = world.payer.ledger.rehearsal()

    with pytest.raises(TransactionReverted) as caught:
        await rehearsal.buy_pass(
            offer, beneficiary=world.payer.address, max_price=TokenAmount(999)
        )

    assert caught.value.message == "buy_pass: PriceTooHigh(price=1000, maxPrice=999)"
