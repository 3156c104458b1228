"""Cashing vouchers: what is owed is claimed once, what cannot pay costs no gas, and a consent comes last."""

from dataclasses import dataclass, field, replace

import pytest

from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase, close_digest, config_for
from mesg.marketplace.domain.errors import NotFound, PaymentRefused
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey, check_signature
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.batches import ROWS_MAX
from mesg.marketplace.settling.claim import claim_all, owed_to_us
from mesg.marketplace.settling.consent import consent_to_close
from mesg.marketplace.testing.memory_books import MemoryBooks
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.marketplace.testing.memory_market import MemoryMarket

ECHO = ServiceId("echo")
PRICE = TokenAmount(1)
TERMS = OfferTerms(OfferKind.METERED, PRICE, close_delay_s=3_600, author_bps=2_000)


@dataclass(frozen=True, slots=True)
class KeySigner:
    key: AccountKey

    @property
    def address(self) -> AccountAddress:
        return self.key.address

    def sign(self, digest: Digest) -> bytes:
        return self.key.sign(digest)


@dataclass(slots=True)
class Fair:
    """A market with one operator, and a payer who opens channels to him."""

    market: MemoryMarket
    payer: MemoryLedger
    operator: MemoryLedger
    offer: Offer
    books: MemoryBooks
    till: Till
    configs: list[ChannelConfig] = field(default_factory=list)

    async def open(self, reserved: int) -> ChannelConfig:
        """Open a channel and let the operator accept it."""
        config = config_for(
            self.offer,
            payer=self.payer.account,
            signer=self.payer.account,
            operator=self.operator.account,
            salt=Digest(len(self.configs).to_bytes(32, "big")),
        )
        self.configs.append(config)
        await self.payer.open_channel(config, TokenAmount(reserved))
        state = await self.operator.channel(config)
        await self.books.save(*self.till.accept(config, state, payer=config.payer))
        return config

    def promise(self, config: ChannelConfig, units: int, *, lane: int = 0, ahead: int = 0) -> None:
        """Let a call be charged so that the lane has `units`, under a voucher of that and `ahead`."""
        domain = self.payer.addresses.domain
        channel = config.channel_id(domain)
        voucher = Voucher(channel, lane, TokenAmount(units + ahead))
        voucher = voucher.signed(self.payer.signer.sign(voucher.digest(domain)))
        execution = Digest(channel[:16] + lane.to_bytes(8, "big") + units.to_bytes(8, "big"))
        charged = sum(one.charged.units for one in self.till.lanes(channel) if one.lane == lane)
        due = TokenAmount(units - charged)
        self.till.admit(
            channel,
            lane,
            execution,
            service=ECHO,
            offer=self.offer,
            max_charge=due,
            voucher=voucher,
        )
        self.till.charge(channel, lane, execution, due)

    async def claim(self, least: TokenAmount = ZERO) -> tuple[int, int]:
        """Claim all; return the sum, and the number of transactions."""
        done = await claim_all(self.till, self.operator, least=least)
        return done.total.units, len(done.receipts)


@pytest.fixture
async def fair() -> Fair:
    market = MemoryMarket()
    author, payer, operator = (
        MemoryLedger(market, KeySigner(AccountKey.from_bytes(bytes([number]) * 32)))
        for number in (1, 2, 3)
    )
    market.fund(payer.account, TokenAmount(10**6))
    market.fund(author.account, TokenAmount.parse("1"))
    await author.register(ECHO)
    some = Digest(b"\1" * 32)
    await author.publish_version(ECHO, manifest=some, package=some, uri="mesg:")
    offer, _ = await author.create_offer(ECHO, TERMS)
    books = MemoryBooks()
    till = Till(books, operator.signer, operator.addresses.domain)
    return Fair(market, payer, operator, offer, books, till)


async def test_every_lane_of_every_channel_is_claimed_in_one_transaction(fair: Fair) -> None:
    first, second = await fair.open(100), await fair.open(50)
    fair.promise(first, 30)
    fair.promise(first, 20, lane=5)
    fair.promise(second, 50)
    assert await owed_to_us(fair.till, fair.operator) == TokenAmount(100)

    claimed = await fair.claim()

    balances = await fair.operator.balances(fair.operator.account)
    assert claimed == (100, 1)
    assert balances.earned == TokenAmount(80)
    assert await fair.operator.service_earned(ECHO) == TokenAmount(20)
    assert (await fair.operator.channel(first)).claimed == TokenAmount(50)


async def test_what_was_claimed_is_not_claimed_again(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)
    await fair.claim()

    assert await fair.claim() == (0, 0)
    fair.promise(config, 31)
    total, _ = await fair.claim()

    assert total == 1
    assert await owed_to_us(fair.till, fair.operator) == ZERO


