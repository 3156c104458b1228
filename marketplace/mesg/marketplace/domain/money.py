"""Amounts of MESG tokens: whole numbers of the smallest unit, never floats."""

import re
from dataclasses import dataclass
from typing import Self

from mesg.marketplace.domain.errors import InvalidInput

SYMBOL = "MESG"
DECIMALS = 18
UNITS_MAX = 2**128 - 1
"""The contracts keep amounts in 128 bits; the whole supply is below 2^88."""

_UNITS = re.compile(r"[0-9]{1,40}")
_AMOUNT = re.compile(r"(\d{1,30})(?:\.(\d{1,18}))?(?:\s*MESG)?")


@dataclass(frozen=True, slots=True, order=True)
class TokenAmount:
    """A quantity of tokens in units of 10^-18 MESG; 0 <= units < 2^128."""

    units: int

    def __post_init__(self) -> None:
        """Refuse what the contracts could not hold."""
        if not 0 <= self.units <= UNITS_MAX:
            raise InvalidInput(f"an amount must be between 0 and 2^128-1 units, not {self.units}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1.5`, `1.5 MESG` or `12 units`; raise InvalidInput for anything else."""
        digits = text.removesuffix(" units")
        if digits != text and _UNITS.fullmatch(digits) is not None:
            return cls(int(digits))
        found = _AMOUNT.fullmatch(text.strip())
        if found is None or not text.isascii():
            raise InvalidInput(
                f"{text[:40]!r} is not an amount", hint='write it as "0.5" or "0.5 MESG"'
            )
        whole, fraction = found.group(1), found.group(2) or ""
        return cls(int(whole) * 10**DECIMALS + int(fraction.ljust(DECIMALS, "0")))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a big-endian number of at most 16 bytes."""
        if len(raw) > 16:
            raise InvalidInput(f"an amount has at most 16 bytes, not {len(raw)}")
        return cls(int.from_bytes(raw, "big"))

    def to_bytes(self) -> bytes:
        """Return the shortest big-endian form; zero is empty."""
        return self.units.to_bytes((self.units.bit_length() + 7) // 8, "big")

    def __add__(self, other: Self) -> Self:
        """Return the sum."""
        return type(self)(self.units + other.units)

    def __sub__(self, other: Self) -> Self:
        """Return the difference; raise InvalidInput if it would be negative."""
        return type(self)(self.units - other.units)

    def times(self, count: int) -> Self:
        """Return this amount `count` times."""
        return type(self)(self.units * count)

    def __bool__(self) -> bool:
        """Tell whether there is anything at all."""
        return self.units > 0

    def __str__(self) -> str:
        """Show it as people write it: `1.5 MESG`, every digit kept."""
        whole, fraction = divmod(self.units, 10**DECIMALS)
        digits = f"{fraction:018d}".rstrip("0")
        return f"{whole}.{digits} {SYMBOL}" if digits else f"{whole} {SYMBOL}"


ZERO = TokenAmount(0)
