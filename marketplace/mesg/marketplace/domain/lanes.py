"""One lane of a channel from either side: what is promised, at work, and charged, as pure values.

The payer promises (`GivenLane`), the operator takes (`TakenLane`). A promise covers the calls in
flight and a little ahead (the window), so that a stranger can cheat a buyer of one call at most and
a buyer can cheat an operator of nothing. Sums are exact; no step ever lowers a promise or a charge.
"""

from dataclasses import dataclass, replace

from mesg.marketplace.domain.errors import InsufficientFunds, PaymentRefused
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.voucher import Voucher

WINDOW_CALLS_MAX = 64
"""More than this ahead saves no more signatures and only risks the buyer's money."""
CLEAN_CALLS_PER_DOUBLING = 10
IN_FLIGHT_MAX = 1024
"""Calls at work at once on one lane; above it the caller waits."""


@dataclass(frozen=True, slots=True)
class GivenLane:
    """The payer's side: `promised` by vouchers, `charged` by receipts, `in_flight` per execution.

    An execution whose answer never came stays in flight: the operator may have charged it.
    """

    channel: Digest
    lane: int
    reserved: TokenAmount
    promised: TokenAmount = ZERO
    charged: TokenAmount = ZERO
    clean_calls: int = 0
    in_flight: tuple[tuple[Digest, TokenAmount], ...] = ()

    @property
    def window_calls(self) -> int:
        """How many calls ahead the next voucher pays: 1 for a stranger, doubling with clean work."""
        doublings = min(self.clean_calls // CLEAN_CALLS_PER_DOUBLING, 6)
        return min(1 << doublings, WINDOW_CALLS_MAX)

    @property
    def committed(self) -> TokenAmount:
        """What the operator may rightly have charged by now."""
        return TokenAmount(self.charged.units + sum(most.units for _, most in self.in_flight))

    def reserve(self, execution: Digest, max_charge: TokenAmount) -> "GivenLane":
        """Put a call in flight and promise for it if the last voucher does not cover it.

        A repeated execution changes nothing. Raise InsufficientFunds if the channel cannot cover
        the call.
        """
        if any(known == execution for known, _ in self.in_flight):
            return self
        if len(self.in_flight) >= IN_FLIGHT_MAX:
            raise PaymentRefused(f"{IN_FLIGHT_MAX} calls are in flight on this lane already")
        needed = self.committed + max_charge
        if needed > self.reserved:
            raise InsufficientFunds(
                f"the channel holds {self.reserved}, this call needs {needed} in total",
                hint="put more in with: mesg channel open",
            )
        promised = self.promised
        if needed > promised:
            ahead = self.committed + max_charge.times(self.window_calls)
            promised = min(ahead, self.reserved)
        return replace(
            self, promised=promised, in_flight=(*self.in_flight, (execution, max_charge))
        )

    def settle(self, execution: Digest, charged: TokenAmount) -> "GivenLane":
        """Take a receipt's charge; raise PaymentRefused if it is above what was agreed."""
        most = next((most for known, most in self.in_flight if known == execution), None)
        if most is None:
            raise PaymentRefused(f"no call {execution.hex()} is in flight on this lane")
        if charged > most:
            raise PaymentRefused(f"the receipt charges {charged}, agreed were {most} at most")
        return replace(
            self,
            charged=self.charged + charged,
            clean_calls=self.clean_calls + 1,
            in_flight=tuple(entry for entry in self.in_flight if entry[0] != execution),
        )

    def release(self, execution: Digest) -> "GivenLane":
        """Forget a call that the operator says it refused and did not charge; trust starts anew."""
        kept = tuple(entry for entry in self.in_flight if entry[0] != execution)
        return replace(self, clean_calls=0, in_flight=kept)

    def raised(self, reserved: TokenAmount) -> "GivenLane":
        """Return the lane after the chain showed another reserve."""
        return replace(self, reserved=reserved)


@dataclass(frozen=True, slots=True)
class TakenLane:
    """The operator's side: the best `voucher`, what was `charged`, and what is at work.

    The best voucher may promise more than was charged; `earned` is one that does not, and is what
    an honest claim cashes.
    """

    channel: Digest
    lane: int
    reserved: TokenAmount
    voucher: Voucher | None = None
    charged: TokenAmount = ZERO
    at_work: tuple[tuple[Digest, TokenAmount], ...] = ()
    earned: Voucher | None = None

    @property
    def promised(self) -> TokenAmount:
        """What could be claimed on this lane."""
        return self.voucher.cumulative if self.voucher else ZERO

    @property
    def covering(self) -> Voucher | None:
        """The least voucher known to cover all that was charged: what is claimed before a close."""
        if self.earned is not None and self.earned.cumulative >= self.charged:
            return self.earned
        return self.voucher if self.charged else self.earned

    def take(self, voucher: Voucher) -> "TakenLane":
        """Keep a voucher (signature checked by the caller) if it promises more than the last.

        A lower one is an old copy and changes nothing; raise PaymentRefused above the reserve.
        """
        if (voucher.channel, voucher.lane) != (self.channel, self.lane):
            raise PaymentRefused("the voucher is for another channel or lane")
        if voucher.cumulative > self.reserved:
            raise PaymentRefused(
                f"the voucher promises {voucher.cumulative}, the channel holds {self.reserved}"
            )
        if voucher.cumulative <= self.promised:
            return self
        return replace(self, voucher=voucher, earned=self._best_earned(self.charged))

    def confirm(self, voucher: Voucher) -> "TakenLane":
        """Keep a voucher (signature checked by the caller) for what was really charged, or less.

        Raise PaymentRefused if it promises more than that: such vouchers come with calls.
        """
        if (voucher.channel, voucher.lane) != (self.channel, self.lane):
            raise PaymentRefused("the voucher is for another channel or lane")
        if voucher.cumulative > self.charged:
            raise PaymentRefused(f"{voucher.cumulative} is more than the {self.charged} charged")
        if self.earned is not None and voucher.cumulative <= self.earned.cumulative:
            return self
        return replace(self, earned=voucher)

    def admit(self, execution: Digest, max_charge: TokenAmount) -> "TakenLane":
        """Start a call; raise PaymentRefused unless vouchers already cover it and all at work."""
        if any(known == execution for known, _ in self.at_work):
            return self
        busy = sum(most.units for _, most in self.at_work)
        needed = TokenAmount(self.charged.units + busy) + max_charge
        if needed > self.promised:
            raise PaymentRefused(
                f"vouchers promise {self.promised}, this call needs {needed}",
                hint="send a voucher that covers the call",
            )
        return replace(self, at_work=(*self.at_work, (execution, max_charge)))

    def charge(self, execution: Digest, charged: TokenAmount) -> "TakenLane":
        """End a call with its charge, 0 for work that failed through our fault."""
        most = next((most for known, most in self.at_work if known == execution), None)
        if most is None or charged > most:
            raise PaymentRefused(f"call {execution.hex()} was not admitted for {charged}")
        return replace(
            self,
            charged=self.charged + charged,
            earned=self._best_earned(self.charged + charged),
            at_work=tuple(entry for entry in self.at_work if entry[0] != execution),
        )

    def _best_earned(self, charged: TokenAmount) -> Voucher | None:
        if self.voucher is not None and self.voucher.cumulative <= charged:
            return self.voucher
        return self.earned
