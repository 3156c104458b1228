"""The values inside JSON answers: amounts as whole units, times in RFC 3339, hashes as 0x-hex."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mesg.marketplace.domain.money import DECIMALS, SYMBOL, TokenAmount

API_VERSION = "v1"
Shape = dict[str, Any]


def versioned(shape: Mapping[str, Any]) -> Shape:
    """Return an answer that says which version of the shapes it follows."""
    return {"apiVersion": API_VERSION, **shape}


def listed(items: Iterable[Mapping[str, Any]]) -> Shape:
    """Return a versioned list."""
    return versioned({"items": list(items)})


def amount(value: TokenAmount) -> Shape:
    """Return an amount: a decimal string of the smallest units, its symbol and decimals."""
    return {"amount": str(value.units), "symbol": SYMBOL, "decimals": DECIMALS}


def ether(wei: int) -> Shape:
    """Return an amount of the chain's own coin."""
    return {"amount": str(wei), "symbol": "ETH", "decimals": 18}


def hash_text(digest: bytes | None) -> str | None:
    """Return 0x-hex, None for nothing."""
    return None if digest is None else f"0x{digest.hex()}"


def time_s(unix_s: int) -> str | None:
    """Return RFC 3339 in UTC, None for 0."""
    return None if unix_s == 0 else f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def time_ns(unix_ns: int) -> str | None:
    """Return RFC 3339 in UTC with microseconds, None for 0."""
    if unix_ns == 0:
        return None
    seconds, rest = divmod(unix_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}Z"
