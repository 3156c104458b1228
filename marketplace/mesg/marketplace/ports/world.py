"""What the market needs of its machine: the time, and a key; adapters implement these."""

from typing import Protocol

from mesg.marketplace.domain.identity import AccountAddress, Digest


class Clock(Protocol):
    """The time of day; deadlines use the event loop's own clock instead."""

    def now_unix_s(self) -> int:
        """Return seconds since 1970."""
        ...

    def now_unix_ns(self) -> int:
        """Return nanoseconds since 1970."""
        ...


class Signer(Protocol):
    """The account's key, wherever it is kept."""

    @property
    def address(self) -> AccountAddress:
        """The account, known even while the key is locked."""
        ...

    def sign(self, digest: Digest) -> bytes:
        """Return the 64-byte signature (EIP-2098); raise KeystoreLocked without a password."""
        ...
