"""The in-memory market of the other tests, told everything that the contracts are told, and compared with them."""

from collections.abc import Callable
from typing import Any

from hypothesis.stateful import invariant
from tests.contracts.machine.base import MarketMachine
from tests.contracts.machine.market import (
    AUTHOR,
    MAPMAKER,
    MAPS,
    OFFERS,
    PEOPLE,
    START_S,
    WEALTH,
    WEATHER,
)
from tests.contracts.model.names import number_of
from tests.contracts.model.offers import METERED, PASS

from mesg.marketplace.chain.values import terms_from
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import InvalidInput, TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ClaimRow
from mesg.marketplace.testing.memory_passes import PassOrder
from mesg.marketplace.testing.memory_pay import MemoryPay
from mesg.marketplace.testing.memory_registry import MemoryRegistry
from mesg.marketplace.testing.memory_token import MemoryToken

NOT_TOLD = (
    # What the twin's types make impossible, and what its adapter decides before.
    *("OfferHashMismatch", "ERC20InvalidReceiver", "ERC721", "SidInvalid", "Commitment"),
    *("KindInvalid", "DurationInvalid", "CloseDelayInvalid", "PricePerEventOnPass"),
    *("AuthorShareOnPass", "SeatsInvalid", "SharesTooHigh", "ServiceUnknown"),
)
"""Refusals of the contracts that the twin is not asked about."""

OF_A_CHANNEL = frozenset(
    ("open", "openFromVault", "topUp", "startClose", "finalizeClose", "closeCooperative")
)
"""What begins with a channel's configuration."""


