"""The token changes its behaviour, as nobody could stop a token from doing."""

from eth_abi.abi import encode
from eth_hash.auto import keccak
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine.base import MarketMachine
from tests.contracts.model.token import Behaviour
from tests.contracts.revm import DEPLOYER

_BEHAVE = keccak(b"behave(uint8,address)")[:4]


class MischiefRules(MarketMachine):
    """Everything inside goes on; what moves tokens is refused or exact."""

    @rule(behaviour=st.sampled_from((*Behaviour, Behaviour.HONEST, Behaviour.HONEST)))
    def the_token_behaves(self, behaviour: Behaviour) -> None:
        arguments = encode(("uint8", "address"), (behaviour, self.market.addresses.pay.raw))
        self.revm.send(DEPLOYER, self.market.addresses.token, _BEHAVE + arguments)
        self.world.token.behaviour = behaviour
        self.tally.count(f"token {behaviour.name}", None)
