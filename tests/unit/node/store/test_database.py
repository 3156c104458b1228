"""The database: order, isolation, cancellation, a process that is killed, a disk that refuses, and its versions."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from mesg.marketplace.domain.errors import Unavailable
from mesg.node.store.database import BATCH_MAX, Change, Database, open_database
from mesg.node.store.migrations import MIGRATIONS

NOTES = ("CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",)
ROUNDS_OF_KILLING = 10


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with open_database(tmp_path / "node.db", NOTES) as database:
        yield database


def insert(number: int, text: object = "") -> Change:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO note VALUES (?, ?)", (number, text))

    return change


def numbers(database: Database) -> list[int]:
    return [row[0] for row in database.read("SELECT number FROM note ORDER BY rowid")]


async def test_what_was_written_is_read_and_there_after_a_restart(tmp_path: Path) -> None:
    async with open_database(tmp_path / "node.db", NOTES) as database:
        await database.write(insert(1, "one"))
        assert database.read("SELECT * FROM note") == [(1, "one")]

    async with open_database(tmp_path / "node.db", NOTES) as database:
        assert database.read("SELECT * FROM note") == [(1, "one")]


async def test_changes_are_applied_in_the_order_they_were_asked_for(database: Database) -> None:
    applied: list[int] = []

    def noting(number: int) -> Change:
        def change(connection: sqlite3.Connection) -> None:
            applied.append(number)
            insert(number)(connection)

        return change

    async with trio.open_nursery() as nursery:
        asked: list[int] = []

        async def write(number: int) -> None:
            asked.append(number)
            await database.write(noting(number))

        for number in range(3 * BATCH_MAX):
            nursery.start_soon(write, number)

    assert applied == asked
    assert sorted(numbers(database)) == list(range(3 * BATCH_MAX))


async def test_a_change_that_fails_takes_back_only_itself(database: Database) -> None:
    failed: dict[int, str] = {}

    def half_done(number: int) -> Change:
        def change(connection: sqlite3.Connection) -> None:
            insert(number)(connection)
            insert(number + 1_000)(connection)
            if number % 3 == 0:
                raise ValueError(f"number {number}")
            if number % 3 == 1:
                insert(number)(connection)  # there already

        return change

    async def write(number: int) -> None:
        try:
            await database.write(half_done(number))
        except (ValueError, sqlite3.IntegrityError) as error:
            failed[number] = type(error).__name__

    async with trio.open_nursery() as nursery:
        for number in range(60):
            nursery.start_soon(write, number)

    kept = [number for number in range(60) if number % 3 == 2]
    assert sorted(numbers(database)) == kept + [number + 1_000 for number in kept]
    assert failed == {
        number: "ValueError" if number % 3 == 0 else "IntegrityError"
        for number in range(60)
        if number % 3 != 2
    }


async def test_a_cancelled_writers_change_is_applied_all_the_same(database: Database) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await database.write(insert(1))

    assert numbers(database) == [1]


async def test_a_closed_database_says_so_and_hangs_nobody(tmp_path: Path) -> None:
    async with open_database(tmp_path / "node.db", NOTES) as database:
        pass

    with pytest.raises(Unavailable, match="the database is closed"):
        await database.write(insert(1))


async def test_closing_writes_what_is_queued(tmp_path: Path) -> None:
    async with (
        trio.open_nursery() as nursery,
        open_database(tmp_path / "node.db", NOTES) as database,
    ):
        for number in range(50):
            nursery.start_soon(database.write, insert(number))
        await trio.testing.wait_all_tasks_blocked()

    async with open_database(tmp_path / "node.db", NOTES) as database:
        assert sorted(numbers(database)) == list(range(50))


async def test_a_change_that_meets_the_disks_trouble_is_unavailable_and_the_next_one_is_kept(
    database: Database,
) -> None:
    def broken(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(Unavailable, match="the database cannot be written: disk I/O error"):
        await database.write(broken)
    await database.write(insert(2))

    assert numbers(database) == [2]


WRITER = """
import sys
import trio
from mesg.node.store.database import open_database

NOTES = ("CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",)

async def main(path, first):
    async with open_database(path, NOTES) as database, trio.open_nursery() as nursery:
        async def write(start):
            number = start
            while True:
                await database.write(
                    lambda connection: connection.execute(
                        "INSERT INTO note VALUES (?, ?)", (number, "x" * 200)
                    )
                )
                print(number, flush=True)
                number += 8
        for offset in range(8):
            nursery.start_soon(write, first + offset)

