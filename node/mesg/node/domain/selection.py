"""Which of several operators to ask first: fewer recent failures, then price, then latency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mesg.marketplace.domain.identity import PeerId
from mesg.node.domain.advert import Advert

LATENCY_WEIGHT = 0.2
"""Of the newest measurement in the moving average."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What this node has seen of another, good calls washing out bad ones."""

    latency_s: float = 0.0
    failures: int = 0


def learned(before: Experience, *, latency_s: float | None) -> Experience:
    """Return the experience after one more call; None for a call that failed."""
    if latency_s is None:
        return Experience(before.latency_s, before.failures + 1)
    known = before.latency_s or latency_s
    average = known + LATENCY_WEIGHT * (latency_s - known)
    return Experience(average, before.failures // 2)


def rank(adverts: Sequence[Advert], experience: Mapping[PeerId, Experience]) -> list[Advert]:
    """Return the adverts of nodes that run the Service, the best first."""

    def key(advert: Advert) -> tuple[int, int, float, PeerId]:
        seen = experience.get(advert.peer, Experience())
        return seen.failures, advert.price_per_call.units, seen.latency_s, advert.peer

    return sorted((advert for advert in adverts if advert.runs), key=key)