class Twin(MarketMachine):
    """Everything is done three times: by the contracts, by the model, and by the twin."""

    def __init__(self) -> None:
        super().__init__()
        token, registry = MemoryToken(dict(self.world.token.balances)), MemoryRegistry()
        for owner, service in ((AUTHOR, WEATHER), (MAPMAKER, MAPS)):
            registry.register(owner, service, max_fee=WEALTH, now_unix_s=START_S)
            registry.publish(owner, service, Digest(b"m" * 32), Digest(bytes(32)), "")
            for terms in OFFERS[service]:
                registry.create_offer(owner, service, terms_from(terms), now_unix_s=START_S)
        domain = self.market.addresses.domain
        self.fee_due = 0
        self.twin = MemoryPay(domain, token, registry, self.world.treasury)

    def both(
        self,
        sender: AccountAddress,
        contract: str,
        name: str,
        *arguments: object,
        model: Callable[[], object],
        how: str = "",
    ) -> bool:
        self.fee_due = self.world.names.fee()
        done = super().both(sender, contract, name, *arguments, model=model, how=how)
        if not self.refusal.startswith(NOT_TOLD):
            told = self._told(sender, name, arguments)
            assert told == self.refusal, f"{name}{arguments}: {told!r}, not {self.refusal!r}"
        return done

    def _told(self, sender: AccountAddress, name: str, arguments: tuple[Any, ...]) -> str:
        try:
            answers = (
                self._accounts_told(sender, name, arguments)
                or self._channels_told(sender, name, arguments)
                or self._passes_told(sender, name, arguments)
                or self._registry_told(sender, name, arguments)
            )
        except TransactionReverted as error:
            return error.message
        except InvalidInput:
            # Its types cannot even say that; the contracts must have refused it for some reason.
            return self.refusal or "nonsense"
        assert answers or name == "commit", f"nobody tells the twin of {name}"
        return ""

    def _accounts_told(
        self, sender: AccountAddress, name: str, arguments: tuple[Any, ...]
    ) -> bool:
        match name, arguments:
            case "deposit", (units,):
                self.twin.deposit(sender, units)
            case "withdraw", (units, to):
                self.twin.withdraw(sender, units, AccountAddress(to))
            case "collect", (to,):
                self.twin.collect(sender, AccountAddress(to))
            case "collectService", (service, to):
                self.twin.collect_service(sender, service, AccountAddress(to))
            case _:
                return False
        return True

    def _channels_told(
        self, sender: AccountAddress, name: str, arguments: tuple[Any, ...]
    ) -> bool:
        now = self.now
        match name, arguments:
            case "claim", (rows,):
                self.twin.claim([self._row_told(row) for row in rows])
                return True
            case _, (struct, *rest) if name in OF_A_CHANNEL:
                config = self._config_told(struct)
            case _:
                return False
        match name, rest:
            case (("open" | "openFromVault"), [units]):
                from_vault = name == "openFromVault"
                self.twin.open(sender, config, units, now_unix_s=now, from_vault=from_vault)
            case "topUp", [units]:
                self.twin.top_up(sender, config, units)
            case "startClose", []:
                self.twin.start_close(sender, config, now_unix_s=now)
            case "finalizeClose", []:
                self.twin.finalize_close(config, now_unix_s=now)
            case "closeCooperative", [final, r, vs]:
                self.twin.close_cooperative(config, final, r + vs)
            case _:
                return False
        return True

    def _passes_told(self, sender: AccountAddress, name: str, arguments: tuple[Any, ...]) -> bool:
        now = self.now
        match name, arguments:
            case (("buyPass" | "buyPassFromVault"), (order,)):
                service, index, _, holder, starts_by, referrer, most = order
                offer = self.twin.registry.any_offer(service, index)
                people = AccountAddress(holder), AccountAddress(referrer)
                told = PassOrder(offer, people[0], most, people[1], starts_by)
                from_vault = name == "buyPassFromVault"
                self.twin.buy_pass(sender, told, now_unix_s=now, from_vault=from_vault)
            case "settlePasses", (service, holders):
                accounts = [AccountAddress(holder) for holder in holders]
                self.twin.settle_passes(service, accounts, now_unix_s=now)
            case "cancelPass", (service,):
                self.twin.cancel_pass(sender, service, now_unix_s=now)
            case "giveSeat", (service, number, account):
                account = AccountAddress(account)
                self.twin.give_seat(sender, service, number, account, now_unix_s=now)
            case "takeSeat", (service, holder, number):
                self.twin.take_seat(sender, service, AccountAddress(holder), number)
            case "leaveSeat", (service,):
                self.twin.leave_seat(sender, service)
            case _:
                return False
        return True

    def _registry_told(
        self, sender: AccountAddress, name: str, arguments: tuple[Any, ...]
    ) -> bool:
        registry, now = self.twin.registry, self.now
        match name, arguments:
            case "register", (sid, _, max_fee):
                if not self.refusal.startswith("ERC20"):
                    registry.register(sender, ServiceId(sid), max_fee=max_fee, now_unix_s=now)
                # The twin's ledger pays, and asks before: the model has the fee that was due.
                self.twin.token.move(sender, self.world.treasury, self.fee_due)
            case "publishVersion", (service, manifest, package, uri):
                registry.publish(sender, self._sid(service), manifest, package, uri)
            case "createOffer", (service, terms):
                if terms.kind not in (PASS, METERED):
                    raise InvalidInput("no such kind")
                registry.create_offer(
                    sender, self._sid(service), terms_from(terms), now_unix_s=now
                )
            case "disableOffer", (service, index):
                registry.disable_offer(sender, self._sid(service), index)
            case "transferFrom", (_, to, service):
                registry.transfer(sender, self._sid(service), AccountAddress(to))
            case _:
                return False
        return True

    def _sid(self, number: int) -> ServiceId:
        known = {**self.world.names.sids, number_of("nowhere"): "nowhere"}
        return ServiceId(known[number])

    def _config_told(self, struct: tuple[Any, ...]) -> ChannelConfig:
        payer, signer, operator, service, index, digest, referrer, *shares, delay, salt = struct
        author, treasury, of_referrer = shares
        return ChannelConfig(
            payer=AccountAddress(payer),
            signer=AccountAddress(signer),
            operator=AccountAddress(operator),
            service=self._sid(service),
            offer_index=index,
            offer_digest=digest,
            author_bps=author,
            treasury_bps=treasury,
            referrer_bps=of_referrer,
            close_delay_s=delay,
            salt=salt,
            referrer=AccountAddress(referrer),
        )

    def _row_told(self, struct: tuple[Any, ...]) -> ClaimRow:
        config, lane, cumulative, r, vs = struct
        known = self._config_told(config)
        voucher = Voucher(self.channel_id(known), lane, TokenAmount(cumulative), r + vs)
        return ClaimRow(known, voucher)

    @invariant()
    def the_twin_says_the_same(self) -> None:
        accounts, twin = self.world.accounts, self.twin
        earned = accounts.earned()
        for person in PEOPLE:
            assert twin.token.balance_of(person) == self.world.token.balance_of(person)
            assert twin.vaults.get(person, 0) == accounts.vault_of(person)
            assert twin.earned.get(person, 0) == earned[person]
        assert twin.owed() == self.world.owed() - accounts.stranded
        assert twin.registry.fee(now_unix_s=self.now) == self.world.names.fee()
        for service in self.world.names.owners:
            assert twin.service_earned.get(service, 0) == earned[service]
            for person in PEOPLE:
                self._check_pass(service, person)
        for channel_id, channel in self.world.channels.channels.items():
            other = twin.channels[channel_id]
            assert (other.reserved, other.claimed) == (channel.reserved, channel.claimed)
            assert other.closes_at_unix_s == channel.closes_at_unix_s

    def _check_pass(self, service: int, person: AccountAddress) -> None:
        value = self.twin.pass_value(service, person, now_unix_s=self.now)
        assert value == self.world.passes.value(service, person)
        until = self.twin.access_until(service, person, now_unix_s=self.now)
        assert until == self.world.seats.access_until(service, person)
