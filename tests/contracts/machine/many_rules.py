"""Several channels are opened with one pull of tokens."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine import choices
from tests.contracts.machine.channel_rules import ChannelRules
from tests.contracts.machine.choices import Size
from tests.contracts.machine.market import ALICE, BOB

from mesg.marketplace.chain.values import config_struct
from mesg.marketplace.domain.identity import AccountAddress


class ManyRules(ChannelRules):
    """All of them open, or none."""

    @rule(
        drafts=st.lists(
            st.tuples(choices.numbers, choices.operators, choices.referrers, st.integers(3, 9)),
            max_size=3,
        ),
        payer=choices.payers,
        stranger=choices.rarely,
        sizes=st.lists(choices.sizes, min_size=3, max_size=3),
        more=choices.rarely,
    )
    def open_many(
        self,
        drafts: list[tuple[int, AccountAddress, AccountAddress, int]],
        payer: AccountAddress,
        stranger: bool,
        sizes: list[Size],
        more: bool,
    ) -> None:
        if not self.few_channels():
            return
        sender = (BOB if payer == ALICE else ALICE) if stranger else payer
        configs = [
            self.draft(number, payer, operator, referrer, salt)
            for number, operator, referrer, salt in drafts
        ]
        wealth = self.world.token.balance_of(payer) // 1_000
        amounts = [size.of(wealth) for size in sizes[: len(configs) + more]]
        opened = self.pay(
            sender,
            "openMany",
            [config_struct(config) for config in configs],
            amounts,
            model=lambda: self.world.channels.open_many(sender, configs, amounts),
        )
        if opened:
            self.configs += configs
