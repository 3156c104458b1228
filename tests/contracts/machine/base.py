"""What all rules need: doing a thing on both sides, comparing all of it, and what was made so far."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant
from tests.contracts.machine.market import KEY_OF, PEOPLE, Market
from tests.contracts.machine.observed import difference
from tests.contracts.machine.tally import Tally
from tests.contracts.model.chain import Outcome
from tests.contracts.model.channels import Channel, Phase

from mesg.marketplace.chain.contracts import PAY, REGISTRY
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ClaimRow


class MarketMachine(RuleBasedStateMachine):
    """The contracts and the model side by side."""

    market: ClassVar[Market]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.revm = self.market.revm
        self.checkpoint = self.revm.evm.snapshot()
        self.world = self.market.begin()
        self.configs: list[ChannelConfig] = []
        self.signed: list[ClaimRow] = []
        self.promised: dict[tuple[Digest, int], int] = {}
        self.refusal = ""
        self.tally.runs += 1

    def teardown(self) -> None:
        self.revm.evm.revert(self.checkpoint)

    @property
    def now(self) -> int:
        return self.world.chain.now_unix_s

    def wait(self, *, seconds: int = 0, blocks: int = 1) -> None:
        self.revm.advance(seconds=seconds, blocks=blocks)
        self.world.chain.now_unix_s, self.world.chain.block = (
            self.revm.now_unix_s,
            self.revm.block,
        )

    def pay(
        self,
        sender: AccountAddress,
        name: str,
        *arguments: object,
        model: Callable[[], object],
        how: str = "",
    ) -> bool:
        """Do it on both sides; return whether it was done, which both must agree on.

        `how` tells kinds of it apart in the figures.
        """
        return self.both(sender, PAY, name, *arguments, model=model, how=how)

    def registry(
        self, sender: AccountAddress, name: str, *arguments: object, model: Callable[[], object]
    ) -> bool:
        """As `pay`."""
        return self.both(sender, REGISTRY, name, *arguments, model=model)

    def both(
        self,
        sender: AccountAddress,
        contract: str,
        name: str,
        *arguments: object,
        model: Callable[[], object],
        how: str = "",
    ) -> bool:
        """Do it on both sides, and keep why it was refused."""
        expected = self.world.attempt(model)
        actual = self._on_chain(sender, contract, name, *arguments)
        self.tally.count(f"{name} {how}".strip(), expected.refusal)
        assert actual == expected, f"{name}{arguments}: is {actual}, must be {expected}"
        self.refusal = actual.refusal or ""
        return not self.refusal

    def _on_chain(
        self, sender: AccountAddress, contract: str, name: str, *arguments: object
    ) -> Outcome:
        try:
            answer = self.revm.call(sender, contract, name, *arguments)
        except TransactionReverted as error:
            return Outcome(error.message)
        ours = {self.revm.places[name]: name for name in (PAY, REGISTRY)}
        logs = ((ours.get(place), topics, data) for place, topics, data in self.revm.logs())
        known = tuple((name, topics, data) for name, topics, data in logs if name)
        return Outcome(None, answer or None, known)

    def pick_account(
        self, number: int, person: AccountAddress, rich: Mapping[AccountAddress, int]
    ) -> AccountAddress:
        """Return somebody who has something, if there is anybody; else, or one time in four, the person."""
        able = [account for account in PEOPLE if rich.get(account, 0)]
        return able[number % len(able)] if able and number % 4 else person

    def service(self, number: int) -> int:
        """Return a Service: one with offers, mostly; or any; or one that does not exist."""
        known = list(self.world.names.owners)
        return known[number % 2] if number % 8 < 6 else [*known, 7][number // 8 % (len(known) + 1)]

    def config(self, number: int) -> ChannelConfig:
        """Return one of the channels so far: one that is not closed, mostly."""
        running = [config for config in self.configs if is_running(self.channel(config))]
        configs = running if running and number % 4 else self.configs
        return configs[number % len(configs)]

    def channel(self, config: ChannelConfig) -> Channel:
        return self.world.channels.channels[self.channel_id(config)]

    def channel_id(self, config: ChannelConfig) -> Digest:
        return config.channel_id(self.market.addresses.domain)

    def sign(
        self, config: ChannelConfig, lane: int, units: int, key: AccountKey | None = None
    ) -> ClaimRow:
        """Sign a voucher with the channel's own key unless told another, and remember it."""
        key = key or KEY_OF[config.signer]
        channel_id = self.channel_id(config)
        voucher = Voucher(channel_id, lane, TokenAmount(units))
        row = ClaimRow(
            config, voucher.signed(key.sign(voucher.digest(self.market.addresses.domain)))
        )
        self.signed.append(row)
        if key.address == config.signer:
            place = (channel_id, lane)
            self.promised[place] = max(self.promised.get(place, 0), units)
        return row

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        self.tally.steps += 1
        found, compared = difference(self.revm, self.world)
        self.tally.checked += compared
        assert found == [], found

    @invariant()
    def every_token_is_accounted_for(self) -> None:
        held = self.world.token.balance_of(self.market.addresses.pay)
        assert held == self.world.owed()

    @invariant()
    def nothing_is_paid_that_was_not_signed(self) -> None:
        for channel_id, channel in self.world.channels.channels.items():
            assert channel.claimed <= channel.put_in
            for lane, units in channel.lanes:
                assert units <= self.promised.get((channel_id, lane), 0)


def is_running(channel: Channel) -> bool:
    """Tell whether vouchers are still cashed."""
    return channel.phase is not Phase.CLOSED
