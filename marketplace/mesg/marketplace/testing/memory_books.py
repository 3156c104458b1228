"""The money's books in memory: `MemoryBooks`, a twin of the journal that can be told to refuse."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import trio

from mesg.marketplace.domain.errors import Unavailable
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.lanes import GivenLane, TakenLane
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import BookEntry, ChannelKept, GivenStep, TakenStep

_Flight = dict[Digest, TokenAmount]


@dataclass(slots=True)
class MemoryBooks:
    """Implements `Books`. Like the journal it keeps calls by their steps, not by the lane's own word."""

    is_full: bool = False
    """Whether the disk refuses."""
    _channels: dict[Digest, ChannelKept] = field(default_factory=dict)
    _given: dict[tuple[Digest, int], tuple[GivenLane, _Flight]] = field(default_factory=dict)
    _taken: dict[tuple[Digest, int], tuple[TakenLane, _Flight]] = field(default_factory=dict)

    async def save(self, *entries: BookEntry) -> None:
        """Keep the entries; raise Unavailable, and keep none of them, while the disk is full."""
        await trio.lowlevel.checkpoint()
        if self.is_full:
            raise Unavailable("the disk is full")
        for entry in entries:
            self._keep(entry)

    def channels(self) -> Sequence[ChannelKept]:
        """Return the channels that concern us."""
        return list(self._channels.values())

    def given_lanes(self) -> Sequence[GivenLane]:
        """Return the lanes we pay on."""
        return [
            replace(one, in_flight=tuple(calls.items())) for one, calls in self._given.values()
        ]

    def taken_lanes(self) -> Sequence[TakenLane]:
        """Return the lanes we are paid on."""
        return [replace(one, at_work=tuple(calls.items())) for one, calls in self._taken.values()]

    def _keep(self, entry: BookEntry) -> None:
        match entry:
            case ChannelKept(channel=channel):
                self._channels[channel] = entry
            case GivenStep(lane=given):
                key = given.channel, given.lane
                _, calls = self._given.get(key, (given, {}))
                self._given[key] = given, _after(calls, entry)
            case TakenStep(lane=taken):
                key = taken.channel, taken.lane
                _, calls = self._taken.get(key, (taken, {}))
                self._taken[key] = taken, _after(calls, entry)


def _after(calls: _Flight, step: GivenStep | TakenStep) -> _Flight:
    opened = dict([step.opened]) if step.opened else {}
    return {id_: most for id_, most in {**calls, **opened}.items() if id_ != step.closed}
