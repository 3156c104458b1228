"""Times as people write them: 30s, 5m, 24h, 30d."""

import re

from mesg.marketplace.domain.errors import InvalidInput

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhdw]?)")


def seconds_of(text: str) -> float:
    """Return the seconds; a bare number is seconds."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise InvalidInput(
            f"{text[:40]!r} is not a duration", hint="write it as 30s, 5m, 24h, 30d"
        )
    return float(found.group(1)) * _UNITS[found.group(2) or "s"]


def whole_seconds_of(text: str) -> int:
    """Return whole seconds."""
    return round(seconds_of(text))
