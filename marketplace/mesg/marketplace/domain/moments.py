"""Times and lengths of time as people read them; no clock here."""

from datetime import UTC, datetime
from itertools import pairwise

UNIX_S_MAX = 253_402_300_799
"""The last second of the year 9999: what comes later is for ever."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def span_text(seconds: int) -> str:
    """Return a length of time by its two largest units: `3 h 12 min`; rounded up to the smaller one."""
    for (large, size), (small, part) in pairwise(_UNITS):
        if seconds >= size:
            whole, rest = divmod(seconds + part - 1, size)
            return (
                f"{whole} {large} {rest // part} {small}" if rest >= part else f"{whole} {large}"
            )
    return f"{max(seconds, 0)} s"


def moment_text(unix_s: int) -> str:
    """Return a time as `2026-11-21 14:05:00 UTC`."""
    if not 0 <= unix_s <= UNIX_S_MAX:
        return "the end of time"
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
