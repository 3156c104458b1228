"""The in-memory market that other tests run on does what the contracts do: same money, same refusals."""

from collections.abc import Callable

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test
from tests.contracts.machine.channel_rules import ChannelRules
from tests.contracts.machine.claim_rules import ClaimRules
from tests.contracts.machine.close_rules import CloseRules
from tests.contracts.machine.market import prepare
from tests.contracts.machine.name_rules import NameRules
from tests.contracts.machine.offer_rules import OfferRules
from tests.contracts.machine.profiles import PROFILE, ROUNDS
from tests.contracts.machine.seat_rules import SeatRules
from tests.contracts.machine.tally import Tally
from tests.contracts.machine.time_rules import TimeRules
from tests.contracts.machine.twin import Twin
from tests.contracts.machine.wallet_rules import WalletRules

pytestmark = pytest.mark.chain


class TwinMachine(
    WalletRules,
    NameRules,
    OfferRules,
    ChannelRules,
    CloseRules,
    ClaimRules,
    SeatRules,
    TimeRules,
    Twin,
):
    """Everything that the twin knows."""


def test_the_twin_does_what_the_contracts_do(
    record_property: Callable[[str, object], None],
) -> None:
    TwinMachine.market, TwinMachine.tally = prepare(), Tally()

    for number in ROUNDS[::3]:
        run_state_machine_as_test(seed(number)(TwinMachine), settings=PROFILE)

    record_property("figures", "\n".join(TwinMachine.tally.lines()))
    assert (
        TwinMachine.tally.never_done(("claim", "finalizeClose", "cancelPass", "giveSeat")) == set()
    )
