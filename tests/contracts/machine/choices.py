"""What rules draw: people, amounts relative to what there is, times."""

from enum import StrEnum

from hypothesis import strategies as st
from tests.contracts.machine.market import ALICE, AUTHOR, BOB, CAROL, DAVE, MAPMAKER, PEOPLE
from tests.contracts.model.names import HOUR_S
from tests.contracts.model.offers import DAY_S

from mesg.marketplace.domain.identity import NOBODY


class Size(StrEnum):
    """An amount, relative to what is available."""

    ONE = "one"
    SOME = "some"
    ALL = "all"
    MORE = "one too many"
    NOTHING = "nothing"
    HUGE = "does not fit"

    def of(self, available: int) -> int:
        """Return the amount."""
        match self:
            case Size.ONE:
                return 1
            case Size.SOME:
                return max(1, available // 3)
            case Size.ALL:
                return available
            case Size.MORE:
                return available + 1
            case Size.NOTHING:
                return 0
            case Size.HUGE:
                return 2**96


people = st.sampled_from(PEOPLE)
people_or_nobody = st.sampled_from((*PEOPLE, NOBODY))
signing_people = st.sampled_from((ALICE, BOB, CAROL, DAVE, AUTHOR, MAPMAKER))
payers = st.sampled_from((ALICE, BOB))
operators = st.sampled_from((CAROL, DAVE))
referrers = st.sampled_from((NOBODY, DAVE, ALICE))
numbers = st.integers(0, 99)
sizes = st.sampled_from((Size.SOME, Size.ONE, Size.ALL, *Size))
lanes = st.sampled_from((0, 0, 1, 2**32 - 1))
seconds = st.sampled_from((1, 10, 49, 50, 500, 997, HOUR_S - 1, HOUR_S, DAY_S))
mostly = st.sampled_from((True, True, True, False))
"""True three times out of four."""
rarely = st.sampled_from((False, False, False, True))
