"""What people do with their tokens beside the market."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.model.token import INFINITE, Behaviour

from mesg.marketplace.chain.contracts import TOKEN
from mesg.marketplace.domain.identity import AccountAddress


class OddRules(MarketMachine):
    """Allowances are taken back, tokens are thrown away."""

    @rule(person=choices.people, units=st.sampled_from((INFINITE,) * 4 + (0, 1_000)))
    def approve(self, person: AccountAddress, units: int) -> None:
        spender = self.market.addresses.pay
        self.revm.call(person, TOKEN, "approve", spender.raw, units)
        self.world.token.approve(person, spender, units)

    @rule(person=choices.people)
    def throw_tokens_at_the_contract(self, person: AccountAddress) -> None:
        """They are nobody's, and disturb nothing."""
        token = self.world.token
        if token.behaviour is not Behaviour.HONEST or token.balance_of(person) < 5:
            return
        self.revm.call(person, TOKEN, "transfer", self.market.addresses.pay.raw, 5)
        token.transfer(person, self.market.addresses.pay, 5)
        self.world.accounts.stranded += 5