from pathlib import Path
trio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
"""


async def test_a_process_that_is_killed_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    path, acknowledged, first = tmp_path / "node.db", set[int](), 0
    for round_ in range(ROUNDS_OF_KILLING):
        command = [sys.executable, "-c", WRITER, str(path), str(first)]
        process = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE)
        acknowledged |= await kill_after(process, lines=20 + 13 * round_)
        first = max(acknowledged) + 1_000

    async with open_database(path, NOTES) as database:
        kept = set(numbers(database))
        assert database.read("PRAGMA integrity_check") == [("ok",)]

    assert len(acknowledged) >= sum(20 + 13 * round_ for round_ in range(ROUNDS_OF_KILLING))
    assert acknowledged <= kept


async def kill_after(process: trio.Process, *, lines: int) -> set[int]:
    """Kill a writer without warning once it has acknowledged so many, and return all it has."""
    assert process.stdout is not None
    output = b""
    with trio.fail_after(60):
        while output.count(b"\n") < lines:
            output += await process.stdout.receive_some()
        process.send_signal(signal.SIGKILL)
        while more := await process.stdout.receive_some():
            output += more
        assert await process.wait() == -signal.SIGKILL
    await process.stdout.aclose()
    return {int(line) for line in output.split(b"\n")[:-1]}


FULL_DISK = """
import resource
import sys
from pathlib import Path
import trio
from mesg.marketplace.domain.errors import Unavailable
from mesg.node.store.database import open_database

NOTES = ("CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",)

def insert(number):
    def change(connection):
        connection.execute("INSERT INTO note VALUES (?, ?)", (number, "x" * 50_000))
    return change

async def main(path):
    async with open_database(path, NOTES) as database:
        kept, refused = [], 0
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        for number in range(60):
            try:
                await database.write(insert(number))
                kept.append(number)
            except Unavailable as error:
                assert "cannot be written" in error.message, error.message
                assert str(path.parent) in error.hint, error.hint
                refused += 1
        assert refused, "the disk was not full"
        read = [number for (number,) in database.read("SELECT number FROM note ORDER BY number")]
        assert read == kept, (read, kept)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        await database.write(insert(1_000))
        kept.append(1_000)
    async with open_database(path, NOTES) as database:
        read = [number for (number,) in database.read("SELECT number FROM note ORDER BY number")]
        assert read == kept, (read, kept)
    print("kept", len(kept), "refused", refused)

trio.run(main, Path(sys.argv[1]))
"""


async def test_a_full_disk_gives_unavailable_and_all_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    done = await trio.run_process(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "node.db")],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"kept ")


async def test_a_database_that_another_process_holds_gives_unavailable_and_recovers(
    tmp_path: Path, database: Database
) -> None:
    await database.write(set_busy_timeout(1))
    other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            Unavailable, match="the database cannot be written: database is locked"
        ):
            await database.write(insert(1))
        other.execute("ROLLBACK")
    finally:
        other.close()

    await database.write(insert(2))

    assert numbers(database) == [2]


def set_busy_timeout(milliseconds: int) -> Change:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    return change


@pytest.mark.parametrize("content", [b"this is no database" * 100, None])
async def test_what_cannot_be_opened_is_unavailable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "node.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    with pytest.raises(Unavailable, match=f"the database {path} cannot be opened"):
        async with open_database(path, NOTES):
            pass


async def test_migrations_run_once_each_from_any_version(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    steps = (*NOTES, "INSERT INTO note VALUES (7, 'from the second step');", "DELETE FROM note;")
    seen: list[list[tuple[Any, ...]]] = []

    for known in (1, 2, 2, 3):
        async with open_database(path, steps[:known]) as database:
            seen.append(database.read("SELECT number FROM note"))
            assert database.read("PRAGMA user_version") == [(known,)]

    assert seen == [[], [(7,)], [(7,)], []]


async def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    bad = (*NOTES, "INSERT INTO note VALUES (7, ''); INSERT INTO nowhere VALUES (1);")

    with pytest.raises(Unavailable, match="nowhere"):
        async with open_database(path, bad):
            pass

    async with open_database(path, NOTES) as database:
        assert numbers(database) == []


async def test_a_database_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    async with open_database(path, (*NOTES, "INSERT INTO note VALUES (7, '');")) as database:
        pass

    with pytest.raises(Unavailable, match="it is of version 2, this program knows 1"):
        async with open_database(path, NOTES):
            pass

    async with open_database(path, (*NOTES, "")) as database:
        assert numbers(database) == [7]


async def test_the_nodes_own_steps_run_from_empty_and_are_durable(tmp_path: Path) -> None:
    async with open_database(tmp_path / "node.db", MIGRATIONS) as database:
        assert database.read("PRAGMA user_version") == [(len(MIGRATIONS),)]
        assert database.read("PRAGMA journal_mode") == [("wal",)]
        assert database.read("PRAGMA synchronous") == [(2,)]
        assert database.read("PRAGMA foreign_keys") == [(1,)]
    assert [each.name for each in tmp_path.iterdir()] == ["node.db"], (
        "nothing is left open beside it"
    )
