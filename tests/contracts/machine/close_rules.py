"""Channels end: by their payer after a delay, or by consent at once."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine, is_running
from tests.contracts.machine.market import CAROL, DAVE, KEY_OF, SESSION
from tests.contracts.model.channels import Phase

from mesg.marketplace.chain.values import config_struct, signature_words
from mesg.marketplace.domain.channel import ChannelConfig, close_digest
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount


class CloseRules(MarketMachine):
    """Ways out."""

    @precondition(lambda self: self.configs)
    @rule(number=choices.numbers, who=st.sampled_from(("payer", "signer", "operator", "stranger")))
    def start_close(self, number: int, who: str) -> None:
        config = self.config(number)
        senders = {
            "payer": config.payer,
            "signer": config.signer,
            "operator": config.operator,
            "stranger": DAVE,
        }
        self._start(config, senders[who])

    @precondition(lambda self: self.configs)
    @rule(number=choices.numbers, person=choices.people)
    def finalize_close(self, number: int, person: AccountAddress) -> None:
        self._finalize(self.config(number), person)

    @precondition(lambda self: self.configs)
    @rule(
        number=choices.numbers,
        person=choices.people,
        consents=choices.mostly,
        off=st.sampled_from((0, 0, 0, 1, 10**20)),
        other=choices.rarely,
    )
    def close_by_consent(
        self, number: int, person: AccountAddress, consents: bool, off: int, other: bool
    ) -> None:
        config = self.config(number)
        final = self.channel(config).claimed + off
        signed_for = self.config(number + 1) if other else config
        digest = close_digest(
            self.market.addresses.domain, self.channel_id(signed_for), TokenAmount(final)
        )
        signature = (KEY_OF[config.operator] if consents else SESSION).sign(digest)
        self.pay(
            person,
            "closeCooperative",
            config_struct(config),
            final,
            *signature_words(signature),
            model=lambda: self.world.channels.close_cooperative(config, final, signature),
        )

    @precondition(lambda self: self.configs)
    @rule(number=choices.numbers, grief=st.integers(0, 2), person=choices.people)
    def must_let_the_payer_out(self, number: int, grief: int, person: AccountAddress) -> None:
        """Whatever others do meanwhile, and whatever the token does, the rest is his after the delay."""
        config = self.config(number)
        channel = self.channel(config)
        if not is_running(channel):
            return
        if channel.phase is Phase.OPEN:
            assert self._start(config, config.payer)
        closes_at = self.channel(config).closes_at_unix_s
        for _ in range(grief):
            assert not self._start(config, config.signer)
            self.pay(
                CAROL,
                "topUp",
                config_struct(config),
                1,
                model=lambda: self.world.channels.top_up(CAROL, config, 1),
            )
        assert self.channel(config).closes_at_unix_s == closes_at
        if self.now < closes_at:
            self.wait(seconds=closes_at - self.now - 1)
            assert not self._finalize(config, person)
            self.wait(seconds=1)
        rest, before = self.channel(config).rest, self.world.accounts.vault_of(config.payer)
        assert self._finalize(config, person)
        after = self.revm.view("MesgPay", "vaultOf", config.payer.raw)
        assert after == before + rest

    def _start(self, config: ChannelConfig, sender: AccountAddress) -> bool:
        return self.pay(
            sender,
            "startClose",
            config_struct(config),
            model=lambda: self.world.channels.start_close(sender, config),
        )

    def _finalize(self, config: ChannelConfig, sender: AccountAddress) -> bool:
        return self.pay(
            sender,
            "finalizeClose",
            config_struct(config),
            model=lambda: self.world.channels.finalize_close(config),
        )
