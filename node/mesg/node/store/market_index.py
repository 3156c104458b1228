"""The market as the chain tells it, kept for search: changes in order, folded into listings when asked.

A reorganisation takes changes back by deleting their rows; nothing derived can go stale.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import (
    Block,
    Cursor,
    Observed,
    PassBought,
    PublishedVersion,
    ServiceRegistered,
)
from mesg.node.domain.manifest import Manifest
from mesg.node.ports import Listing, MarketSeen
from mesg.node.store import rows
from mesg.node.store.database import Database
from mesg.node.store.market_facts import facts_of, offer_from, version_from

_LISTED_MAX = 100
"""Newest versions and offers of one Service that a listing shows."""

_WORDS_MAX = 10
_SEARCH = (
    "SELECT market_name.sid FROM market_name LEFT JOIN market_text USING (sid)"
    " WHERE EXISTS (SELECT 1 FROM market_change AS told"
    " WHERE told.service_number = market_name.service_number AND told.kind = 'owner')"
    " {has_words} ORDER BY market_name.sid LIMIT ?"
)
_OWNED = (
    "SELECT sid FROM market_name WHERE (SELECT change FROM market_change AS told"
    " WHERE told.service_number = market_name.service_number AND told.kind = 'owner'"
    " ORDER BY block DESC, log_index DESC LIMIT 1) = ? ORDER BY sid"
)
_HOLDERS = (
    "SELECT account FROM market_pass WHERE service_number = ?"
    " GROUP BY account ORDER BY MIN(block), MIN(log_index)"
)
_TABLES = ("market_change", "market_pass")
"""What a reorganisation takes back."""


def save(connection: sqlite3.Connection, seen: MarketSeen) -> None:
    """Keep what happened and how far the chain was read, together."""
    for observed in seen.observed:
        _save_observed(connection, observed)
    _drop_orphans(connection, seen.cursor)
    recent = [[block.number, block.digest.hex()] for block in seen.cursor.recent]
    rows.put(connection, "chain_cursor", 1, seen.cursor.next_block, json.dumps(recent))


def save_words(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Make a Service findable by what its manifest says."""
    parts = [manifest.service.sid, manifest.name, manifest.description]
    for task in manifest.tasks:
        parts += [task.key, task.name, task.description]
    for event in manifest.events:
        parts += [event.key, event.name, event.description]
    rows.put(connection, "market_text", manifest.service.sid, " ".join(parts).lower())


def cursor(database: Database) -> Cursor | None:
    """Return how far the chain was read."""
    found = database.read("SELECT next_block, recent FROM chain_cursor")
    if not found:
        return None
    recent = json.loads(found[0][1])
    return Cursor(found[0][0], tuple(Block(n, Digest(bytes.fromhex(h))) for n, h in recent))


def listing(database: Database, service: ServiceId) -> Listing | None:
    """Return a Service as the chain tells it."""
    query = (
        "SELECT kind, change FROM market_change WHERE service_number = ? ORDER BY block, log_index"
    )
    owner: AccountAddress | None = None
    versions: list[PublishedVersion] = []
    offers: dict[int, Offer] = {}
    for kind, text in database.read(query, str(service.number)):
        change = json.loads(text)
        match kind:
            case "owner":
                owner = AccountAddress.parse(change["owner"])
            case "version":
                versions.append(version_from(service, change))
            case "offer":
                offers[int(change["index"])] = offer_from(service, change)
            case _:
                index = int(change["index"])
                if index in offers:  # the chain may have been read from behind its creation
                    offers[index] = replace(offers[index], disabled=True)
    if owner is None:
        return None
    kept = sorted(offers.values(), key=lambda offer: offer.index)[-_LISTED_MAX:]
    return Listing(service, owner, tuple(versions[-_LISTED_MAX:]), tuple(kept))


def search(database: Database, text: str, *, most: int) -> Sequence[Listing]:
    """Return Services that have every word of the text in their sid or manifest."""
    words = text.lower().split()[:_WORDS_MAX]
    has_word = " AND instr(COALESCE(words, market_name.sid), ?) > 0"
    query = _SEARCH.format(has_words=has_word * len(words))
    found = database.read(query, *words, most)
    listings = (listing(database, ServiceId(sid)) for (sid,) in found)
    return [one for one in listings if one is not None]


def owned(database: Database, account: AccountAddress) -> Sequence[ServiceId]:
    """Return the Services whose newest owner is that account."""
    found = database.read(_OWNED, json.dumps({"owner": str(account)}))
    return [ServiceId(sid) for (sid,) in found]


def pass_holders(database: Database, service: ServiceId) -> Sequence[AccountAddress]:
    """Return the accounts that ever had a pass, the first buyer first."""
    found = database.read(_HOLDERS, str(service.number))
    return [AccountAddress(raw) for (raw,) in found]


def _drop_orphans(connection: sqlite3.Connection, cursor: Cursor) -> None:
    """Forget changes of blocks that are on the chain no more, even if nobody could tell of them."""
    if not cursor.recent:
        return
    kept = [block.digest for block in cursor.recent]
    marks = ",".join("?" * len(kept))
    for table in _TABLES:
        query = f"DELETE FROM {table} WHERE block >= ? AND block_digest NOT IN ({marks})"  # noqa: S608
        connection.execute(query, (cursor.recent[0].number, *kept))


def _save_observed(connection: sqlite3.Connection, observed: Observed) -> None:
    block, change = observed.block, observed.change
    if observed.dropped:
        for table in _TABLES:
            query = f"DELETE FROM {table} WHERE block = ? AND log_index = ? AND block_digest = ?"  # noqa: S608
            connection.execute(query, (block.number, observed.log_index, block.digest))
        return
    if isinstance(change, ServiceRegistered):
        rows.put(connection, "market_name", str(change.service.number), change.service.sid)
    at = (block.number, observed.log_index, block.digest)
    if isinstance(change, PassBought):
        rows.put(connection, "market_pass", *at, str(change.service_number), change.account.raw)
    facts = facts_of(change)
    if facts is not None:
        number, kind, text = facts
        rows.put(connection, "market_change", *at, str(number), kind, json.dumps(text))
