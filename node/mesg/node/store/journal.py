"""The node's Journal on SQLite: what is saved together is kept together, durably, or not at all."""

import sqlite3
from collections.abc import Sequence
from typing import assert_never

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.lanes import GivenLane, TakenLane
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ChannelKept, Cursor, GivenStep, TakenStep
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import Deployment
from mesg.node.ports import (
    DeploymentForgotten,
    ExecutionKept,
    Listing,
    ManifestSeen,
    MarketSeen,
    Record,
)
from mesg.node.store import market_index, rows
from mesg.node.store.database import Database

EVENTS_KEPT_MAX = 10_000
"""Of each Service; a subscriber that was away longer is told how many it missed."""


class SqliteJournal:
    """Implements `Journal` on an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, *entries: Record) -> None:
        """Return once all entries are on disk together."""

        def change(connection: sqlite3.Connection) -> None:
            for entry in entries:
                _save(connection, entry)

        await self._database.write(change)

    def execution(self, execution: Digest) -> ExecutionKept | None:
        """Return what was last saved of an execution."""
        found = self._database.read("SELECT * FROM execution WHERE id = ?", execution)
        if not found:
            return None
        receipt = self._database.read("SELECT * FROM receipt WHERE execution = ?", execution)
        return ExecutionKept(
            rows.execution_from(found[0]), rows.receipt_from(receipt[0]) if receipt else None
        )

    def executions(self, *, most: int) -> Sequence[ExecutionKept]:
        """Return the newest executions, the newest first."""
        query = "SELECT id FROM execution ORDER BY created_at_unix_ns DESC LIMIT ?"
        found = (self.execution(Digest(id_)) for (id_,) in self._database.read(query, most))
        return [kept for kept in found if kept is not None]

    def unfinished(self) -> Sequence[Execution]:
        """Return the executions that had not ended."""
        query = "SELECT * FROM execution WHERE state IN ('created', 'running')"
        return [rows.execution_from(row) for row in self._database.read(query)]

    def deployments(self) -> Sequence[Deployment]:
        """Return the Services on this node."""
        query = "SELECT * FROM deployment ORDER BY service"
        return [rows.deployment_from(row) for row in self._database.read(query)]

    def events(self, service: ServiceId, *, after: int, most: int) -> Sequence[ServiceEvent]:
        """Return a Service's kept events behind a sequence, oldest first."""
        query = "SELECT * FROM event WHERE service = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        found = self._database.read(query, service.sid, after, most)
        return [rows.event_from(row) for row in found]

    def last_event(self, service: ServiceId) -> int:
        """Return the sequence of a Service's newest event."""
        query = "SELECT COALESCE(MAX(sequence), 0) FROM event WHERE service = ?"
        return int(self._database.read(query, service.sid)[0][0])

    def channels(self) -> Sequence[ChannelKept]:
        """Return the channels that concern us."""
        return [rows.channel_from(row) for row in self._database.read("SELECT * FROM channel")]

    def given_lanes(self) -> Sequence[GivenLane]:
        """Return the lanes we pay on."""
        return [
            GivenLane(
                channel=Digest(row[0]),
                lane=row[1],
                reserved=_amount(row[2]),
                promised=_amount(row[3]),
                charged=_amount(row[4]),
                clean_calls=row[5],
                in_flight=self._flight("given_flight", row[0], row[1]),
            )
            for row in self._database.read("SELECT * FROM given_lane")
        ]

    def taken_lanes(self) -> Sequence[TakenLane]:
        """Return the lanes we are paid on."""
        return [
            TakenLane(
                channel=Digest(row[0]),
                lane=row[1],
                reserved=_amount(row[2]),
                voucher=_voucher(row[0], row[1], row[3], row[4]),
                charged=_amount(row[5]),
                at_work=self._flight("taken_flight", row[0], row[1]),
                earned=_voucher(row[0], row[1], row[6], row[7]),
            )
            for row in self._database.read("SELECT * FROM taken_lane")
        ]

    def cursor(self) -> Cursor | None:
        """Return how far the chain was read."""
        return market_index.cursor(self._database)

    def listing(self, service: ServiceId) -> Listing | None:
        """Return a Service of the market."""
        return market_index.listing(self._database, service)

    def search(self, text: str, *, most: int) -> Sequence[Listing]:
        """Return Services that have the words."""
        return market_index.search(self._database, text, most=most)

    def owned(self, account: AccountAddress) -> Sequence[ServiceId]:
        """Return the Services of the market that belong to an account."""
        return market_index.owned(self._database, account)

    def pass_holders(self, service: ServiceId) -> Sequence[AccountAddress]:
        """Return the accounts that ever had a pass for a Service."""
        return market_index.pass_holders(self._database, service)

    def _flight(
        self, table: str, channel: bytes, lane: int
    ) -> tuple[tuple[Digest, TokenAmount], ...]:
        query = f"SELECT execution, most FROM {table} WHERE channel = ? AND lane = ?"  # noqa: S608
        found = self._database.read(query, channel, lane)
        return tuple((Digest(execution), _amount(most)) for execution, most in found)


