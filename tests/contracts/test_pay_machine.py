"""MesgPay in revm against its model in Python, step by step: same money, same refusals, and always a way out.

The model is the one that `MemoryLedger` runs on, so this also proves the in-memory twin. Equality is
not enough to notice what both forgot: the rules named `must_` say who can do what when, whatever
happened before.
"""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.contracts.revm import CHAIN_ID, DEPLOYER, Revm, deploy_all

from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.chain.registration import commitment
from mesg.marketplace.chain.values import (
    channel_state_from,
    claim_struct,
    config_struct,
    signature_words,
    terms_struct,
)
from mesg.marketplace.domain.channel import (
    ChannelConfig,
    ChannelPhase,
    close_digest,
    config_for,
)
from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey, SigningDomain
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ClaimRow
from mesg.marketplace.testing.memory_claims import SkipReason
from mesg.marketplace.testing.memory_pay import MemoryPay
from mesg.marketplace.testing.memory_registry import MemoryRegistry
from mesg.marketplace.testing.memory_token import MemoryToken

WEATHER = ServiceId("weather.acme")
AUTHOR, SESSION, *PAYERS_AND_OPERATORS = (
    AccountKey.from_bytes(bytes((n,)) * 32) for n in range(1, 7)
)
PAYERS, OPERATORS = PAYERS_AND_OPERATORS[:2], PAYERS_AND_OPERATORS[2:]
TREASURY, FRIEND = AccountAddress(b"\xee" * 20), AccountAddress(b"\xaa" * 20)
PEOPLE = [AUTHOR.address, *(key.address for key in (*PAYERS, *OPERATORS)), TREASURY, FRIEND]
WEALTH = 10**24
HOUR = 3_600
OFFERS = (
    OfferTerms(OfferKind.METERED, TokenAmount(1), close_delay_s=HOUR, author_bps=2_000),
    OfferTerms(
        OfferKind.METERED,
        TokenAmount(3),
        close_delay_s=24 * HOUR,
        author_bps=3_333,
        treasury_bps=3_333,
        referrer_bps=3_334,
    ),
    OfferTerms(
        OfferKind.PASS, TokenAmount(999), duration_s=50, treasury_bps=333, referrer_bps=1_111
    ),
    OfferTerms(OfferKind.PASS, TokenAmount(0), duration_s=1),
)

TAMPERED: tuple[Callable[[ChannelConfig], ChannelConfig], ...] = (
    lambda config: replace(config, author_bps=0),
    lambda config: replace(config, treasury_bps=1),
    lambda config: replace(config, referrer_bps=9_999),
    lambda config: replace(config, close_delay_s=1),
    lambda config: replace(config, offer_digest=Digest(bytes(32))),
    lambda config: replace(config, offer_index=1),
    lambda config: replace(config, signer=NOBODY),
    lambda config: replace(config, operator=NOBODY),
    lambda config: replace(config, payer=FRIEND),
)

amounts = st.integers(0, 10**6) | st.sampled_from([1, WEALTH, WEALTH + 1, 2**96, 2**128 - 1])
seconds = st.sampled_from([1, 49, 50, HOUR - 1, HOUR, 24 * HOUR])
people = st.sampled_from(PEOPLE)
numbers = st.integers(0, 9)
lanes = st.sampled_from([0, 0, 1, 2**32 - 1])


def _prepare() -> Revm:
    """Deploy, publish all offers, and make everybody rich."""
    revm = deploy_all(TREASURY)[0]
    salt = Digest(bytes(32))
    revm.call(AUTHOR.address, REGISTRY, "commit", commitment(WEATHER, AUTHOR.address, salt))
    revm.advance(blocks=1)
    revm.call(AUTHOR.address, REGISTRY, "register", WEATHER.sid, salt)
    revm.call(AUTHOR.address, REGISTRY, "publishVersion", WEATHER.number, b"m" * 32, salt, "")
    for terms in OFFERS:
        revm.call(AUTHOR.address, REGISTRY, "createOffer", WEATHER.number, terms_struct(terms))
    for person in PEOPLE:
        revm.call(DEPLOYER, TOKEN, "transfer", person.raw, WEALTH)
        revm.call(person, TOKEN, "approve", revm.places[PAY].raw, 2**256 - 1)
    return revm


