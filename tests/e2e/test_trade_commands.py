"""The owner's acts on real nodes and a real chain: rehearsed, done, refused, and told as they are."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from tests.e2e.town import INPUTS, SID, Town, open_town

from mesg.marketplace.domain.money import TokenAmount
from story.nodes import StoryNode

pytestmark = pytest.mark.e2e

UNIT = 10**18
PASS = ("market", "offer", "create", SID, "--pass", "3", "--duration", "30d")
NAME = "converter"
MANIFEST = """
name: Converter
sid: {}
tasks: {{convert: {{inputs: {{}}, outputs: {{ok: {{data: {{}}}}}}}}}}
"""


def done(town: Town, node: StoryNode, *arguments: str) -> Any:
    answer = town.mesg(node, "--yes", *arguments)
    assert answer.code == 0, answer.err
    return answer.json


def held(town: Town, node: StoryNode) -> tuple[int, int]:
    balance = done(town, node, "wallet", "balance")
    return int(balance["tokens"]["amount"]), int(balance["vault"]["amount"])


def until(is_so: Callable[[], bool]) -> None:
    """Wait until every node has read the chain so far."""
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.1)


def a_second_goes_by(town: Town) -> None:
    """Let a block be younger by a second than all before: a pass has earned something then."""
    time.sleep(1.1)
    done(town, town.buyer, "wallet", "approve", "0")


def opened(town: Town) -> str:
    answer = done(town, town.buyer, "channel", "open", SID, "--amount", "2")
    return str(answer["facts"]["channel"])


def deployed(town: Town, sid: str) -> str:
    folder = town.folder / sid
    folder.mkdir()
    (folder / "mesg.yml").write_text(MANIFEST.format(sid))
    done(town, town.author, "service", "deploy", str(folder))
    return sid


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Open a market of this module's own: other tests count what they pay and earn."""
    folder = tmp_path_factory.mktemp("trading")
    with (
        start_blocking_portal("trio") as portal,
        portal.wrap_async_context_manager(open_town(folder)) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def offer(town: Town) -> int:
    """Offer passes with two seats, of which a tenth is for who brought the buyer; return its number."""
    made = done(town, town.author, *PASS, "--seats", "2", "--referrer-share", "10%")
    index = int(made["facts"]["offer"])
    until(lambda: len(done(town, town.buyer, "market", "show", SID)["offers"]) > index)
    return index


@pytest.fixture(scope="module")
def channel(town: Town) -> str:
    """Open a channel that is only looked at."""
    return opened(town)


@pytest.fixture(scope="module")
def unpublished(town: Town) -> str:
    """Deploy a Service on the author's node that nobody publishes."""
    return deployed(town, NAME)


DRY_RUNS = [
    ("author", ("market", "publish", NAME), ["approve", "commit", "register", "publish"]),
    ("author", (*PASS, "--seats", "5"), ["offer"]),
    ("author", ("market", "offer", "disable", SID, "0"), ["disable"]),
    ("author", ("market", "transfer", SID, "0x" + "11" * 20), ["transfer"]),
    ("buyer", ("market", "buy", SID), ["approve", "buy_pass"]),
    ("buyer", ("channel", "open", SID, "--amount", "5"), ["approve", "open"]),
    ("buyer", ("channel", "topup", "CHANNEL", "1"), ["approve", "top_up"]),
    ("buyer", ("channel", "close", "CHANNEL"), ["start_close"]),
    ("buyer", ("channel", "close", "CHANNEL", "--unilateral"), ["start_close"]),
    ("buyer", ("wallet", "approve", "7"), ["approve"]),
    ("buyer", ("wallet", "deposit", "7"), ["approve", "deposit"]),
]


@pytest.mark.parametrize(("who", "words", "actions"), DRY_RUNS)
def test_a_dry_run_tries_everything_and_changes_nothing(
    town: Town,
    offer: int,
    channel: str,
    unpublished: str,
    who: str,
    words: tuple[str, ...],
    actions: list[str],
) -> None:
    assert (offer > 0, unpublished) == (True, NAME)
    node = town.author if who == "author" else town.buyer
    words = tuple(channel if word == "CHANNEL" else word for word in words)
    before = town.state(town.author), town.state(town.buyer)

    answer = town.mesg(node, *words, "--dry-run")

    assert answer.code == 0, answer.err
    planned = answer.json["planned"]
    assert [one["action"] for one in planned] == actions
    assert all(20_000 < one["gas"] < 500_000 for one in planned)
    assert all(one["fee"]["symbol"] == "ETH" and int(one["fee"]["amount"]) for one in planned)
    assert "transactions" not in answer.json
    assert (town.state(town.author), town.state(town.buyer)) == before


def test_a_dry_run_of_a_claim_cashes_nothing(town: Town) -> None:
    before = town.state(town.author)

    answer = town.mesg(town.author, "channel", "claim", "--dry-run")

    assert answer.code == 0, answer.err
    # What is owed depends on what other tests called.
    assert {one["action"] for one in answer.json["planned"]} <= {"claim"}
    assert town.state(town.author) == before


def test_a_dry_run_names_the_contract_the_call_and_its_arguments(town: Town) -> None:
    answer = town.mesg(town.buyer, "channel", "open", SID, "--amount", "5", "--dry-run")

    approve, opening = answer.json["planned"]
    assert (approve["contract"], approve["function"]) == ("MesgToken", "approve")
    assert approve["to"] == str(town.net.market.token)
    assert approve["arguments"] == {"spender": str(town.net.market.pay), "value": str(5 * UNIT)}
    assert (opening["contract"], opening["function"]) == ("MesgPay", "open")
    assert opening["arguments"]["amount"] == str(5 * UNIT)
    assert f"payer={town.buyer.account}" in opening["arguments"]["config"]
    assert answer.json["facts"]["operator"] == town.author.account


def test_what_was_rehearsed_costs_what_was_said(town: Town) -> None:
    words = ("wallet", "deposit", "3")
    planned = town.mesg(town.buyer, *words, "--dry-run").json["planned"]

    sent = done(town, town.buyer, *words)["transactions"]

    assert [one["gasUsed"] for one in sent] == [one["gas"] for one in planned]
    back = done(town, town.buyer, "wallet", "withdraw")
    assert back["facts"] == {"withdrawn": "3 MESG", "to": town.buyer.account}


def test_a_new_name_needs_consent_to_its_fee(town: Town) -> None:
    unpublished = deployed(town, "converter.new")
    publish = ("market", "publish", unpublished)
    before = held(town, town.author)

    unasked = town.mesg(town.author, *publish)
    no_limit = town.mesg(town.author, "--yes", *publish)
    too_dear = town.mesg(town.author, "--yes", *publish, "--max-fee", "0.5")

    assert (unasked.code, no_limit.code, too_dear.code) == (2, 2, 5)
    assert unasked.error["hint"] == "--yes --max-fee N"
    assert "--yes needs --max-fee" in no_limit.error["message"]
    assert too_dear.error["code"] == "price_above_max"
    assert held(town, town.author) == before
    published = done(town, town.author, *publish, "--max-fee", "2")
    fee = TokenAmount.parse(published["facts"]["fee"])
    paid = before[0] - held(town, town.author)[0]
    assert UNIT <= paid <= fee.units
    again = town.mesg(town.author, *publish)
    assert (again.code, again.json["transactions"]) == (0, [])
    given = done(town, town.author, "market", "transfer", unpublished, town.buyer.account)
    assert given["facts"]["to"] == town.buyer.account
    lost = town.mesg(town.author, "market", "earnings", unpublished)
    assert (lost.code, lost.error["code"]) == (5, "not_entitled")


def test_a_pass_is_bought_seated_earned_cancelled_and_collected(town: Town, offer: int) -> None:
    tokens, vault = held(town, town.buyer)
    buy = ("market", "buy", SID, "--max-price", "3", "--offer", str(offer))

    bought = done(town, town.buyer, *buy, "--referrer", town.author.account)
    seated = done(town, town.buyer, "market", "seat", "give", SID, "0x" + "22" * 20)
    refused = town.mesg(town.buyer, "market", "seat", "give", SID, "0x" + "22" * 20, "--seat", "2")
    done(town, town.buyer, "market", "seat", "empty", SID, "1")
    until(lambda: income_of(town)["passes"] == 1)
    a_second_goes_by(town)
    income = income_of(town)
    collecting = actions_of(town, town.author, "wallet", "collect")
    assert collecting == ["collect", "settle_passes", "collect_service"]
    assert actions_of(town, town.author, "market", "earnings", "--settle") == ["settle_passes"]
    assert actions_of(town, town.buyer, "market", "cancel", SID) == ["cancel_pass"]
    friend = "0x" + "33" * 20
    assert actions_of(town, town.buyer, "market", "seat", "give", SID, friend) == ["seat"]
    cancelled = done(town, town.buyer, "market", "cancel", SID)

    assert (bought["facts"]["price"], seated["facts"]["seat"]) == ("3 MESG", "1")
    assert refused.error["message"].startswith("there is no seat 2 to give or leave")
    assert "SeatUnknown(number=2, seats=2)" in refused.error["cause"]
    assert income["passes"] == 1
    assert int(income["vested"]["amount"]) + int(income["held"]["amount"]) == 27 * UNIT // 10
    refunded = TokenAmount.parse(cancelled["facts"]["refunded"]).units
    assert 26 * UNIT // 10 < refunded <= 27 * UNIT // 10
    assert held(town, town.buyer) == (tokens - 3 * UNIT, vault + refunded)
    done(town, town.buyer, "wallet", "withdraw")
    assert held(town, town.buyer) == (tokens - 3 * UNIT + vault + refunded, 0)
    collected = done(town, town.author, "wallet", "collect")["facts"]["collected"]
    assert TokenAmount.parse(collected).units >= 3 * UNIT - refunded


def actions_of(town: Town, node: StoryNode, *words: str) -> list[str]:
    planned = done(town, node, *words, "--dry-run")["planned"]
    return [str(one["action"]) for one in planned]


def income_of(town: Town) -> Any:
    (income,) = done(town, town.author, "market", "earnings", SID)["items"]
    return income


def test_what_a_contract_refuses_is_told_in_a_sentence(town: Town) -> None:
    answer = town.mesg(town.author, "--yes", "market", "cancel", SID)

    assert (answer.code, answer.error["code"]) == (11, "transaction_reverted")
    assert answer.error["message"] == f"{town.author.account} has no pass that is still running"
    assert answer.error["hint"] == "buy one: mesg market buy SERVICE"
    assert answer.error["cause"].startswith("cancel_pass: PassUnknown(serviceId=")


def test_a_channel_is_filled_up_used_closed_alone_and_waited_for(town: Town) -> None:
    channel = opened(town)
    filled = done(town, town.buyer, "channel", "topup", channel, "1")
    called = town.mesg(town.buyer, "call", SID, "compose", *INPUTS, "--max-price", "0.5")
    closing = done(town, town.buyer, "channel", "close", channel, "--unilateral")
    early = town.mesg(town.buyer, "channel", "withdraw", channel)

    assert filled["facts"]["reserved"] == "3 MESG"
    assert called.code == 0, called.err
    assert (closing["facts"]["phase"], early.code) == ("closing", 1)
    assert early.error["message"].startswith(f"it is too early: channel {channel} can be finished")
    assert any(
        f" in {wait}" in early.error["message"] for wait in ("1 d,", "24 h,", "23 h 59 min,")
    )
    assert early.error["hint"] == "try again then: mesg channel withdraw"


def test_an_offer_that_is_disabled_sells_no_more(town: Town) -> None:
    index = str(done(town, town.author, *PASS)["facts"]["offer"])

    done(town, town.author, "market", "offer", "disable", SID, index)

    late = town.mesg(
        town.buyer, "market", "buy", SID, "--max-price", "3", "--dry-run", "--offer", index
    )
    assert late.error["code"] in ("expired", "not_found")
