"""An operator's consent to close at once comes last: behind all work, and behind the claim of all that it earned."""

import pytest
import trio
from tests.support.fair import Fair, make_fair

from mesg.marketplace.domain.channel import ChannelPhase, close_digest
from mesg.marketplace.domain.errors import NotFound, Overloaded, PaymentRefused, Unavailable
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.signing import check_signature
from mesg.marketplace.settling.batches import ROWS_MAX
from mesg.marketplace.settling.claim import owed_to_us
from mesg.marketplace.settling.consent import CONFIRM_S_MAX, WORK_S_MAX, consent_to_close


@pytest.fixture
async def fair() -> Fair:
    return await make_fair()


async def test_consent_is_given_to_what_was_claimed_of_all_lanes(fair: Fair) -> None:
    config, other = await fair.open(10 * ROWS_MAX), await fair.open(10)
    for lane in range(ROWS_MAX + 1):
        fair.promise(config, 2, lane=lane)
    fair.promise(other, 7)

    units, signature = await fair.consent(config)
    await fair.payer.close_cooperative(config, TokenAmount(units), signature)

    assert units == 2 * (ROWS_MAX + 1)
    digest = close_digest(fair.domain, config.channel_id(fair.domain), TokenAmount(units))
    check_signature(digest, signature, signer=fair.operator.account, what="consent")
    assert (await fair.payer.channel(config)).phase is ChannelPhase.CLOSED
    assert await owed_to_us(fair.till, fair.operator) == TokenAmount(7), "others are left alone"


async def test_behind_a_consent_nothing_is_admitted_also_after_a_restart(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)

    await fair.consent(config)

    for one in (fair, fair.restarted()):
        with pytest.raises(PaymentRefused, match="the channel is closing"):
            one.promise(config, 31)


async def test_consent_is_given_again_to_the_same(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)

    assert await fair.consent(config) == await fair.consent(config)


async def test_there_is_no_consent_to_close_what_is_unknown(fair: Fair) -> None:
    with pytest.raises(NotFound):
        await consent_to_close(
            Digest(b"\7" * 32),
            till=fair.till,
            books=fair.books,
            ledger=fair.operator,
            signer=fair.operator.signer,
        )


async def test_a_consent_asked_for_while_calls_are_at_work_covers_them_all(
    fair: Fair, autojump_clock: trio.testing.MockClock
) -> None:
    config = await fair.open(1_000)
    calls = [fair.start(config, 100, lane=lane) for lane in range(10)]
    given: list[tuple[int, bytes]] = []

    async def ask() -> None:
        given.append(await fair.consent(config))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        for call in calls:
            await trio.sleep(0.5)
            assert given == []
            fair.end(call)
    ((units, signature),) = given
    await fair.payer.close_cooperative(config, TokenAmount(units), signature)

    assert units == 1_000
    assert (await fair.payer.balances(fair.payer.account)).vault == ZERO


async def test_work_that_takes_longer_is_a_reason_to_ask_again_later(
    fair: Fair, autojump_clock: trio.testing.MockClock
) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)
    call = fair.start(config, 40)
    before = trio.current_time()

    with pytest.raises(Overloaded, match="calls are at work on the channel") as refused:
        await fair.consent(config)

    assert refused.value.retryable
    assert trio.current_time() - before == pytest.approx(WORK_S_MAX)
    assert fair.operator.sent == []
    with pytest.raises(PaymentRefused, match="the channel is closing"):
        fair.promise(config, 50, lane=1)
    fair.end(call)
    assert (await fair.consent(config))[0] == 40


async def test_the_work_that_a_restart_cut_off_costs_nothing_and_consent_is_given_behind_it(
    fair: Fair, autojump_clock: trio.testing.MockClock
) -> None:
    config = await fair.open(100)
    first = fair.start(config, 30, ahead=10)
    await fair.books.save(first, fair.end(first))
    second = fair.start(config, 40)
    await fair.books.save(second)
    with pytest.raises(Overloaded):
        await fair.consent(config)

    fair = fair.restarted()
    with pytest.raises(Overloaded):
        await fair.consent(config)
    assert second.opened is not None
    fair.till.charge(second.lane.channel, 0, second.opened[0], ZERO)
    fair.till.confirm(fair.voucher(config, 30))

    assert (await fair.consent(config))[0] == 30


async def test_a_payer_who_confirms_the_cost_of_the_last_calls_pays_no_more(
    fair: Fair, autojump_clock: trio.testing.MockClock
) -> None:
    config = await fair.open(100)
    call = fair.start(config, 20, ahead=50)
    given: list[int] = []

    async def ask() -> None:
        given.append((await fair.consent(config))[0])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await trio.sleep(1)
        fair.end(call)
        await trio.sleep(1)
        fair.till.confirm(fair.voucher(config, 20))

    assert given == [20]


async def test_what_nobody_confirms_is_claimed_by_the_voucher_ahead(
    fair: Fair, autojump_clock: trio.testing.MockClock
) -> None:
    config = await fair.open(100)
    call = fair.start(config, 20, ahead=50)
    before = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(fair.consent, config)
        await trio.sleep(1)
        fair.end(call)

    assert trio.current_time() - before == pytest.approx(1 + CONFIRM_S_MAX)
    assert (await fair.operator.channel(config)).claimed == TokenAmount(70)


async def test_there_is_no_consent_while_a_claim_is_refused(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 30)
    fair.operator.is_broke = True

    with pytest.raises(PaymentRefused, match="cannot pay the network's fee"):
        await fair.consent(config)

    fair.operator.is_broke = False
    assert (await fair.consent(config))[0] == 30


async def test_there_is_no_consent_before_the_chain_shows_that_all_was_claimed(fair: Fair) -> None:
    config = await fair.open(100)
    fair.promise(config, 10)
    fair.promise(config, 20, lane=1)
    fair.operator.skipped_lanes.add(1)

    with pytest.raises(Unavailable, match="earned on the channel are not claimed yet"):
        await fair.consent(config)

    fair.operator.skipped_lanes.clear()
    assert (await fair.consent(config))[0] == 30