async def test_a_channel_without_vouchers_costs_nothing(fair: Fair) -> None:
    await fair.open(100)

    assert await fair.claim() == (0, 0)


async def test_a_closing_channel_is_claimed_in_time(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)
    await fair.payer.start_close(config)

    total, _ = await fair.claim()

    assert total == 30
    assert (await fair.operator.channel(config)).claimed == TokenAmount(30)


async def test_a_channel_that_was_closed_before_pays_nothing_and_no_gas_for_ever(
    fair: Fair,
) -> None:
    lost, other = await fair.open(100), await fair.open(100)
    fair.promise(lost, 30)
    await fair.payer.start_close(lost)
    fair.market.advance(TERMS.close_delay_s + 1)
    await fair.payer.finalize_close(lost)

    assert await owed_to_us(fair.till, fair.operator) == ZERO
    assert await fair.claim() == (0, 0)
    fair.promise(other, 5)
    total, _ = await fair.claim()

    assert total == 5


async def test_more_rows_than_fit_are_claimed_in_several_transactions(fair: Fair) -> None:
    configs = [await fair.open(10) for _ in range(ROWS_MAX + 20)]
    for config in configs:
        fair.promise(config, 2)

    claims = [await fair.claim() for _ in range(2)]

    assert claims == [(2 * len(configs), 2), (0, 0)]


async def test_consent_is_given_to_what_was_claimed_of_all_lanes(fair: Fair) -> None:
    config, other = await fair.open(10 * ROWS_MAX), await fair.open(10)
    for lane in range(ROWS_MAX + 1):
        fair.promise(config, 2, lane=lane)
    fair.promise(other, 7)
    channel = config.channel_id(fair.operator.addresses.domain)

    claimed, signature = await consent(fair, channel)
    await fair.payer.close_cooperative(config, claimed, signature)

    assert claimed == TokenAmount(2 * (ROWS_MAX + 1))
    digest = close_digest(fair.operator.addresses.domain, channel, claimed)
    check_signature(digest, signature, signer=fair.operator.account, what="consent")
    assert (await fair.payer.channel(config)).phase is ChannelPhase.CLOSED
    assert await owed_to_us(fair.till, fair.operator) == TokenAmount(7), "others are left alone"


async def test_behind_a_consent_nothing_is_admitted_also_after_a_restart(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)
    channel = config.channel_id(fair.operator.addresses.domain)

    await consent(fair, channel)

    with pytest.raises(PaymentRefused, match="the channel is closing"):
        fair.promise(config, 31)
    restarted = replace(
        fair, till=Till(fair.books, fair.operator.signer, fair.operator.addresses.domain)
    )
    with pytest.raises(PaymentRefused, match="the channel is closing"):
        restarted.promise(config, 31)


async def test_consent_is_given_again_to_the_same(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)
    channel = config.channel_id(fair.operator.addresses.domain)

    assert await consent(fair, channel) == await consent(fair, channel)


async def test_there_is_no_consent_to_close_what_is_unknown(fair: Fair) -> None:
    with pytest.raises(NotFound):
        await consent(fair, Digest(b"\7" * 32))


async def consent(fair: Fair, channel: Digest) -> tuple[TokenAmount, bytes]:
    return await consent_to_close(
        channel,
        till=fair.till,
        books=fair.books,
        ledger=fair.operator,
        signer=fair.operator.signer,
    )


async def test_what_was_promised_but_not_earned_is_not_claimed(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 10)
    fair.promise(config, 20, ahead=40)

    total, _ = await fair.claim()

    assert total == 10, "the newest voucher that promises no more than was charged"


async def test_a_confirming_voucher_lets_all_that_was_earned_be_claimed(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 20, ahead=40)
    domain = fair.payer.addresses.domain
    exact = Voucher(config.channel_id(domain), 0, TokenAmount(20))
    fair.till.confirm(exact.signed(fair.payer.signer.sign(exact.digest(domain))))

    total, _ = await fair.claim()

    assert total == 20


async def test_before_a_close_all_that_was_earned_is_claimed_even_if_that_takes_a_voucher_ahead(
    fair: Fair,
) -> None:
    config = await fair.open(100)
    fair.promise(config, 20, ahead=40)
    await fair.payer.start_close(config)

    total, _ = await fair.claim()

    assert total == 60


async def test_a_confirming_voucher_above_the_charges_is_refused(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 20)
    domain = fair.payer.addresses.domain
    more = Voucher(config.channel_id(domain), 0, TokenAmount(21))

    with pytest.raises(PaymentRefused):
        fair.till.confirm(more.signed(fair.payer.signer.sign(more.digest(domain))))
