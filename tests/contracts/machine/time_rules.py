"""Time passes, at random or exactly to where something ends."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.model.channels import Phase
from tests.contracts.model.offers import CENTURY_S


class TimeRules(MarketMachine):
    """Nobody acts."""

    @rule(seconds=choices.seconds)
    def time_passes(self, seconds: int) -> None:
        self.wait(seconds=seconds)

    @rule(blocks=st.sampled_from((1, 7_199, 7_200, 7_201)))
    def blocks_pass(self, blocks: int) -> None:
        self.wait(seconds=1, blocks=blocks)

    @rule(number=choices.numbers, off=st.sampled_from((-1, 0, 0, 1)))
    def it_is_just_then(self, number: int, off: int) -> None:
        """Go to the second in which something ends, or beside it."""
        ends = sorted(end for end in self._ends() if self.now < end < self.now + CENTURY_S // 2)
        if ends:
            self.wait(seconds=max(0, ends[number % len(ends)] + off - self.now))

    def _ends(self) -> set[int]:
        channels = self.world.channels.channels.values()
        passes = self.world.passes.running.values()
        return {
            *(each.closes_at_unix_s for each in channels if each.phase is Phase.CLOSING),
            *(term.end for purchases in passes for term in purchases.terms()),
            *(offer.terms.valid_until for offer in self.world.offers.offers.values()),
        }
