"""The contracts against their model, by machines that do anything in any order; MESG_LONG=1 for thousands of runs.

Equality alone could not notice what both forgot: the rules named `must_` say who can do what when,
whatever happened before. And a function that never succeeded fails the test; in the long runs, so does an
error that never came.
"""

from collections.abc import Callable

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test
from tests.contracts.machine.base import MarketMachine
from tests.contracts.machine.claim_rules import ClaimRules
from tests.contracts.machine.close_rules import CloseRules
from tests.contracts.machine.many_rules import ManyRules
from tests.contracts.machine.market import prepare
from tests.contracts.machine.mischief_rules import MischiefRules
from tests.contracts.machine.name_rules import NameRules
from tests.contracts.machine.odd_rules import OddRules
from tests.contracts.machine.offer_rules import OfferRules
from tests.contracts.machine.permit_rules import PermitRules
from tests.contracts.machine.profiles import LONG, PROFILE, ROUNDS
from tests.contracts.machine.seat_rules import SeatRules
from tests.contracts.machine.tally import Tally
from tests.contracts.machine.time_rules import TimeRules
from tests.contracts.machine.wallet_rules import WalletRules

from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY, REGISTRY

pytestmark = pytest.mark.chain

NOT_OURS = {"approve", "safeTransferFrom", "setApprovalForAll"}
"""OpenZeppelin's, which change nothing that our contracts look at."""
NEVER = {
    # Constructors, views, and OpenZeppelin's for what is not called here.
    *(
        "CommitmentBlocksInvalid",
        "VersionUnknown",
        "InvalidShortString",
        "StringTooLong",
        "ERC721InvalidOperator",
    ),
    *("ERC721InvalidOwner", "ERC721InvalidApprover", "ERC721InvalidSender"),
}
HOSTILE_ONLY = {"ReceivedOther", "ReentrancyGuardReentrantCall", "SafeERC20FailedOperation"}


class Honest(
    WalletRules,
    OddRules,
    NameRules,
    OfferRules,
    ManyRules,
    PermitRules,
    CloseRules,
    ClaimRules,
    SeatRules,
    TimeRules,
):
    """Everything, paid in our token."""


class Hostile(MischiefRules, Honest):
    """Everything, paid in a token that misbehaves as it likes."""


@pytest.mark.parametrize(
    ("machine", "token", "never"),
    [(Honest, None, NEVER | HOSTILE_ONLY), (Hostile, "HostileToken", NEVER)],
    ids=["our-token", "hostile-token"],
)
def test_the_market_is_as_its_model(
    machine: type[MarketMachine],
    token: str | None,
    never: set[str],
    record_property: Callable[[str, object], None],
) -> None:
    machine.market, machine.tally = prepare(token), Tally()

    for number in ROUNDS:
        run_state_machine_as_test(seed(number)(machine), settings=PROFILE)

    figures = "\n".join(machine.tally.lines())
    record_property("figures", figures)
    assert machine.tally.never_done(_functions()) == set(), figures
    if LONG:
        assert _errors() - never - machine.tally.errors() == set(), figures


def _functions() -> set[str]:
    """Return everything that can be done to the contracts."""
    return {
        str(entry["name"])
        for contract in (PAY, REGISTRY)
        for entry in artifact(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] == "nonpayable"
    } - NOT_OURS


def _errors() -> set[str]:
    """Return everything that the contracts can answer instead."""
    return {
        str(entry["name"])
        for contract in (PAY, REGISTRY)
        for entry in artifact(contract).abi
        if entry["type"] == "error"
    }
