"""The money's durable memory: what is kept of channels and lanes, and the port that keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.lanes import GivenLane, TakenLane
from mesg.marketplace.domain.money import TokenAmount


class ChannelRole(StrEnum):
    """Which side of a channel we are."""

    PAYER = "payer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class ChannelKept:
    """A channel that concerns us, by its terms; all else is derived or asked of the chain."""

    channel: Digest
    role: ChannelRole
    config: ChannelConfig
    is_closing: bool = False
    """Nothing more is promised or admitted on it, whatever the chain still says."""


@dataclass(frozen=True, slots=True)
class GivenStep:
    """One step of a lane we pay on: the lane after it, and the call it put in or took out of flight."""

    lane: GivenLane
    opened: tuple[Digest, TokenAmount] | None = None
    closed: Digest | None = None


@dataclass(frozen=True, slots=True)
class TakenStep:
    """One step of a lane we are paid on: the lane after it, and the call that started or ended."""

    lane: TakenLane
    opened: tuple[Digest, TokenAmount] | None = None
    closed: Digest | None = None


BookEntry = ChannelKept | GivenStep | TakenStep


class Books(Protocol):
    """The money's durable memory. What `save` was given together is kept together or not at all."""

    async def save(self, *entries: BookEntry) -> None:
        """Return once the entries are on disk for good; raise Unavailable, and keep none of them."""
        ...

    def channels(self) -> Sequence[ChannelKept]:
        """Return the channels that concern us."""
        ...

    def given_lanes(self) -> Sequence[GivenLane]:
        """Return the lanes we pay on, as last saved."""
        ...

    def taken_lanes(self) -> Sequence[TakenLane]:
        """Return the lanes we are paid on, as last saved."""
        ...