def _save(connection: sqlite3.Connection, entry: Record) -> None:
    match entry:
        case ExecutionKept():
            rows.put(connection, "execution", *rows.execution_row(entry.execution))
            if entry.receipt is not None:
                rows.put(connection, "receipt", *rows.receipt_row(entry.receipt))
        case GivenStep() | TakenStep():
            _save_step(connection, entry)
        case ChannelKept():
            rows.put(connection, "channel", *rows.channel_row(entry))
        case ServiceEvent():
            rows.put(connection, "event", *rows.event_row(entry))
            oldest = entry.sequence - EVENTS_KEPT_MAX
            query = "DELETE FROM event WHERE service = ? AND sequence <= ?"
            connection.execute(query, (entry.service.sid, oldest))
        case Deployment():
            rows.put(connection, "deployment", *rows.deployment_row(entry))
        case DeploymentForgotten(service=service):
            connection.execute("DELETE FROM deployment WHERE service = ?", (service.sid,))
        case MarketSeen():
            market_index.save(connection, entry)
        case ManifestSeen(manifest=manifest):
            market_index.save_words(connection, manifest)
        case _:
            assert_never(entry)


def _save_step(connection: sqlite3.Connection, step: GivenStep | TakenStep) -> None:
    lane = step.lane
    if isinstance(lane, GivenLane):
        flight, tail = "given_flight", (str(lane.charged.units), lane.clean_calls)
        head: tuple[object, ...] = (str(lane.promised.units),)
        rows.put(
            connection,
            "given_lane",
            lane.channel,
            lane.lane,
            str(lane.reserved.units),
            *head,
            *tail,
        )
    else:
        flight = "taken_flight"
        head = (*_voucher_row(lane.voucher), str(lane.charged.units), *_voucher_row(lane.earned))
        rows.put(
            connection, "taken_lane", lane.channel, lane.lane, str(lane.reserved.units), *head
        )
    if step.opened is not None:
        execution, most = step.opened
        rows.put(connection, flight, lane.channel, lane.lane, execution, str(most.units))
    if step.closed is not None:
        query = f"DELETE FROM {flight} WHERE channel = ? AND lane = ? AND execution = ?"  # noqa: S608
        connection.execute(query, (lane.channel, lane.lane, step.closed))


def _voucher_row(voucher: Voucher | None) -> tuple[str, bytes]:
    return (str(voucher.cumulative.units), voucher.signature) if voucher else ("0", b"")


def _voucher(channel: bytes, lane: int, promised: str, signature: bytes) -> Voucher | None:
    amount = _amount(promised)
    return Voucher(Digest(channel), lane, amount, signature) if amount else None


def _amount(text: str) -> TokenAmount:
    return TokenAmount(int(text)) if text != "0" else ZERO
