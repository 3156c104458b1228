"""Channels paid by a signature: the token's own permit, and Uniswap's Permit2."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine import choices
from tests.contracts.machine.channel_rules import ChannelRules
from tests.contracts.machine.market import KEY_OF, SESSION
from tests.contracts.model.permit2 import SignedReserve
from tests.contracts.revm import CHAIN_ID

from mesg.marketplace.chain.values import config_struct
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.permit import (
    Allowed,
    permit2_digest,
    permit2_signature,
    permit_digest,
)
from mesg.marketplace.domain.signing import AccountKey

flaws = st.sampled_from(("", "", "", "", "forged", "other amount", "used nonce", "late"))


class PermitRules(ChannelRules):
    """No approval is needed before."""

    @rule(
        number=choices.numbers,
        payer=choices.payers,
        operator=choices.operators,
        units=st.integers(1, 10**9),
        flaw=flaws,
        sent_before=choices.rarely,
    )
    def open_with_permit(
        self,
        *,
        number: int,
        payer: AccountAddress,
        operator: AccountAddress,
        units: int,
        flaw: str,
        sent_before: bool,
    ) -> None:
        if not self.few_channels():
            return
        config = self.draft(number, payer, operator, NOBODY, 20 + number % 3)
        token, nonce = self.world.token, self.world.token.nonces.get(payer, 0)
        allowed = self._allowed(units, nonce, flaw)
        signature = permit2_signature(self._key(payer, flaw).sign(self._digest(payer, allowed)))
        permit = (allowed.deadline_unix_s, signature[64], signature[:32], signature[32:64])
        spender = self.market.addresses.pay

        def permitted() -> None:
            if not flaw:
                token.permit(payer, spender, units, nonce=nonce)

        def opened() -> object:
            channel_id = self.world.channels.open_own(payer, config, units)
            permitted()
            self.world.accounts.pull(payer, units)
            return (channel_id,)

        if sent_before and not flaw:
            arguments = (payer.raw, spender.raw, units, *permit)
            self.revm.call(SESSION.address, "MesgToken", "permit", *arguments)
            permitted()
        done = self.pay(
            payer, "openWithPermit", config_struct(config), units, permit, model=opened
        )
        if done:
            self.configs.append(config)

    @rule(
        number=choices.numbers,
        payer=choices.payers,
        operator=choices.operators,
        sender=choices.people,
        units=st.integers(0, 10**9),
        nonce=st.integers(0, 4),
        flaw=st.sampled_from(("", "", "", "forged", "other amount", "other channel", "late")),
        compact=st.booleans(),
    )
    def open_with_permit2(
        self,
        *,
        number: int,
        payer: AccountAddress,
        operator: AccountAddress,
        sender: AccountAddress,
        units: int,
        nonce: int,
        flaw: str,
        compact: bool,
    ) -> None:
        if not self.few_channels():
            return
        config = self.draft(number, payer, operator, NOBODY, 30 + number % 3)
        allowed = self._allowed(units, nonce, flaw)
        signed_for = self._other(config) if flaw == "other channel" else config
        key, channel_id = self._key(payer, flaw), self.channel_id(signed_for)
        signature = key.sign(permit2_digest(channel_id, allowed, chain_id=CHAIN_ID))
        fact = SignedReserve(
            key.address, channel_id, allowed.amount.units, nonce, allowed.deadline_unix_s
        )
        told = signature if compact else permit2_signature(signature)
        done = self.pay(
            sender,
            "openWithPermit2",
            config_struct(config),
            units,
            (nonce, allowed.deadline_unix_s, told),
            model=lambda: self.world.permit2.open(config, units, fact),
        )
        if done:
            self.configs.append(config)

    def _allowed(self, units: int, nonce: int, flaw: str) -> Allowed:
        return Allowed(
            token=self.market.addresses.token,
            spender=self.market.addresses.pay,
            amount=TokenAmount(units + (flaw == "other amount")),
            nonce=nonce + (flaw == "used nonce"),
            deadline_unix_s=self.now - (flaw == "late"),
        )

    def _digest(self, payer: AccountAddress, allowed: Allowed) -> Digest:
        return permit_digest(payer, allowed, chain_id=CHAIN_ID)

    def _key(self, payer: AccountAddress, flaw: str) -> AccountKey:
        return SESSION if flaw == "forged" else KEY_OF[payer]

    def _other(self, config: ChannelConfig) -> ChannelConfig:
        return replace(config, operator=SESSION.address)
