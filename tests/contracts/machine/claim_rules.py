"""Vouchers are cashed: good ones, and every kind of bad one, alone and mixed."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine, is_running
from tests.contracts.machine.choices import Size
from tests.contracts.machine.market import KEY_OF, MAPMAKER
from tests.contracts.model.claims import Skip

from mesg.marketplace.chain.values import claim_struct
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.ports import ClaimRow

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1 (SEC 2)."""
BAD: dict[str, Callable[[bytes], bytes]] = {
    "flipped": lambda old: old[:32] + bytes((old[32] ^ 0x80,)) + old[33:],
    "high s": lambda old: old[:32] + _high(old[32:]),
    "s just too high": lambda old: old[:32] + (ORDER // 2 + 1).to_bytes(32, "big"),
    "s of the order": lambda old: old[:32] + (ORDER % 2**255).to_bytes(32, "big"),
    "no r": lambda old: bytes(32) + old[32:],
    "nothing": lambda _: bytes(64),
}
KINDS = ("good", "good", "good", "stale", "over", "forged", "lane", "channel", "replayed", *BAD)
rows = st.lists(
    st.tuples(choices.numbers, choices.lanes, choices.sizes, st.sampled_from(KINDS)),
    min_size=1,
    max_size=5,
)


class ClaimRules(MarketMachine):
    """Anybody cashes; only parties gain."""

    @precondition(lambda self: self.configs)
    @rule(rows=rows, sender=choices.people)
    def claim(self, rows: list[tuple[int, int, Size, str]], sender: AccountAddress) -> None:
        self._claim([self._row(*row) for row in rows], sender)

    @precondition(lambda self: self.configs)
    @rule(number=choices.numbers, lane=choices.lanes, size=choices.sizes, sender=choices.people)
    def must_pay_an_honest_voucher(
        self, number: int, lane: int, size: Size, sender: AccountAddress
    ) -> None:
        """Within the reserve and before the end, a voucher is cashed whatever happened before."""
        config = self.config(number)
        channel = self.channel(config)
        if not is_running(channel) or not channel.rest:
            return
        units = self._claimed(config, lane) + max(1, min(size.of(channel.rest), channel.rest))
        assert self._claim([self.sign(config, lane, units)], sender) == [None]

    @precondition(lambda self: self.signed)
    @rule(sender=choices.people, backwards=st.booleans())
    def replay_every_voucher_ever_made(self, sender: AccountAddress, backwards: bool) -> None:
        rows = self.signed[::-1] if backwards else self.signed
        self._claim(rows, sender)
        # Now nothing is left in any of them, in whatever order.
        before = self.world.accounts.earned()
        if all(reason is not Skip.OVER_RESERVE for reason in self._claim(rows, sender)):
            assert self.world.accounts.earned() == before

    def _claim(self, rows: list[ClaimRow], sender: AccountAddress) -> list[Skip | None]:
        """Claim, and return why each row was skipped."""
        self.pay(
            sender,
            "claim",
            [claim_struct(row) for row in rows],
            model=lambda: self.world.claims.claim(rows),
        )
        skipped = {
            event["index"]: Skip(event["reason"])  # type: ignore[arg-type]
            for event in self.revm.logged("MesgPay", "ClaimSkipped")
        }
        reasons = [skipped.get(index) for index in range(len(rows))]
        self.tally.skipped.update(reason.name if reason else "PAID" for reason in reasons)
        return reasons

    def _row(self, number: int, lane: int, size: Size, kind: str) -> ClaimRow:
        config = self.config(number)
        claimed, rest = self._claimed(config, lane), self.channel(config).rest
        match kind:
            case "stale":
                return self.sign(config, lane, claimed - min(claimed, size.of(3)))
            case "over":
                return self.sign(config, lane, claimed + rest + 1)
            case "forged":
                return self.sign(config, lane, claimed + 1, KEY_OF[MAPMAKER])
            case "lane":
                row = self.sign(config, lane, claimed + 1)
                return replace(row, voucher=replace(row.voucher, lane=lane ^ 1))
            case "channel":
                return replace(
                    self.sign(self.config(number + 1), lane, claimed + 1), config=config
                )
            case "replayed" if self.signed:
                return self.signed[number % len(self.signed)]
        row = self.sign(config, lane, claimed + min(size.of(rest), 2**127))
        if kind in BAD:
            return replace(row, voucher=row.voucher.signed(BAD[kind](row.voucher.signature)))
        return row

    def _claimed(self, config: ChannelConfig, lane: int) -> int:
        return dict(self.channel(config).lanes).get(lane, 0)


def _high(tail: bytes) -> bytes:
    """Return n - s with the other recovery bit, as far as 255 bits can hold it."""
    s = int.from_bytes(tail, "big") % 2**255
    odd = 1 - (tail[0] >> 7)
    return ((ORDER - s) % 2**255 | odd << 255).to_bytes(32, "big")