REVM = _prepare()
START_S = REVM.now_unix_s
ADDRESSES_PAY = REVM.places[PAY]


def _model() -> MemoryPay:
    """Return the model in the state that `_prepare` left the contracts in."""
    token, registry = MemoryToken(), MemoryRegistry()
    registry.register(AUTHOR.address, WEATHER)
    registry.publish(AUTHOR.address, WEATHER, Digest(b"m" * 32), Digest(bytes(32)), "")
    for terms in OFFERS:
        registry.create_offer(AUTHOR.address, WEATHER, terms, now_unix_s=START_S)
    for person in PEOPLE:
        token.mint(person, WEALTH)
    return MemoryPay(SigningDomain(CHAIN_ID, ADDRESSES_PAY), token, registry, TREASURY)


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except TransactionReverted as error:
        return error.message
    return "done"


class PayMachine(RuleBasedStateMachine):
    """Anybody does anything, in any order, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.checkpoint = REVM.evm.snapshot()
        REVM.now_unix_s = START_S
        REVM.advance()
        self.model = _model()
        self.configs: list[ChannelConfig] = []
        self.signed: list[ClaimRow] = []
        self.promised: dict[tuple[Digest, int], int] = {}

    def teardown(self) -> None:
        REVM.evm.revert(self.checkpoint)

    def both(
        self, sender: AccountAddress, name: str, *arguments: object, model: Callable[[], object]
    ) -> bool:
        """Do it on both sides; return whether it was done, which both must agree on."""
        actual = _outcome(lambda: REVM.call(sender, PAY, name, *arguments))
        assert actual == _outcome(model)
        return actual == "done"

    def config(self, number: int) -> ChannelConfig:
        return self.configs[number % len(self.configs)]

    def channel_id(self, config: ChannelConfig) -> Digest:
        return config.channel_id(self.model.domain)

    def sign(
        self, config: ChannelConfig, lane: int, units: int, key: AccountKey = SESSION
    ) -> ClaimRow:
        voucher = Voucher(self.channel_id(config), lane, TokenAmount(units))
        signature = key.sign(voucher.digest(self.model.domain))
        if key is SESSION:
            place = (voucher.channel, lane)
            self.promised[place] = max(self.promised.get(place, 0), units)
        return ClaimRow(config, voucher.signed(signature))

    @initialize(units=st.integers(1_000, 10**6), index=st.sampled_from([0, 1]))
    def somebody_is_served(self, units: int, index: int) -> None:
        self.open(PAYERS[0], OPERATORS[0], index, FRIEND, units, from_vault=False, salt=9)

    @rule(seconds=seconds)
    def time_passes(self, seconds: int) -> None:
        REVM.advance(seconds=seconds, blocks=1)

    @rule(person=people, units=amounts)
    def deposit(self, person: AccountAddress, units: int) -> None:
        self.both(person, "deposit", units, model=lambda: self.model.deposit(person, units))

    @rule(person=people, units=amounts, to=people)
    def withdraw(self, person: AccountAddress, units: int, to: AccountAddress) -> None:
        self.both(
            person, "withdraw", units, to.raw, model=lambda: self.model.withdraw(person, units, to)
        )

    @rule(
        payer=st.sampled_from(PAYERS),
        operator=st.sampled_from(OPERATORS),
        index=st.sampled_from([0, 0, 1, 1, 2, 9]),
        referrer=st.sampled_from([NOBODY, FRIEND, PAYERS[0].address]),
        units=amounts,
        from_vault=st.booleans(),
        salt=st.integers(0, 2),
    )
    def open(
        self,
        payer: AccountKey,
        operator: AccountKey,
        index: int,
        referrer: AccountAddress,
        units: int,
        from_vault: bool,
        salt: int,
    ) -> None:
        terms = OFFERS[index] if index < len(OFFERS) else OFFERS[0]
        config = replace(
            config_for(
                Offer(WEATHER, index, terms),
                payer=payer.address,
                signer=SESSION.address,
                operator=operator.address,
                salt=Digest(bytes((salt,)) * 32),
            ),
            referrer=referrer,
        )
        opened = self.both(
            payer.address,
            "openFromVault" if from_vault else "open",
            config_struct(config),
            units,
            model=lambda: self.model.open(
                payer.address,
                config,
                units,
                now_unix_s=REVM.now_unix_s,
                from_vault=from_vault,
            ),
        )
        if opened:
            self.configs.append(config)

    @rule(
        sender=people,
        tampered=st.sampled_from(TAMPERED),
    )
    def open_with_other_terms(
        self, sender: AccountAddress, tampered: Callable[[ChannelConfig], ChannelConfig]
    ) -> None:
        right = config_for(
            Offer(WEATHER, 0, OFFERS[0]),
            payer=sender,
            signer=SESSION.address,
            operator=FRIEND,
            salt=Digest(b"x" * 32),
        )
        config = tampered(right)
        if config == right:
            return
        opened = self.both(
            sender,
            "open",
            config_struct(config),
            1,
            model=lambda: self.model.open(sender, config, 1, now_unix_s=REVM.now_unix_s),
        )
        assert not opened

    @precondition(lambda self: self.configs)
    @rule(number=numbers, units=st.integers(1, 10**6), from_vault=st.booleans())
    def open_again(self, number: int, units: int, from_vault: bool) -> None:
        config = self.config(number)
        opened = self.both(
            config.payer,
            "openFromVault" if from_vault else "open",
            config_struct(config),
            units,
            model=lambda: self.model.open(
                config.payer,
                config,
                units,
                now_unix_s=REVM.now_unix_s,
                from_vault=from_vault,
            ),
        )
        assert not opened

    @precondition(lambda self: self.configs)
    @rule(number=numbers, person=people, units=amounts)
    def top_up(self, number: int, person: AccountAddress, units: int) -> None:
        config = self.config(number)
        before = self.model.state(self.channel_id(config))
        self.both(
            person,
            "topUp",
            config_struct(config),
            units,
            model=lambda: self.model.top_up(person, config, units),
        )
        after = channel_state_from(REVM.view(PAY, "channel", self.channel_id(config)))
        assert (after.phase, after.closes_at_unix_s) == (before.phase, before.closes_at_unix_s)

    @precondition(lambda self: self.configs)
    @rule(
        rows=st.lists(
            st.tuples(
                numbers,
                lanes,
                amounts,
                st.sampled_from(["honest", "honest", "honest", "forged", "flipped", "replayed"]),
            ),
            min_size=1,
            max_size=5,
        )
    )
    def claim(self, rows: list[tuple[int, int, int, str]]) -> None:
        built = [self._row(*row) for row in rows]
        self._claim(built)

    def _row(self, number: int, lane: int, units: int, kind: str) -> ClaimRow:
        config = self.config(number)
        if kind == "replayed" and self.signed:
            old = self.signed[number % len(self.signed)]
            return replace(old, config=config)
        row = self.sign(config, lane, units, AUTHOR if kind == "forged" else SESSION)
        if kind == "flipped":
            return replace(row, voucher=row.voucher.signed(_flipped(row.voucher.signature)))
        self.signed.append(row)
        return row

    def _claim(self, rows: list[ClaimRow]) -> list[SkipReason | None]:
        before = sum(channel.claimed for channel in self.model.channels.values())
        (paid,) = REVM.call(FRIEND, PAY, "claim", [claim_struct(row) for row in rows])
        told = {event["index"]: event["reason"] for event in REVM.logged(PAY, "ClaimSkipped")}
        expected = self.model.claim(rows)
        assert [told.get(index) for index in range(len(rows))] == expected
        assert paid == sum(channel.claimed for channel in self.model.channels.values()) - before
        return expected

    @precondition(lambda self: self.configs)
    @rule(number=numbers, lane=lanes, wanted=st.integers(1, 10**6) | st.integers(1, 99))
    def must_pay_an_honest_voucher_within_the_reserve(
        self, number: int, lane: int, wanted: int
    ) -> None:
        config = self.config(number)
        state = channel_state_from(REVM.view(PAY, "channel", self.channel_id(config)))
        if state.phase is ChannelPhase.CLOSED or not state.unclaimed:
            return
        claimed = REVM.view(PAY, "laneClaimed", self.channel_id(config), lane)
        assert isinstance(claimed, int)
        row = self.sign(config, lane, claimed + min(wanted, state.unclaimed.units))
        assert self._claim([row]) == [None]

    @precondition(lambda self: self.configs)
    @rule(number=numbers, person=people | st.just(SESSION.address))
    def start_close(self, number: int, person: AccountAddress) -> None:
        config = self.config(number)
        self.both(
            person,
            "startClose",
            config_struct(config),
            model=lambda: self.model.start_close(person, config, now_unix_s=REVM.now_unix_s),
        )

    @precondition(lambda self: self.configs)
    @rule(number=numbers, person=people)
    def finalize_close(self, number: int, person: AccountAddress) -> None:
        config = self.config(number)
        self.both(
            person,
            "finalizeClose",
            config_struct(config),
            model=lambda: self.model.finalize_close(config, now_unix_s=REVM.now_unix_s),
        )

    @precondition(lambda self: self.configs)
    @rule(number=numbers, units=amounts, consents=st.booleans(), exact=st.booleans())
    def close_cooperative(self, number: int, units: int, consents: bool, exact: bool) -> None:
        config = self.config(number)
        final = self.model.channels[self.channel_id(config)].claimed if exact else units
        operator = next(key for key in OPERATORS if key.address == config.operator)
        digest = close_digest(self.model.domain, self.channel_id(config), TokenAmount(final))
        signature = (operator if consents else SESSION).sign(digest)
        self.both(
            FRIEND,
            "closeCooperative",
            config_struct(config),
            final,
            *signature_words(signature),
            model=lambda: self.model.close_cooperative(config, final, signature),
        )

    @precondition(lambda self: self.configs)
    @rule(number=numbers, grief=st.integers(0, 3))
    def must_let_the_payer_out_after_the_delay(self, number: int, grief: int) -> None:
        config = self.config(number)
        state = self.model.state(self.channel_id(config))
        if state.phase is ChannelPhase.CLOSED:
            return
        if state.phase is ChannelPhase.OPEN:
            self.start_close(number, config.payer)
            REVM.advance(seconds=config.close_delay_s, blocks=1)
        else:
            REVM.advance(seconds=max(0, state.closes_at_unix_s - REVM.now_unix_s), blocks=1)
        for _ in range(grief):
            self.top_up(number, FRIEND, 1)
            self.start_close(number, SESSION.address)
        rest = self.model.state(self.channel_id(config)).unclaimed.units
        before = REVM.view(PAY, "vaultOf", config.payer.raw)
        self.finalize_close(number, config.payer)
        assert isinstance(before, int)
        assert REVM.view(PAY, "vaultOf", config.payer.raw) == before + rest

    @rule(
        buyer=people,
        index=st.sampled_from([0, 2, 3, 9]),
        max_price=st.sampled_from([0, 998, 999, 10**6]),
        stale_hash=st.booleans(),
        from_vault=st.booleans(),
    )
    def buy_pass(
        self, buyer: AccountAddress, index: int, max_price: int, stale_hash: bool, from_vault: bool
    ) -> None:
        terms = OFFERS[index] if index < len(OFFERS) else OFFERS[2]
        if stale_hash:
            terms = replace(terms, price=terms.price + TokenAmount(1))
        offer = Offer(WEATHER, index, terms)
        self.both(
            buyer,
            "buyPassFromVault" if from_vault else "buyPass",
            WEATHER.number,
            index,
            offer.digest,
            FRIEND.raw,
            max_price,
            NOBODY.raw,
            model=lambda: self.model.buy_pass(
                buyer,
                offer,
                beneficiary=FRIEND,
                max_price=max_price,
                now_unix_s=REVM.now_unix_s,
                from_vault=from_vault,
            ),
        )

    @rule(person=people, to=people)
    def collect(self, person: AccountAddress, to: AccountAddress) -> None:
        self.both(person, "collect", to.raw, model=lambda: self.model.collect(person, to))

    @rule(person=people, known=st.booleans())
    def collect_service(self, person: AccountAddress, known: bool) -> None:
        number = WEATHER.number if known else 7
        self.both(
            person,
            "collectService",
            number,
            FRIEND.raw,
            model=lambda: self.model.collect_service(person, number, FRIEND),
        )

    @rule(to=st.sampled_from([AUTHOR.address, FRIEND]))
    def the_service_is_sold(self, to: AccountAddress) -> None:
        owner = self.model.registry.owners[WEATHER.number]
        REVM.call(owner, REGISTRY, "transferFrom", owner.raw, to.raw, WEATHER.number)
        self.model.registry.transfer(owner, WEATHER, to)

    @precondition(lambda self: len(self.configs) > 3)
    @rule(index=st.sampled_from([0, 1, 2]))
    def an_offer_is_disabled(self, index: int) -> None:
        if self.model.registry.offers[WEATHER.number][index].disabled:
            return
        owner = self.model.registry.owners[WEATHER.number]
        REVM.call(owner, REGISTRY, "disableOffer", WEATHER.number, index)
        self.model.registry.disable_offer(owner, WEATHER, index)

    @invariant()
    def every_token_is_accounted_for(self) -> None:
        held = REVM.view(TOKEN, "balanceOf", ADDRESSES_PAY.raw)
        assert held == self.model.owed() == self.model.token.balance_of(ADDRESSES_PAY)

    @invariant()
    def accounts_agree(self) -> None:
        for person in PEOPLE:
            actual = (
                REVM.view(TOKEN, "balanceOf", person.raw),
                REVM.view(PAY, "vaultOf", person.raw),
                REVM.view(PAY, "earnedBy", person.raw),
                REVM.view(PAY, "passExpiry", WEATHER.number, person.raw),
            )
            assert actual == (
                self.model.token.balance_of(person),
                self.model.vaults.get(person, 0),
                self.model.earned.get(person, 0),
                self.model.passes.get((WEATHER.number, person), 0),
            )
        income = REVM.view(PAY, "earnedByService", WEATHER.number)
        assert income == self.model.service_earned.get(WEATHER.number, 0)

    @invariant()
    def channels_agree_and_pay_only_what_was_signed(self) -> None:
        for config in self.configs:
            channel_id = self.channel_id(config)
            state = channel_state_from(REVM.view(PAY, "channel", channel_id))
            assert state == self.model.state(channel_id)
            for lane in (0, 1, 2**32 - 1):
                claimed = REVM.view(PAY, "laneClaimed", channel_id, lane)
                assert isinstance(claimed, int)
                assert claimed == self.model.channels[channel_id].lanes.get(lane, 0)
                assert claimed <= self.promised.get((channel_id, lane), 0)


def _flipped(signature: bytes) -> bytes:
    """Return the signature by another recovery bit: it recovers to somebody else, or to nobody."""
    return signature[:32] + bytes((signature[32] ^ 0x80,)) + signature[33:]


TestPay = PayMachine.TestCase
TestPay.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
