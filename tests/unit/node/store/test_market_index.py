"""The index of the market: what the chain told is found, folded in order, and taken back with its block."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.ports import (
    Block,
    ChannelChanged,
    Cursor,
    MarketChange,
    Observed,
    OfferCreated,
    OfferDisabled,
    PassBought,
    PublishedVersion,
    ServiceRegistered,
    ServiceTransferred,
    VersionPublished,
)
from mesg.node.domain.manifest_file import read_manifest
from mesg.node.ports import Listing, ManifestSeen, MarketSeen
from mesg.node.store.database import open_database
from mesg.node.store.journal import SqliteJournal
from mesg.node.store.migrations import MIGRATIONS

ALICE, BOB = AccountAddress(b"\xa1" * 20), AccountAddress(b"\xb0" * 20)
ECHO, WEATHER = ServiceId("echo"), ServiceId("weather.acme")
METERED = OfferTerms(
    OfferKind.METERED,
    TokenAmount(2**90),
    TokenAmount(3),
    close_delay_s=3_600,
    valid_until_unix_s=2**40 - 1,
    author_bps=2_000,
    treasury_bps=300,
    referrer_bps=200,
    hosted_only=True,
)
PASS = OfferTerms(OfferKind.PASS, TokenAmount(7), duration_s=86_400, seats=1)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[SqliteJournal]:
    async with open_database(tmp_path / "node.db", MIGRATIONS) as database:
        yield SqliteJournal(database)


def block(number: int, fork: int = 0) -> Block:
    return Block(number, Digest(bytes([fork]) * 24 + number.to_bytes(8, "big")))


def seen(number: int, *changes: MarketChange, fork: int = 0) -> MarketSeen:
    """Return what one block changed, the chain ending with it."""
    observed = [Observed(one, block(number, fork), index) for index, one in enumerate(changes)]
    return MarketSeen(tuple(observed), Cursor(number + 1, (block(number, fork),)))


def version(index: int) -> VersionPublished:
    manifest, package = Digest(bytes([index]) * 32), Digest(bytes([index + 100]) * 32)
    return VersionPublished(ECHO.number, index, manifest, package, "mesg:")


def published(index: int) -> PublishedVersion:
    told = version(index)
    return PublishedVersion(ECHO, index, told.manifest, told.package, told.uri)


async def test_a_listing_is_what_the_chain_told(journal: SqliteJournal) -> None:
    await journal.save(
        seen(1, ServiceRegistered(ECHO, ALICE), version(0)),
        seen(2, OfferCreated(ECHO.number, 0, METERED), OfferCreated(ECHO.number, 1, PASS)),
        seen(
            3,
            version(1),
            PassBought(ECHO.number, BOB, 5),
            ChannelChanged(Digest(b"c" * 32), "open"),
        ),
    )

    offers = (Offer(ECHO, 0, METERED), Offer(ECHO, 1, PASS))
    listing = Listing(ECHO, ALICE, (published(0), published(1)), offers)
    assert journal.listing(ECHO) == listing
    assert listing.latest == published(1)
    assert journal.listing(WEATHER) is None
    assert journal.cursor() == Cursor(4, (block(3),))


async def test_nothing_was_read_at_first(journal: SqliteJournal) -> None:
    assert journal.cursor() is None
    assert journal.search("", most=10) == []


async def test_a_disabled_offer_is_listed_as_such(journal: SqliteJournal) -> None:
    await journal.save(
        seen(1, ServiceRegistered(ECHO, ALICE), OfferCreated(ECHO.number, 0, PASS)),
        seen(2, OfferCreated(ECHO.number, 1, METERED), OfferDisabled(ECHO.number, 0)),
    )

    listing = journal.listing(ECHO)

    assert listing is not None
    assert [offer.disabled for offer in listing.offers] == [True, False]


async def test_an_offer_that_was_never_seen_is_disabled_without_harm(
    journal: SqliteJournal,
) -> None:
    """The chain may be read from a block behind the one that made it."""
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE), OfferDisabled(ECHO.number, 0)))

    assert journal.listing(ECHO) == Listing(ECHO, ALICE, (), ())


async def test_a_transfer_changes_the_owner(journal: SqliteJournal) -> None:
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE)))
    await journal.save(seen(2, ServiceTransferred(ECHO.number, BOB)))

    listing = journal.listing(ECHO)

    assert listing is not None
    assert listing.owner == BOB


async def test_a_long_history_is_listed_by_its_newest_hundred(journal: SqliteJournal) -> None:
    changes = [OfferCreated(ECHO.number, index, PASS) for index in range(130)]
    versions = [replace(version(1), index=index) for index in range(130)]
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE), *changes, *versions))

    listing = journal.listing(ECHO)

    assert listing is not None
    assert [offer.index for offer in listing.offers] == list(range(30, 130))
    assert [one.index for one in listing.versions] == list(range(30, 130))


async def test_what_a_reorganisation_drops_is_taken_back(journal: SqliteJournal) -> None:
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE)))
    await journal.save(seen(2, ServiceTransferred(ECHO.number, BOB)))
    dropped = Observed(ServiceTransferred(ECHO.number, BOB), block(2), 0, dropped=True)
    instead = Observed(OfferCreated(ECHO.number, 0, PASS), block(2, fork=1), 0)

    await journal.save(MarketSeen((dropped, instead), Cursor(3, (block(1), block(2, fork=1)))))

    assert journal.listing(ECHO) == Listing(ECHO, ALICE, (), (Offer(ECHO, 0, PASS),))


async def test_a_drop_that_comes_late_does_not_touch_what_took_its_place(
    journal: SqliteJournal,
) -> None:
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE)))
    instead = Observed(ServiceRegistered(ECHO, BOB), block(1, fork=1), 0)
    dropped = Observed(ServiceRegistered(ECHO, ALICE), block(1), 0, dropped=True)

    await journal.save(MarketSeen((instead, dropped), Cursor(2, (block(1, fork=1),))))

    listing = journal.listing(ECHO)
    assert listing is not None
    assert listing.owner == BOB


async def test_orphans_that_nobody_tells_of_are_cleaned_up(journal: SqliteJournal) -> None:
    """The node that saw them was stopped meanwhile, and the endpoint has forgotten them."""
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE)))
    await journal.save(seen(2, OfferCreated(ECHO.number, 0, PASS)))
    await journal.save(seen(3, OfferDisabled(ECHO.number, 0)))

    await journal.save(MarketSeen((), Cursor(4, (block(2), block(3, fork=1)))))
    after_one = journal.listing(ECHO)
    await journal.save(MarketSeen((), Cursor(4, (block(2, fork=1), block(3, fork=1)))))
    after_two = journal.listing(ECHO)
    await journal.save(MarketSeen((), Cursor(4, ())))

    assert after_one == Listing(ECHO, ALICE, (), (Offer(ECHO, 0, PASS),))
    assert after_two == Listing(ECHO, ALICE, (), ())
    assert journal.listing(ECHO) == after_two, "older than what is remembered: it stays"


async def test_a_service_whose_registration_was_dropped_is_neither_listed_nor_found(
    journal: SqliteJournal,
) -> None:
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE)))
    dropped = Observed(ServiceRegistered(ECHO, ALICE), block(1), 0, dropped=True)

    await journal.save(MarketSeen((dropped,), Cursor(1, (block(0),))))

    assert journal.listing(ECHO) is None
    assert journal.search("echo", most=10) == []
    await journal.save(seen(2, ServiceRegistered(ECHO, BOB)))
    assert [one.owner for one in journal.search("echo", most=10)] == [BOB]


async def test_a_dropped_service_takes_nobodys_place_in_a_search(journal: SqliteJournal) -> None:
    gone, stays = ServiceId("a.gone"), ServiceId("b.stays")
    await journal.save(seen(1, ServiceRegistered(gone, ALICE)))
    await journal.save(seen(2, ServiceRegistered(stays, ALICE)))
    dropped = Observed(ServiceRegistered(gone, ALICE), block(1), 0, dropped=True)
    await journal.save(MarketSeen((dropped,), Cursor(3, (block(2),))))

    assert [one.service for one in journal.search("", most=1)] == [stays]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [ECHO, WEATHER]),
        ("ECHO", [ECHO]),
        ("acme", [WEATHER]),
        ("rain tomorrow", [WEATHER]),
        ("rain echo", []),
        ("forecast", [WEATHER]),
        ("storm", [WEATHER]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("w " * 50, [WEATHER]),
    ],
)
async def test_services_are_found_by_every_word_of_their_sid_and_manifest(
    journal: SqliteJournal, text: str, found: list[ServiceId]
) -> None:
    manifest = read_manifest("""
        name: Weather
        sid: weather.acme
        description: Will there be RAIN tomorrow?
        tasks: {forecast: {inputs: {}, outputs: {ok: {data: {}}}}}
        events: {storm: {data: {}}}
    """)
    await journal.save(
        seen(1, ServiceRegistered(ECHO, ALICE), ServiceRegistered(WEATHER, BOB)),
        ManifestSeen(manifest),
    )

    assert [one.service for one in journal.search(text, most=10)] == found
    assert len(journal.search(text, most=1)) == min(1, len(found))
