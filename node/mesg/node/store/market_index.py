"""The market as the chain tells it, kept for search: changes in order, folded into listings when asked.

A reorganisation takes changes back by deleting their rows; nothing derived can go stale.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

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
    PassCancelled,
    PublishedVersion,
    SeatChanged,
    ServiceRegistered,
    ServiceTransferred,
    VersionPublished,
)
from mesg.node.domain.manifest import Manifest
from mesg.node.ports import Listing, MarketSeen
from mesg.node.store import rows
from mesg.node.store.database import Database

_LISTED_MAX = 100
"""Newest versions and offers of one Service that a listing shows."""

_WORDS_MAX = 10
_SEARCH = (
    "SELECT market_name.sid FROM market_name LEFT JOIN market_text USING (sid)"
    " WHERE EXISTS (SELECT 1 FROM market_change AS told"
    " WHERE told.service_number = market_name.service_number AND told.kind = 'owner')"
    " {has_words} ORDER BY market_name.sid LIMIT ?"
)


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
                versions.append(_version(service, change))
            case "offer":
                offers[int(change["index"])] = _offer(service, change)
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


def _drop_orphans(connection: sqlite3.Connection, cursor: Cursor) -> None:
    """Forget changes of blocks that are on the chain no more, even if nobody could tell of them."""
    if not cursor.recent:
        return
    kept = [block.digest for block in cursor.recent]
    marks = ",".join("?" * len(kept))
    query = f"DELETE FROM market_change WHERE block >= ? AND block_digest NOT IN ({marks})"  # noqa: S608
    connection.execute(query, (cursor.recent[0].number, *kept))


def _save_observed(connection: sqlite3.Connection, observed: Observed) -> None:
    block, change = observed.block, observed.change
    if observed.dropped:
        query = "DELETE FROM market_change WHERE block = ? AND log_index = ? AND block_digest = ?"
        connection.execute(query, (block.number, observed.log_index, block.digest))
        return
    if isinstance(change, ServiceRegistered):
        rows.put(connection, "market_name", str(change.service.number), change.service.sid)
    facts = _facts(change)
    if facts is not None:
        number, kind, text = facts
        at = (block.number, observed.log_index, block.digest)
        rows.put(connection, "market_change", *at, str(number), kind, json.dumps(text))


def _facts(change: MarketChange) -> tuple[int, str, dict[str, str]] | None:
    match change:
        case ServiceRegistered():
            return change.service.number, "owner", {"owner": str(change.owner)}
        case ServiceTransferred():
            return change.service_number, "owner", {"owner": str(change.owner)}
        case VersionPublished():
            return change.service_number, "version", _version_text(change)
        case OfferCreated():
            return change.service_number, "offer", _offer_text(change)
        case OfferDisabled():
            return change.service_number, "disabled", {"index": str(change.offer_index)}
        case PassBought() | PassCancelled() | SeatChanged() | ChannelChanged():
            return None


def _version_text(change: VersionPublished) -> dict[str, str]:
    return {
        "index": str(change.index),
        "manifest": change.manifest.hex(),
        "package": change.package.hex(),
        "uri": change.uri,
    }


def _version(service: ServiceId, change: dict[str, str]) -> PublishedVersion:
    return PublishedVersion(
        service=service,
        index=int(change["index"]),
        manifest=Digest(bytes.fromhex(change["manifest"])),
        package=Digest(bytes.fromhex(change["package"])),
        uri=change["uri"],
    )


def _offer_text(change: OfferCreated) -> dict[str, str]:
    terms = change.terms
    return {
        "index": str(change.offer_index),
        "kind": str(int(terms.kind)),
        "price": str(terms.price.units),
        "price_per_event": str(terms.price_per_event.units),
        "duration_s": str(terms.duration_s),
        "close_delay_s": str(terms.close_delay_s),
        "valid_until_unix_s": str(terms.valid_until_unix_s),
        "author_bps": str(terms.author_bps),
        "treasury_bps": str(terms.treasury_bps),
        "referrer_bps": str(terms.referrer_bps),
        "hosted_only": "1" if terms.hosted_only else "",
        "seats": str(terms.seats),
    }


def _offer(service: ServiceId, change: dict[str, str]) -> Offer:
    terms = OfferTerms(
        kind=OfferKind(int(change["kind"])),
        price=TokenAmount(int(change["price"])),
        price_per_event=TokenAmount(int(change["price_per_event"])),
        duration_s=int(change["duration_s"]),
        close_delay_s=int(change["close_delay_s"]),
        valid_until_unix_s=int(change["valid_until_unix_s"]),
        author_bps=int(change["author_bps"]),
        treasury_bps=int(change["treasury_bps"]),
        referrer_bps=int(change["referrer_bps"]),
        hosted_only=bool(change["hosted_only"]),
        seats=int(change["seats"]),
    )
    return Offer(service, int(change["index"]), terms)
