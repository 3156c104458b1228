"""Channels are opened, topped up and closed, rightly and wrongly."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.machine.choices import Size
from tests.contracts.machine.market import ALICE, BOB, SESSION
from tests.contracts.model.offers import METERED

from mesg.marketplace.chain.values import config_struct, terms_from
from mesg.marketplace.domain.channel import ChannelConfig, config_for
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.offer import Offer

Change = Callable[[ChannelConfig], ChannelConfig]
CHANNELS_MAX = 8
WRONG: dict[str, Change] = {
    "author": lambda config: replace(config, author_bps=config.author_bps + 1),
    "treasury": lambda config: replace(config, treasury_bps=config.treasury_bps + 1),
    "referrer's share": lambda config: replace(config, referrer_bps=config.referrer_bps + 1),
    "delay": lambda config: replace(config, close_delay_s=config.close_delay_s - 1),
    "offer's hash": lambda config: replace(config, offer_digest=Digest(bytes(32))),
    "offer": lambda config: replace(config, offer_index=config.offer_index + 1),
    "a pass": lambda config: replace(config, offer_index=2),
    "an unknown offer": lambda config: replace(config, offer_index=99),
    "an unknown Service": lambda config: replace(config, service=ServiceId("nowhere")),
    "no signer": lambda config: replace(config, signer=NOBODY),
    "no operator": lambda config: replace(config, operator=NOBODY),
}


class ChannelRules(MarketMachine):
    """Channels, but for what is claimed on them."""

    def draft(
        self,
        number: int,
        payer: AccountAddress,
        operator: AccountAddress,
        referrer: AccountAddress,
        salt: int,
        *,
        own_key: bool = False,
    ) -> ChannelConfig:
        """Return a channel as the node would open it, for any metered offer there ever was."""
        metered = [
            place
            for place, offer in self.world.offers.offers.items()
            if offer.terms.kind == METERED
        ]
        service, index = metered[number % len(metered)]
        sid = self.world.names.sids[service]
        offer = Offer(
            ServiceId(sid), index, terms_from(self.world.offers.offers[service, index].terms)
        )
        config = config_for(
            offer,
            payer=payer,
            signer=payer if own_key else SESSION.address,
            operator=operator,
            salt=Digest(bytes((salt,)) * 32),
        )
        return replace(config, referrer=referrer)

    def few_channels(self) -> bool:
        return len(self.world.channels.channels) < CHANNELS_MAX

    @initialize(
        number=st.integers(0, 1),
        payer=choices.payers,
        operator=choices.operators,
        referrer=choices.referrers,
        size=st.sampled_from((Size.SOME, Size.ONE)),
    )
    def somebody_is_served(
        self,
        number: int,
        payer: AccountAddress,
        operator: AccountAddress,
        referrer: AccountAddress,
        size: Size,
    ) -> None:
        assert self._open(
            payer, self.draft(number, payer, operator, referrer, 0), size, from_vault=False
        )

    @rule(
        number=choices.numbers,
        payer=choices.payers,
        operator=choices.operators,
        referrer=choices.referrers,
        salt=st.integers(0, 2),
        size=choices.sizes,
        own_key=st.booleans(),
        from_vault=st.booleans(),
    )
    def open(
        self,
        *,
        number: int,
        payer: AccountAddress,
        operator: AccountAddress,
        referrer: AccountAddress,
        salt: int,
        size: Size,
        own_key: bool,
        from_vault: bool,
    ) -> None:
        if from_vault:
            vaults = {who: self.world.accounts.vault_of(who) for who in (ALICE, BOB)}
            payer = self.pick_account(number, payer, vaults)
        config = self.draft(number, payer, operator, referrer, salt, own_key=own_key)
        if self.few_channels() or config in self.configs:
            self._open(payer, config, size, from_vault=from_vault)

    @rule(
        change=st.sampled_from(sorted(WRONG)),
        number=choices.numbers,
        payer=choices.payers,
        size=choices.sizes,
        from_vault=st.booleans(),
        stranger=choices.rarely,
    )
    def open_with_other_terms(
        self,
        change: str,
        number: int,
        payer: AccountAddress,
        size: Size,
        from_vault: bool,
        stranger: bool,
    ) -> None:
        right = self.draft(number, payer, BOB, NOBODY, 9)
        config = WRONG[change](right)
        if config == right:
            return
        sender = SESSION.address if stranger else payer
        assert not self._open(sender, config, size, from_vault=from_vault)

    @precondition(lambda self: self.configs)
    @rule(number=choices.numbers, person=choices.people, size=choices.sizes)
    def top_up(self, number: int, person: AccountAddress, size: Size) -> None:
        config = self.config(number)
        units = size.of(self.world.token.balance_of(person) // 10_000)
        before = self.channel(config)
        self.pay(
            person,
            "topUp",
            config_struct(config),
            units,
            model=lambda: self.world.channels.top_up(person, config, units),
        )
        after = self.channel(config)
        assert (after.phase, after.closes_at_unix_s) == (before.phase, before.closes_at_unix_s)

    def _open(
        self, sender: AccountAddress, config: ChannelConfig, size: Size, *, from_vault: bool
    ) -> bool:
        accounts, channels = self.world.accounts, self.world.channels
        available = (
            accounts.vault_of(sender) if from_vault else accounts.token.balance_of(sender) // 1_000
        )
        units = size.of(available)
        open_it = channels.open_from_vault if from_vault else channels.open
        opened = self.pay(
            sender,
            "openFromVault" if from_vault else "open",
            config_struct(config),
            units,
            model=lambda: open_it(sender, config, units),
        )
        if opened:
            self.configs.append(config)
        return opened
