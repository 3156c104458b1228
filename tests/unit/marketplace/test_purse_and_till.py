"""Both sides of a channel: promises and charges, what a full disk does to them, and what a restart remembers."""

from dataclasses import dataclass, replace

import pytest

from mesg.marketplace.buying.purse import Purse
from mesg.marketplace.domain.channel import ChannelConfig, ChannelPhase, ChannelState
from mesg.marketplace.domain.errors import (
    BadSignature,
    InsufficientFunds,
    NotFound,
    PaymentRefused,
    Unavailable,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import TakenStep
from mesg.marketplace.selling.till import CHANNELS_MAX, Till
from mesg.marketplace.testing.memory_books import MemoryBooks
from mesg.marketplace.testing.memory_market import ADDRESSES

DOMAIN = ADDRESSES.domain
ECHO = ServiceId("echo")
PRICE, TEN = TokenAmount(1), TokenAmount(10)
OFFER = Offer(ECHO, 0, OfferTerms(OfferKind.METERED, PRICE, close_delay_s=3_600))
OPEN = ChannelState(TEN, ZERO, ChannelPhase.OPEN)
D = [Digest(bytes([number]) * 32) for number in range(40)]


@dataclass(frozen=True, slots=True)
class KeySigner:
    key: AccountKey

    @property
    def address(self) -> AccountAddress:
        return self.key.address

    def sign(self, digest: Digest) -> bytes:
        return self.key.sign(digest)


PAYER, OPERATOR, STRANGER = (KeySigner(AccountKey.from_bytes(bytes([n]) * 32)) for n in (1, 2, 3))


@dataclass(slots=True)
class Deal:
    """A channel between a purse and a till, each with its books."""

    given: MemoryBooks
    taken: MemoryBooks
    purse: Purse
    till: Till
    config: ChannelConfig
    channel: Digest

    def admit(self, number: int, voucher: Voucher | None, most: TokenAmount = PRICE) -> TakenStep:
        return self.till.admit(
            self.channel, 0, D[number], service=ECHO, offer=OFFER, max_charge=most, voucher=voucher
        )

    async def call(self, number: int, *, charged: TokenAmount = PRICE) -> Receipt:
        """Make one call, each side saving what it must; return the receipt."""
        promise = self.purse.promise(self.channel, D[number], PRICE)
        await self.given.save(promise.step)
        await self.taken.save(self.admit(number, promise.voucher))
        step = self.till.charge(self.channel, 0, D[number], charged)
        await self.taken.save(step)
        return self.receipt(number, charged, step.lane.charged)

    def receipt(self, number: int, charged: TokenAmount, total: TokenAmount) -> Receipt:
        plain = Receipt(
            D[number],
            D[0],
            D[0],
            D[0],
            ReceiptStatus.SUCCEEDED,
            self.channel,
            charged=charged,
            cumulative=total,
        )
        return plain.signed(OPERATOR.sign(plain.digest(DOMAIN)))

    def settle(self, receipt: Receipt) -> None:
        self.purse.settle(receipt, operator=OPERATOR.address)

    def after_restart(self) -> tuple[Purse, Till]:
        return Purse(self.given, PAYER, DOMAIN), Till(self.taken, OPERATOR, DOMAIN)


@pytest.fixture
async def deal() -> Deal:
    given, taken = MemoryBooks(), MemoryBooks()
    purse, till = Purse(given, PAYER, DOMAIN), Till(taken, OPERATOR, DOMAIN)
    config = purse.new_config(OFFER, OPERATOR.address, salt=D[7])
    await given.save(purse.opening(config), purse.opened(config, TEN))
    await taken.save(*till.accept(config, OPEN, payer=PAYER.address))
    return Deal(given, taken, purse, till, config, config.channel_id(DOMAIN))


async def test_a_call_is_promised_admitted_charged_and_settled(deal: Deal) -> None:
    receipt = await deal.call(1)
    await deal.given.save(deal.purse.settle(receipt, operator=OPERATOR.address))

    (taken,) = deal.till.lanes(deal.channel)
    given = deal.purse.lane(deal.channel)
    assert (taken.charged, taken.promised, taken.at_work) == (PRICE, PRICE, ())
    assert (given.charged, given.promised, given.in_flight) == (PRICE, PRICE, ())


async def test_a_restart_remembers_both_sides(deal: Deal) -> None:
    await deal.call(1)

    purse, till = deal.after_restart()

    assert purse.lane(deal.channel) == deal.purse.lane(deal.channel)
    assert till.lanes(deal.channel) == deal.till.lanes(deal.channel)
    assert (purse.channels(), till.channels()) == (deal.purse.channels(), deal.till.channels())
    assert purse.find(ECHO, OPERATOR.address, offer_digest=OFFER.digest) == deal.channel


async def test_a_closing_channel_is_closed_for_good_on_both_sides(deal: Deal) -> None:
    await deal.given.save(deal.purse.close(deal.channel))
    await deal.taken.save(deal.till.close(deal.channel))

    for purse, till in ((deal.purse, deal.till), deal.after_restart()):
        assert purse.find(ECHO, OPERATOR.address, offer_digest=OFFER.digest) is None
        with pytest.raises(PaymentRefused, match="is closing"):
            purse.promise(deal.channel, D[1], PRICE)
        with pytest.raises(PaymentRefused, match="is closing"):
            till.admit(
                deal.channel, 0, D[1], service=ECHO, offer=OFFER, max_charge=PRICE, voucher=None
            )


async def test_telling_a_closing_channel_again_does_not_reopen_it(deal: Deal) -> None:
    await deal.taken.save(deal.till.close(deal.channel))

    await deal.taken.save(*deal.till.accept(deal.config, OPEN, payer=PAYER.address))

    _, till = deal.after_restart()
    assert [kept.is_closing for kept in till.channels()] == [True]


async def test_a_promise_that_could_not_be_saved_is_taken_out_of_flight(deal: Deal) -> None:
    before = deal.purse.lane(deal.channel)
    promise = deal.purse.promise(deal.channel, D[1], PRICE)
    deal.given.is_full = True
    with pytest.raises(Unavailable):
        await deal.given.save(promise.step)
    deal.purse.release(deal.channel, D[1])
    deal.given.is_full = False

    assert deal.purse.lane(deal.channel).committed == before.committed
    deal.settle(await deal.call(2))
    assert deal.purse.lane(deal.channel).charged == PRICE


async def test_an_acceptance_that_could_not_be_saved_is_forgotten(deal: Deal) -> None:
    config = deal.purse.new_config(OFFER, OPERATOR.address, salt=D[9])
    kept, _ = deal.till.accept(config, OPEN, payer=PAYER.address)

    deal.till.forget_unsaved(kept.channel)
    deal.till.forget_unsaved(deal.channel)

    assert (deal.till.knows(kept.channel), deal.till.knows(deal.channel)) == (False, True)


async def test_a_channel_whose_opening_failed_is_listed_empty_and_never_paid_on(
    deal: Deal,
) -> None:
    config = deal.purse.new_config(OFFER, STRANGER.address, salt=D[9])
    await deal.given.save(deal.purse.opening(config))

    purse, _ = deal.after_restart()

    channel = config.channel_id(DOMAIN)
    assert channel in {kept.channel for kept in purse.channels()}
    assert purse.lane(channel).reserved == ZERO
    assert purse.find(ECHO, STRANGER.address, offer_digest=OFFER.digest) is None
    with pytest.raises(InsufficientFunds):
        purse.promise(channel, D[1], PRICE)


async def test_the_fullest_channel_is_found_also_when_one_is_overdrawn(deal: Deal) -> None:
    await deal.call(1)
    other = deal.purse.new_config(OFFER, OPERATOR.address, salt=D[9])
    deal.purse.opened(other, TokenAmount(3))

    deal.purse.opened(deal.config, ZERO)  # a reorganisation took the reserve back

    found = deal.purse.find(ECHO, OPERATOR.address, offer_digest=OFFER.digest)
    assert found == other.channel_id(DOMAIN)


async def test_false_receipts_change_nothing(deal: Deal) -> None:
    right = await deal.call(1)
    before = deal.purse.lane(deal.channel)
    two = TokenAmount(2)
    false: list[tuple[Receipt, type[Exception]]] = [
        (replace(right, signature=STRANGER.sign(right.digest(DOMAIN))), BadSignature),
        (replace(right, charged=ZERO), BadSignature),
        (deal.receipt(1, two, two), PaymentRefused),
        (deal.receipt(1, PRICE, two), PaymentRefused),
        (deal.receipt(2, PRICE, PRICE), PaymentRefused),
        (replace(right, channel=D[9]), NotFound),
    ]

    for receipt, error in false:
        with pytest.raises(error):
            deal.settle(receipt)
    with pytest.raises(PaymentRefused, match="the receipt comes from"):
        deal.purse.settle(right, operator=STRANGER.address)

    assert deal.purse.lane(deal.channel) == before
    deal.settle(right)
    with pytest.raises(PaymentRefused, match="no call"):
        deal.settle(right)


async def test_what_the_till_does_not_accept(deal: Deal) -> None:
    theirs = replace(deal.config, operator=STRANGER.address)
    closing = replace(OPEN, phase=ChannelPhase.CLOSING)
    absent = ChannelState(ZERO, ZERO, ChannelPhase.ABSENT)
    new = replace(deal.config, salt=D[9])

    for config, state, payer in (
        (theirs, OPEN, PAYER.address),
        (new, OPEN, STRANGER.address),
        (new, OPEN, None),
        (new, closing, PAYER.address),
        (new, absent, PAYER.address),
    ):
        with pytest.raises(PaymentRefused):
            deal.till.accept(config, state, payer=payer)

    assert [kept.channel for kept in deal.till.channels()] == [deal.channel]


async def test_the_till_takes_its_most_of_channels_and_no_more(deal: Deal) -> None:
    for number in range(CHANNELS_MAX - 1):
        config = replace(deal.config, salt=Digest(number.to_bytes(32, "big")))
        deal.till._configs[config.salt] = config

    with pytest.raises(PaymentRefused, match=f"{CHANNELS_MAX} channels are open here already"):
        deal.till.accept(replace(deal.config, salt=D[9]), OPEN, payer=PAYER.address)
    deal.till.accept(deal.config, OPEN, payer=PAYER.address)


async def test_a_call_for_another_offer_service_or_below_the_price_is_not_admitted(
    deal: Deal,
) -> None:
    voucher = deal.purse.promise(deal.channel, D[1], PRICE).voucher
    cases = [
        (replace(OFFER, index=1), ECHO, PRICE),
        (OFFER, ServiceId("other"), PRICE),
        (OFFER, ECHO, ZERO),
    ]

    for offer, service, most in cases:
        with pytest.raises(PaymentRefused):
            deal.till.admit(
                deal.channel,
                0,
                D[1],
                service=service,
                offer=offer,
                max_charge=most,
                voucher=voucher,
            )

    assert [lane.promised for lane in deal.till.lanes(deal.channel)] == []
    with pytest.raises(NotFound):
        deal.till.config(D[9])


async def test_a_call_that_is_refused_leaves_not_even_its_voucher(deal: Deal) -> None:
    voucher = deal.purse.promise(deal.channel, D[1], PRICE).voucher

    with pytest.raises(PaymentRefused):
        deal.admit(1, voucher, TokenAmount(2))

    assert deal.till.lanes(deal.channel) == []


async def test_the_chains_newest_reserve_counts_on_every_lane_also_after_a_restart(
    deal: Deal,
) -> None:
    lane_1 = Voucher(deal.channel, 1, TEN)
    lane_1 = lane_1.signed(PAYER.sign(lane_1.digest(DOMAIN)))
    step = deal.till.admit(
        deal.channel, 1, D[1], service=ECHO, offer=OFFER, max_charge=PRICE, voucher=lane_1
    )
    await deal.taken.save(step)

    more = replace(OPEN, reserved=TokenAmount(20))
    await deal.taken.save(deal.till.refresh(deal.channel, more))

    for till in (deal.till, deal.after_restart()[1]):
        beyond = Voucher(deal.channel, 0, TokenAmount(11))
        beyond = beyond.signed(PAYER.sign(beyond.digest(DOMAIN)))
        with pytest.raises(PaymentRefused, match="promise more than"):
            till.admit(
                deal.channel, 0, D[2], service=ECHO, offer=OFFER, max_charge=PRICE, voucher=beyond
            )
        most = Voucher(deal.channel, 0, TEN)
        most = most.signed(PAYER.sign(most.digest(DOMAIN)))
        till.admit(
            deal.channel, 0, D[2], service=ECHO, offer=OFFER, max_charge=PRICE, voucher=most
        )
        assert {lane.reserved for lane in till.lanes(deal.channel)} == {TokenAmount(20)}


async def test_the_window_grows_with_clean_calls_and_never_above_the_reserve(deal: Deal) -> None:
    promised: list[int] = []
    for number in range(1, 11):
        deal.settle(await deal.call(number))
        promised.append(deal.purse.lane(deal.channel).promised.units)

    assert promised == list(range(1, 11)), "a stranger is promised one call at a time"
    with pytest.raises(InsufficientFunds):
        deal.purse.promise(deal.channel, D[11], PRICE)
    deal.purse.opened(deal.config, TokenAmount(13))
    assert deal.purse.promise(deal.channel, D[11], PRICE).voucher.cumulative == TokenAmount(12)
