"""SQLite for a trio program: one writer thread with group commit, point reads on the loop.

Durability: WAL with `synchronous=FULL`; `write` returns after the commit that holds its change is on
disk. Changes are committed in the order they were asked for.
"""

import queue
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from mesg.marketplace.domain.errors import Unavailable

BATCH_MAX = 256
"""Changes in one commit; more would only delay the first of them."""
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=1",
    "busy_timeout=5000",
    "temp_store=MEMORY",
    "cache_size=-16000",
)

Change = Callable[[sqlite3.Connection], None]


@dataclass(slots=True)
class _Pending:
    change: Change
    done: trio.Event = field(default_factory=trio.Event)
    error: BaseException | None = None


class Database:
    """One open database; made by `open_database`."""

    def __init__(self, path: Path, migrations: tuple[str, ...]) -> None:
        self._path = path
        self._is_closed = False
        self._token = trio.lowlevel.current_trio_token()
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._reads = _connect(path)
        _migrate(self._reads, migrations)
        self._thread = threading.Thread(target=self._write_all, name="database", daemon=True)
        self._thread.start()

    def read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Return the rows of a quick query; it sees all that `write` has returned for."""
        return self._reads.execute(query, values).fetchall()

    async def write(self, change: Change) -> None:
        """Apply a change and return once it is durable; raise what it raised, or Unavailable.

        A change that fails takes back only itself. The wait is shielded: a cancelled caller never
        leaves an unknown outcome behind.
        """
        if self._is_closed:
            raise Unavailable("the database is closed")
        pending = _Pending(change)
        self._queue.put(pending)
        with trio.CancelScope(shield=True):
            await pending.done.wait()
        if isinstance(pending.error, sqlite3.OperationalError):
            raise Unavailable(
                f"the database cannot be written: {pending.error}",
                hint=f"check the disk that holds {self._path.parent}",
            ) from pending.error
        if pending.error is not None:
            raise pending.error

    async def aclose(self) -> None:
        """Write what is queued and close."""
        self._is_closed = True
        self._queue.put(None)
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self._thread.join)
        self._reads.close()

    def _write_all(self) -> None:
        connection = _connect(self._path)
        try:
            while batch := self._next_batch():
                _commit(connection, batch)
                self._token.run_sync_soon(_wake, batch)
        finally:
            connection.close()

    def _next_batch(self) -> list[_Pending]:
        batch: list[_Pending] = []
        entry = self._queue.get()
        while entry is not None:
            batch.append(entry)
            if len(batch) == BATCH_MAX or self._queue.empty():
                return batch
            entry = self._queue.get()
        if batch:  # the end was asked for behind these: write them, then meet the end again
            self._queue.put(None)
        return batch


@asynccontextmanager
async def open_database(path: Path, migrations: tuple[str, ...]) -> AsyncGenerator[Database]:
    """Open (or make, or bring up to date) the database; raise Unavailable if it cannot be."""
    try:
        database = Database(path, migrations)
    except sqlite3.Error as error:
        raise Unavailable(f"the database {path} cannot be opened: {error}") from error
    try:
        yield database
    finally:
        await database.aclose()


def _commit(connection: sqlite3.Connection, batch: list[_Pending]) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        for pending in batch:
            _apply(connection, pending)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        with suppress(sqlite3.Error):  # the thread must live: everybody waits for it
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        for pending in batch:
            pending.error = pending.error or error


def _apply(connection: sqlite3.Connection, pending: _Pending) -> None:
    connection.execute("SAVEPOINT change")
    try:
        pending.change(connection)
    except sqlite3.OperationalError:
        raise  # the disk's trouble is everybody's in this batch
    except Exception as error:  # noqa: BLE001
        # A change is foreign code to this thread: its error belongs to its caller, not to us.
        pending.error = error
        connection.execute("ROLLBACK TO change")
    connection.execute("RELEASE change")


def _wake(batch: list[_Pending]) -> None:
    for pending in batch:
        pending.done.set()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _migrate(connection: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    (done,) = connection.execute("PRAGMA user_version").fetchone()
    if done > len(migrations):
        raise sqlite3.DatabaseError(
            f"it is of version {done}, this program knows {len(migrations)}; use a newer mesg"
        )
    for number in range(done, len(migrations)):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{migrations[number]}\nPRAGMA user_version = {number + 1};\nCOMMIT;"
        )
