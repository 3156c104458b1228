"""Cashing vouchers: what is owed is claimed once, what presses first, and what cannot pay costs no gas."""

import pytest
import trio
from tests.support.fair import ECHO, TERMS, Fair, make_fair

from mesg.marketplace.domain.errors import InsufficientFunds, PaymentRefused
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.settling.batches import ROWS_MAX
from mesg.marketplace.settling.claim import ROW_LEAST, claim_all, owed_to_us


@pytest.fixture
async def fair() -> Fair:
    return await make_fair()


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


async def test_channels_that_close_are_claimed_first_then_the_largest_sums(fair: Fair) -> None:
    few, many, closing = [await fair.open(100) for _ in range(3)]
    for config, units in ((few, 1), (many, 50), (closing, 2)):
        fair.promise(config, units)
    fair.promise(few, 70, lane=4)
    await fair.payer.start_close(closing)

    await fair.claim()

    (batch,) = fair.operator.sent
    assert [voucher.cumulative.units for voucher in batch] == [2, 70, 50, 1]


async def test_a_closing_channel_is_claimed_however_many_others_are_owed_on(fair: Fair) -> None:
    configs = [await fair.open(10) for _ in range(ROWS_MAX + 1)]
    last = max(configs, key=lambda one: one.channel_id(fair.domain))
    for one in configs:
        fair.promise(one, 1 if one is last else 2)
    await fair.payer.start_close(last)

    await fair.claim()

    assert fair.operator.sent[0][0].channel == last.channel_id(fair.domain)
    assert (await fair.operator.channel(last)).claimed == TokenAmount(1)


async def test_a_row_that_brings_less_than_its_gas_waits_until_it_is_worth_it(fair: Fair) -> None:
    config = await fair.open(2 * ROW_LEAST.units)
    fair.promise(config, ROW_LEAST.units - 1)

    early = await fair.claim(ROW_LEAST)
    fair.promise(config, ROW_LEAST.units)
    late = await fair.claim(ROW_LEAST)

    assert (early, late) == ((0, 0), (ROW_LEAST.units, 1))


async def test_before_a_close_the_smallest_row_is_claimed(fair: Fair) -> None:
    config = await fair.open(10)
    fair.promise(config, 1)
    await fair.payer.start_close(config)

    assert await fair.claim(ROW_LEAST) == (1, 1)


async def test_rows_that_a_payer_made_dear_leave_the_others_room(fair: Fair) -> None:
    honest = await fair.open(1_000)
    fair.promise(honest, 1_000)
    for number in range(60):
        dear = await fair.open(20, referrer=AccountAddress(number.to_bytes(20, "big")))
        for lane in range(1, 6):
            fair.promise(dear, 2, lane=lane)

    total, transactions = await fair.claim()

    assert (total, transactions) == (1_000 + 60 * 10, 3)
    assert fair.operator.sent[0][0].channel == honest.channel_id(fair.domain)


async def test_a_batch_that_runs_out_of_gas_is_halved_and_all_of_it_claimed(fair: Fair) -> None:
    for _ in range(11):
        fair.promise(await fair.open(10), 3)
    fair.operator.rows_max = 3

    total, _ = await fair.claim()

    assert total == 33
    assert max(map(len, fair.operator.sent)) <= 3


async def test_one_row_that_is_refused_delays_no_other(fair: Fair) -> None:
    configs = [await fair.open(10) for _ in range(9)]
    for config in configs:
        fair.promise(config, 3)
    bad = configs[4].channel_id(fair.domain)
    fair.operator.refused.add(bad)

    done = await claim_all(fair.till, fair.operator, least=ZERO)

    assert done.total == TokenAmount(24)
    assert [(one.row.voucher.channel, str(error)) for one, error in done.refused] == [
        (bad, "claim: NotToday()")
    ]


async def test_if_nothing_can_be_claimed_the_reason_is_raised(fair: Fair) -> None:
    for _ in range(3):
        fair.promise(await fair.open(10), 3)
    fair.operator.is_broke = True

    with pytest.raises(InsufficientFunds, match="cannot pay the network's fee"):
        await fair.claim()


async def test_two_who_claim_at_once_pay_for_one_claim(fair: Fair) -> None:
    fair.promise(await fair.open(10), 3)
    sums: list[int] = []

    async def claim() -> None:
        sums.append((await fair.claim())[0])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(claim)
        nursery.start_soon(claim)

    assert (sorted(sums), len(fair.operator.sent)) == ([0, 3], 1)


async def test_what_a_channel_does_not_hold_any_more_costs_no_gas_again_and_again(
    fair: Fair,
) -> None:
    config = await fair.open(100)
    fair.promise(config, 60)
    fair.promise(config, 30, lane=1)
    fair.market.pay.channels[config.channel_id(fair.domain)].reserved = 80

    claims = [await fair.claim() for _ in range(2)]

    assert claims == [(60, 1), (0, 0)]
    assert await owed_to_us(fair.till, fair.operator) == ZERO
