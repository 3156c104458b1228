"""The journal: every record comes back as it was saved, and what is saved together is kept together."""

import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vectors import make

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.lanes import GivenLane, TakenLane
from mesg.marketplace.domain.money import UNITS_MAX, ZERO, TokenAmount
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ChannelKept, ChannelRole, GivenStep, TakenStep
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution, ExecutionState, Failure
from mesg.node.domain.instance import Deployment, Origin
from mesg.node.domain.manifest_file import read_manifest
from mesg.node.ports import DeploymentForgotten, ExecutionKept
from mesg.node.store.database import open_database
from mesg.node.store.journal import EVENTS_KEPT_MAX, SqliteJournal
from mesg.node.store.migrations import MIGRATIONS

ECHO = ServiceId("echo")
MANIFEST = read_manifest(
    "{name: Echo, sid: echo, tasks: {say: {inputs: {}, outputs: {ok: {data: {}}}}}}"
)
Answer = TypeVar("Answer")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
int64 = st.integers(0, 2**63 - 1)
uint32 = st.integers(0, 2**32 - 1)
bps = st.integers(0, 10_000)
digests = st.binary(min_size=32, max_size=32).map(Digest)
accounts = st.binary(min_size=20, max_size=20).map(AccountAddress)
amounts = st.integers(0, UNITS_MAX).map(TokenAmount)
services = st.sampled_from([ECHO, ServiceId("weather.acme"), ServiceId("a" * 63)])
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
jsons = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | numbers | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)
failures = st.builds(Failure, texts, texts, texts, st.booleans())
executions = st.builds(
    Execution,
    id=digests,
    service=services,
    version=digests,
    task=texts,
    inputs=jsons,
    created_at_unix_ns=int64,
    tags=st.lists(texts, max_size=3).map(tuple),
    state=st.sampled_from(ExecutionState),
    peer=st.sampled_from([None, make.PEER]),
    output_key=texts,
    outputs=jsons,
    failure=st.none() | failures,
    charged=amounts,
    finished_at_unix_ns=int64,
)
receipts = st.builds(
    Receipt,
    digests,
    digests,
    digests,
    digests,
    st.sampled_from(ReceiptStatus),
    digests,
    uint32,
    amounts,
    amounts,
    st.binary(max_size=64),
)
configs = st.builds(
    ChannelConfig,
    payer=accounts,
    signer=accounts,
    operator=accounts,
    service=services,
    offer_index=uint32,
    offer_digest=digests,
    author_bps=bps,
    treasury_bps=bps,
    referrer_bps=bps,
    close_delay_s=st.integers(0, 2**40 - 1),
    salt=digests,
    referrer=accounts,
)
channels = st.builds(
    ChannelKept, digests, st.sampled_from(ChannelRole), configs, is_closing=st.booleans()
)
deployments = st.builds(
    Deployment,
    manifest=st.just(MANIFEST),
    package=digests,
    environment=st.dictionaries(texts, texts, max_size=3),
    deployed_at_unix_ns=int64,
    origin=st.sampled_from(Origin),
    is_wanted=st.booleans(),
)
events = st.builds(ServiceEvent, services, texts, jsons, int64, int64, st.just(make.PEER))


def with_journal(work: Callable[[SqliteJournal], Awaitable[Answer]]) -> Answer:
    """Run work on an empty journal."""

    async def main() -> Answer:
        async with open_database(Path(folder) / "node.db", MIGRATIONS) as database:
            return await work(SqliteJournal(database))

    with tempfile.TemporaryDirectory() as folder:
        return trio.run(main)


quick = settings(max_examples=40, deadline=None)


@quick
@given(executions, st.none() | receipts)
def test_an_execution_and_its_receipt_come_back(
    execution: Execution, receipt: Receipt | None
) -> None:
    if receipt is not None:
        receipt = replace(receipt, execution=execution.id)
    kept = ExecutionKept(execution, receipt)

    async def work(journal: SqliteJournal) -> None:
        await journal.save(kept)
        await journal.save(kept)
        assert journal.execution(execution.id) == kept
        assert journal.executions(most=5) == [kept]
        assert journal.unfinished() == ([] if execution.state.is_final else [execution])

    with_journal(work)


@quick
@given(channels)
def test_a_channel_comes_back(kept: ChannelKept) -> None:
    async def work(journal: SqliteJournal) -> None:
        await journal.save(kept)
        assert journal.channels() == [kept]

    with_journal(work)


@quick
@given(
    amounts, amounts, amounts, st.integers(0, 10**6), st.dictionaries(digests, amounts, max_size=4)
)
def test_a_lane_we_pay_on_comes_back_step_by_step(
    reserved: TokenAmount,
    promised: TokenAmount,
    charged: TokenAmount,
    clean_calls: int,
    flight: dict[Digest, TokenAmount],
) -> None:
    channel = make.voucher().channel

    async def work(journal: SqliteJournal) -> None:
        lane = GivenLane(channel, 0, reserved, promised, charged, clean_calls)
        await journal.save(ChannelKept(channel, ChannelRole.PAYER, make.config()), GivenStep(lane))
        assert journal.given_lanes() == [lane]
        for entry in flight.items():
            lane = replace(lane, in_flight=(*lane.in_flight, entry))
            await journal.save(GivenStep(lane, opened=entry))
        assert [in_any_order(one) for one in journal.given_lanes()] == [in_any_order(lane)]
        for execution in flight:
            await journal.save(GivenStep(replace(lane, in_flight=()), closed=execution))
        assert journal.given_lanes() == [replace(lane, in_flight=())]
        assert journal.taken_lanes() == []

    with_journal(work)


