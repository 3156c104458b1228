"""Who owns and who holds what, as the index knows it; and the market that is read anew after an upgrade."""

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.ports import (
    Block,
    Cursor,
    MarketChange,
    Observed,
    PassBought,
    ServiceRegistered,
    ServiceTransferred,
)
from mesg.node.ports import MarketSeen
from mesg.node.store.database import open_database
from mesg.node.store.journal import SqliteJournal
from mesg.node.store.migrations import MIGRATIONS

ALICE, BOB = AccountAddress(b"\xa1" * 20), AccountAddress(b"\xb0" * 20)
ECHO, WEATHER = ServiceId("echo"), ServiceId("weather.acme")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[SqliteJournal]:
    async with open_database(tmp_path / "node.db", MIGRATIONS) as database:
        yield SqliteJournal(database)


def block(number: int, fork: int = 0) -> Block:
    return Block(number, Digest(bytes([fork]) * 24 + number.to_bytes(8, "big")))


def seen(number: int, *changes: MarketChange) -> MarketSeen:
    observed = [Observed(one, block(number), index) for index, one in enumerate(changes)]
    return MarketSeen(tuple(observed), Cursor(number + 1, (block(number),)))


async def test_holders_of_passes_are_told_once_the_first_buyer_first(
    journal: SqliteJournal,
) -> None:
    await journal.save(seen(1, PassBought(ECHO.number, BOB, 5), PassBought(ECHO.number, ALICE, 5)))
    await journal.save(
        seen(2, PassBought(ECHO.number, BOB, 9), PassBought(WEATHER.number, ALICE, 5))
    )

    assert journal.pass_holders(ECHO) == [BOB, ALICE]
    assert journal.pass_holders(WEATHER) == [ALICE]
    assert journal.pass_holders(ServiceId("other")) == []


async def test_a_purchase_that_a_reorganisation_drops_makes_no_holder(
    journal: SqliteJournal,
) -> None:
    await journal.save(seen(1, PassBought(ECHO.number, ALICE, 5)))
    await journal.save(seen(2, PassBought(ECHO.number, BOB, 5)))
    dropped = Observed(PassBought(ECHO.number, BOB, 5), block(2), 0, dropped=True)

    await journal.save(MarketSeen((dropped,), Cursor(3, (block(1), block(2, fork=1)))))

    assert journal.pass_holders(ECHO) == [ALICE]


async def test_a_purchase_in_a_block_that_vanished_untold_makes_no_holder(
    journal: SqliteJournal,
) -> None:
    await journal.save(seen(2, PassBought(ECHO.number, BOB, 5)))

    await journal.save(MarketSeen((), Cursor(3, (block(2, fork=1),))))

    assert journal.pass_holders(ECHO) == []


async def test_a_service_is_owned_by_whom_it_was_given_to_last(journal: SqliteJournal) -> None:
    await journal.save(seen(1, ServiceRegistered(ECHO, ALICE), ServiceRegistered(WEATHER, ALICE)))
    await journal.save(seen(2, ServiceTransferred(ECHO.number, BOB)))

    assert journal.owned(ALICE) == [WEATHER]
    assert journal.owned(BOB) == [ECHO]


async def test_an_upgrade_forgets_the_market_and_reads_it_anew(tmp_path: Path) -> None:
    async with open_database(tmp_path / "node.db", MIGRATIONS[:3]) as database:
        await database.write(_as_it_was_read_before)

    async with open_database(tmp_path / "node.db", MIGRATIONS) as database:
        journal = SqliteJournal(database)
        forgotten = journal.cursor(), journal.search("", most=10)
        await journal.save(
            seen(1, ServiceRegistered(ECHO, ALICE), PassBought(ECHO.number, BOB, 5))
        )

        assert forgotten == (None, [])
        assert [one.service for one in journal.search("", most=10)] == [ECHO]
        assert journal.pass_holders(ECHO) == [BOB]


def _as_it_was_read_before(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO chain_cursor VALUES (1, 2, '[]')")
    connection.execute("INSERT INTO market_name VALUES ('7', 'gone')")
    owner = f'{{"owner": "{ALICE}"}}'
    connection.execute("INSERT INTO market_change VALUES (1, 0, x'00', '7', 'owner', ?)", (owner,))
