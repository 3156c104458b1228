"""Both sides of one lane, with answers that get lost, calls refused and repeated: no unit is lost or doubled."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mesg.marketplace.domain.errors import InsufficientFunds, PaymentRefused
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.lanes import WINDOW_CALLS_MAX, GivenLane, TakenLane
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.voucher import Voucher

CHANNEL = Digest(b"\1" * 32)


class LaneMachine(RuleBasedStateMachine):
    """A payer and an operator who follow the rules, and a network that loses what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.given = GivenLane(CHANNEL, 0, ZERO)
        self.taken = TakenLane(CHANNEL, 0, ZERO)
        self.price = ZERO
        self.count = 0
        self.most_in_flight = 0
        self.sent: dict[Digest, TokenAmount] = {}
        self.charged: dict[Digest, TokenAmount] = {}
        self.settled: set[Digest] = set()

    @initialize(reserved=st.integers(0, 500), price=st.integers(1, 20))
    def open(self, reserved: int, price: int) -> None:
        self.given = GivenLane(CHANNEL, 0, TokenAmount(reserved))
        self.taken = TakenLane(CHANNEL, 0, TokenAmount(reserved))
        self.price = TokenAmount(price)

    @rule(arrives=st.booleans())
    def call(self, arrives: bool) -> None:
        self.count += 1
        execution = Digest(self.count.to_bytes(32, "big"))
        can_pay = self.given.committed.units + self.price.units <= self.given.reserved.units
        try:
            self.given = self.given.reserve(execution, self.price)
        except InsufficientFunds:
            assert not can_pay
            return
        assert can_pay
        self.sent[execution] = self.given.promised
        if arrives:
            self.arrive(execution)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def call_again(self, data: st.DataObject) -> None:
        execution = data.draw(st.sampled_from(sorted(self.sent)))
        before = self.given
        if execution not in self.settled:
            self.given = self.given.reserve(execution, self.price)
            assert self.given == before, "a repeated call changes nothing"
        self.arrive(execution)

    def arrive(self, execution: Digest) -> None:
        """The operator gets the call with the newest voucher; he has served it already or admits it."""
        if execution in self.charged:
            return
        taken = self.taken.take(Voucher(CHANNEL, 0, self.given.promised))
        self.taken = taken.admit(execution, self.price)

    @precondition(lambda self: self.taken.at_work)
    @rule(data=st.data(), fails=st.booleans(), answer_arrives=st.booleans())
    def finish(self, data: st.DataObject, fails: bool, answer_arrives: bool) -> None:
        execution, most = data.draw(st.sampled_from(self.taken.at_work))
        charge = ZERO if fails else most
        self.taken = self.taken.charge(execution, charge)
        self.charged[execution] = charge
        if answer_arrives:
            self.settle(execution)

    @precondition(lambda self: set(self.charged) - self.settled)
    @rule(data=st.data())
    def answer_late(self, data: st.DataObject) -> None:
        self.settle(data.draw(st.sampled_from(sorted(set(self.charged) - self.settled))))

    def settle(self, execution: Digest) -> None:
        if execution in self.settled:
            return
        self.given = self.given.settle(execution, self.charged[execution])
        self.settled.add(execution)

    @rule(data=st.data(), above=st.integers(1, 5))
    def greedy_receipt(self, data: st.DataObject, above: int) -> None:
        if not self.given.in_flight:
            return
        execution, most = data.draw(st.sampled_from(self.given.in_flight))
        try:
            self.given.settle(execution, TokenAmount(most.units + above))
        except PaymentRefused:
            return
        raise AssertionError("a charge above the agreed price was taken")

    @rule(unpaid=st.integers(1, 30))
    def steal_work(self, unpaid: int) -> None:
        """Work that no voucher covers is never admitted."""
        busy = sum(most.units for _, most in self.taken.at_work)
        beyond = self.taken.promised.units - self.taken.charged.units - busy + unpaid
        try:
            self.taken.admit(Digest(b"\xff" * 32), TokenAmount(beyond))
        except PaymentRefused:
            return
        raise AssertionError("unpaid work was admitted")

    @rule(above=st.integers(1, 100))
    def overdraw(self, above: int) -> None:
        promise = TokenAmount(self.taken.reserved.units + above)
        try:
            self.taken.take(Voucher(CHANNEL, 0, promise))
        except PaymentRefused:
            return
        raise AssertionError("a voucher above the reserve was taken")

    @rule(below=st.integers(0, 100))
    def replay_old_voucher(self, below: int) -> None:
        old = TokenAmount(max(0, self.taken.promised.units - below))
        assert self.taken.take(Voucher(CHANNEL, 0, old)) == self.taken

    @invariant()
    def nobody_is_cheated(self) -> None:
        given, taken = self.given, self.taken
        assert taken.charged <= taken.promised <= given.promised <= given.reserved
        assert taken.charged.units == sum(amount.units for amount in self.charged.values())
        assert given.charged.units == sum(self.charged[one].units for one in self.settled)
        assert taken.charged <= given.committed, "what may be charged is accounted for"

    @invariant()
    def the_window_bounds_the_buyers_risk(self) -> None:
        assert self.given.window_calls <= WINDOW_CALLS_MAX
        self.most_in_flight = max(self.most_in_flight, len(self.given.in_flight))
        if self.given.clean_calls < 10:
            # A stranger is never promised more than the calls that were in flight together.
            ahead = self.given.promised.units - self.given.charged.units
            assert ahead <= self.most_in_flight * self.price.units


TestLanes = LaneMachine.TestCase
TestLanes.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