def in_any_order(lane: GivenLane) -> GivenLane:
    return replace(lane, in_flight=tuple(sorted(lane.in_flight)))


@quick
@given(amounts, st.integers(1, UNITS_MAX), amounts, uint32, st.binary(min_size=64, max_size=64))
def test_a_lane_we_are_paid_on_comes_back(
    reserved: TokenAmount, promised: int, charged: TokenAmount, number: int, signature: bytes
) -> None:
    channel, execution = make.voucher().channel, Digest(b"\1" * 32)
    voucher = Voucher(channel, number, TokenAmount(promised), signature)
    lane = TakenLane(channel, number, reserved, voucher, charged, ((execution, reserved),))

    async def work(journal: SqliteJournal) -> None:
        kept = ChannelKept(channel, ChannelRole.OPERATOR, make.config())
        await journal.save(kept, TakenStep(lane, opened=lane.at_work[0]))
        assert journal.taken_lanes() == [lane]
        ended = replace(lane, at_work=())
        await journal.save(TakenStep(ended, closed=execution))
        assert journal.taken_lanes() == [ended]

    with_journal(work)


@quick
@given(deployments)
def test_a_deployment_comes_back_until_it_is_forgotten(deployment: Deployment) -> None:
    async def work(journal: SqliteJournal) -> None:
        await journal.save(deployment)
        assert journal.deployments() == [deployment]
        await journal.save(DeploymentForgotten(deployment.service))
        assert journal.deployments() == []

    with_journal(work)


@quick
@given(events)
def test_an_event_comes_back(event: ServiceEvent) -> None:
    event = replace(event, sequence=max(event.sequence, 1))

    async def work(journal: SqliteJournal) -> None:
        await journal.save(event)
        assert journal.events(event.service, after=event.sequence - 1, most=9) == [event]
        assert journal.events(event.service, after=event.sequence, most=9) == []
        assert journal.last_event(event.service) == event.sequence

    with_journal(work)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[SqliteJournal]:
    async with open_database(tmp_path / "node.db", MIGRATIONS) as database:
        yield SqliteJournal(database)


def execution(number: int, *, state: ExecutionState = ExecutionState.RUNNING) -> Execution:
    id_ = Digest(number.to_bytes(32, "big"))
    return Execution(id_, ECHO, MANIFEST.digest, "say", {}, number, state=state)


async def test_what_is_saved_together_is_kept_together_or_not_at_all(
    journal: SqliteJournal,
) -> None:
    no_channel = TakenStep(TakenLane(Digest(b"\7" * 32), 0, ZERO))
    kept = ChannelKept(make.voucher().channel, ChannelRole.OPERATOR, make.config())

    with pytest.raises(Exception, match="FOREIGN KEY"):
        await journal.save(ExecutionKept(execution(1)), kept, no_channel)

    assert journal.execution(execution(1).id) is None
    assert (journal.channels(), journal.taken_lanes()) == ([], [])
    await journal.save(ExecutionKept(execution(1)), kept)
    assert journal.execution(execution(1).id) == ExecutionKept(execution(1))


async def test_the_newest_executions_come_first_and_no_more_than_wanted(
    journal: SqliteJournal,
) -> None:
    for number in (3, 1, 2):
        await journal.save(ExecutionKept(execution(number)))

    found = [kept.execution.created_at_unix_ns for kept in journal.executions(most=2)]

    assert found == [3, 2]


async def test_what_has_ended_is_not_unfinished(journal: SqliteJournal) -> None:
    for number, state in enumerate(ExecutionState):
        await journal.save(ExecutionKept(execution(number, state=state)))

    states = {one.state for one in journal.unfinished()}

    assert states == {ExecutionState.CREATED, ExecutionState.RUNNING}


async def test_an_ending_keeps_the_receipt_that_came_with_it(journal: SqliteJournal) -> None:
    ended = execution(1, state=ExecutionState.SUCCEEDED)
    receipt = replace(make.receipt(), execution=ended.id)
    await journal.save(ExecutionKept(execution(1)))

    await journal.save(ExecutionKept(ended, receipt))
    await journal.save(ExecutionKept(ended))

    assert journal.execution(ended.id) == ExecutionKept(ended, receipt)


async def test_the_oldest_events_make_room_for_the_newest(journal: SqliteJournal) -> None:
    def event(sequence: int, service: ServiceId = ECHO) -> ServiceEvent:
        return ServiceEvent(service, "said", {}, sequence, sequence, make.PEER)

    other = event(1, ServiceId("other"))
    await journal.save(other, event(1), event(2), event(3))

    await journal.save(event(EVENTS_KEPT_MAX + 2))

    assert [one.sequence for one in journal.events(ECHO, after=0, most=9)] == [
        3,
        EVENTS_KEPT_MAX + 2,
    ]
    assert journal.events(ServiceId("other"), after=0, most=9) == [other]
    assert journal.last_event(ServiceId("nobody")) == 0
