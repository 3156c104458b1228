"""Commands that move money, against a served twin: what they ask, what they try, what they tell."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.unit.node.cli.typed import Shell, shell_with_node

from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.domain.identity import ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.cli.planned import AMOUNTS, planned_lines, readable
from mesg.node.testing.memory_counter import MemoryCounter
from mesg.node.testing.memory_market import ACCOUNT

FRIEND = "0x2222222222222222222222222222222222222222"
OTHER_WHOLE_NUMBERS = {"number", "nonce", "deadline", "serviceId", "tokenId", "lane"}
"""Arguments of the contracts that are numbers wide enough for tokens, and are none."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[tuple[Shell, MemoryCounter]]:
    async with shell_with_node(tmp_path) as both:
        yield both


@pytest.fixture
def mesg(world: tuple[Shell, MemoryCounter]) -> Shell:
    return world[0]


@pytest.fixture
def node(world: tuple[Shell, MemoryCounter]) -> MemoryCounter:
    return world[1]


@pytest.fixture
async def shop(mesg: Shell) -> Shell:
    """Sell a pass of `greeter` for 2 MESG, of three seats, a quarter of it for who brought the buyer."""
    await mesg("service", "deploy", "greeter", "--start", "-q")
    await mesg("market", "publish", "greeter", "--yes", "--max-fee", "1")
    made = await mesg(
        "market", "offer", "create", "greeter", "--pass", "2", "--seats", "3",
        "--referrer-share", "25%",
    )  # fmt: skip
    assert made.code == 0, made.err
    return mesg


async def test_a_dry_run_is_told_for_people(mesg: Shell, node: MemoryCounter) -> None:
    shown = await mesg("wallet", "deposit", "5", "--dry-run")

    assert shown.code == 0
    assert shown.out == (
        f"1. deposit: MesgPay.deposit at {ACCOUNT}\n"
        "   deposited  5 MESG\n"
        "   gas        50000, 0.00005 ETH\n"
        "1 transaction, 50000 gas, 0.00005 ETH at present fees\n"
        "deposited  5 MESG\n"
    )
    assert shown.err == "Dry run: nothing was sent, signed or kept\n"
    assert str(node.vault) == "0 MESG"


async def test_a_dry_run_is_told_for_programs(mesg: Shell) -> None:
    shown = await mesg("wallet", "approve", "5", "--dry-run", "--json")

    assert shown.json == {
        "apiVersion": "v1",
        "planned": [
            {
                "action": "approve",
                "contract": "MesgPay",
                "to": str(ACCOUNT),
                "function": "approve",
                "arguments": {"approved": "5 MESG"},
                "gas": 50_000,
                "fee": {"amount": str(50_000 * 10**9), "symbol": "ETH", "decimals": 18},
            }
        ],
        "facts": {"approved": "5 MESG"},
    }
    assert shown.err == ""


def test_a_structure_is_shown_by_its_members_and_a_service_by_its_name() -> None:
    number = ServiceId("weather.acme").number
    one = {
        "action": "offer",
        "contract": "ServiceRegistry",
        "to": FRIEND,
        "function": "createOffer",
        "arguments": {"serviceId": str(number), "terms": "(kind=0, price=2000000000000000000)"},
        "gas": 2,
        "fee": {"amount": "4", "symbol": "ETH", "decimals": 18},
    }

    assert list(planned_lines([one, one], sid="weather.acme"))[:5] == [
        f"1. offer: ServiceRegistry.createOffer at {FRIEND}",
        "   serviceId    weather.acme",
        "   terms.kind   0",
        "   terms.price  2 MESG",
        "   gas          2, 0.000000000000000004 ETH",
    ]
    assert list(planned_lines([one, one]))[-1] == (
        "2 transactions, 4 gas, 0.000000000000000008 ETH at present fees"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("market", "publish", "another", "--dry-run"),
        ("market", "offer", "create", "greeter", "--per-call", "1", "--dry-run"),
        ("market", "offer", "disable", "greeter", "0", "--dry-run"),
        ("market", "buy", "greeter", "--dry-run"),
        ("market", "buy", "greeter", "--for", FRIEND, "--dry-run"),
        ("market", "transfer", "greeter", FRIEND, "--dry-run"),
        ("market", "seat", "give", "greeter", FRIEND, "--dry-run"),
        ("market", "seat", "empty", "greeter", "1", "--dry-run"),
        ("market", "seat", "leave", "greeter", "--dry-run"),
        ("market", "earnings", "greeter", "--settle", "--dry-run"),
        ("channel", "open", "greeter", "--amount", "5", "--dry-run"),
        ("channel", "claim", "--dry-run"),
        ("wallet", "approve", "5", "--dry-run"),
        ("wallet", "deposit", "5", "--dry-run"),
        ("wallet", "withdraw", "--to", FRIEND, "--dry-run"),
        ("wallet", "collect", "--dry-run"),
    ],
)
async def test_a_dry_run_asks_nothing_and_changes_nothing(
    shop: Shell, node: MemoryCounter, words: tuple[str, ...]
) -> None:
    before = (node.tokens, node.vault, dict(node.listings), dict(node.open_channels), node.owed)

    shown = await shop(*words, "--json")

    assert shown.code == 0, shown.err
    assert len(shown.json["planned"]) == 1
    after = (node.tokens, node.vault, dict(node.listings), dict(node.open_channels), node.owed)
    assert after == before


async def test_looking_at_earnings_is_no_act(mesg: Shell) -> None:
    refused = await mesg("market", "earnings", "--dry-run")

    assert (refused.code, "--dry-run is for --settle" in refused.err) == (2, True)


async def test_a_new_name_is_asked_for_with_its_fee(mesg: Shell, node: MemoryCounter) -> None:
    publish = ("market", "publish", "greeter")

    silent = await mesg(*publish)
    no_limit = await mesg(*publish, "--yes")
    dear = await mesg(*publish, "--yes", "--max-fee", "0.5")
    declined = await mesg(*publish, typing="n\n")
    before = str(node.tokens)
    accepted = await mesg(*publish, typing="y\n")
    again = await mesg(*publish)

    assert (silent.code, no_limit.code, dear.code, declined.code) == (2, 2, 5, 2)
    assert "hint: --yes --max-fee N" in silent.err
    assert "greeter is a new name: it costs 1 MESG now, at most 1.1 MESG" in declined.err
    assert before == "100 MESG"
    assert (accepted.code, again.code, str(node.tokens)) == (0, 0, "99 MESG")
    assert "new name" not in again.err


async def test_a_purchase_tells_seats_time_and_what_is_not_refunded(shop: Shell) -> None:
    asked = await shop("market", "buy", "greeter", typing="n\n")
    await shop("market", "buy", "greeter", "--yes", "--max-price", "2")
    more = await shop("market", "buy", "greeter", typing="n\n")

    assert asked.err.startswith(
        f"greeter by {ACCOUNT}\n"
        "Offer 0: 2 MESG for 30 d, 3 seats (accounts that may use it, its holder included)\n"
        "Your pass begins now\n"
        "If you cancel it, the time that is left is paid back, except 0.5 MESG (25 %)"
        " for who brought you\n"
        "Balance after: 97 MESG (and the gas of the transaction)\n"
        "Buy? [y/N]"
    )
    assert "Your pass runs until 2026-10-21T14:13:20Z, then until 2026-11-20T14:13:20Z" in more.err


async def test_a_gift_says_whose_it_will_be(shop: Shell, node: MemoryCounter) -> None:
    asked = await shop("market", "buy", "greeter", "--for", FRIEND, typing="n\n")
    given = await shop(
        *("market", "buy", "greeter", "--for", FRIEND, "--referrer", FRIEND),
        *("--yes", "--max-price", "2", "--json"),
    )
    wrong = await shop("market", "buy", "greeter", "--for", "0x12", "--yes", "--max-price", "2")

    assert f"The pass of {FRIEND} begins now\nIf its holder cancels it" in asked.err
    assert given.json["facts"]["for"] == given.json["facts"]["referrer"] == FRIEND
    assert wrong.code == 9
    assert node.passes == {}


async def test_a_pass_is_cancelled_after_a_question(shop: Shell, node: MemoryCounter) -> None:
    none = await shop("market", "cancel", "greeter", typing="y\n")
    await shop("market", "buy", "greeter", "--yes", "--max-price", "2")
    silent = await shop("market", "cancel", "greeter")
    declined = await shop("market", "cancel", "greeter", typing="n\n")
    held = str(node.vault)
    cancelled = await shop("market", "cancel", "greeter", typing="y\n")

    assert (none.code, silent.code, declined.code, held) == (3, 2, 2, "0 MESG")
    assert "runs until 2026-10-21T14:13:20Z. Cancelled now it ends at once" in declined.err
    assert "about 2 MESG come back" in declined.err
    assert "refunded  2 MESG" in cancelled.out
    assert cancelled.err.endswith("It lies in your vault; to your wallet: mesg wallet withdraw\n")
    assert str(node.vault) == "2 MESG"


async def test_a_refusal_of_a_contract_is_a_sentence(shop: Shell) -> None:
    plain = await shop("market", "cancel", "greeter", "--yes")
    whole = await shop("market", "cancel", "greeter", "--yes", "--debug")

    assert plain.code == 11
    assert plain.err == (
        f"error[transaction_reverted]: {ACCOUNT} has no pass that is still running\n"
        "hint: buy one: mesg market buy SERVICE\n"
    )
    assert "cause: cancel_pass: PassUnknown(serviceId=" in whole.err


async def test_a_service_is_given_away_after_a_question(shop: Shell, node: MemoryCounter) -> None:
    transfer = ("market", "transfer", "greeter", FRIEND)

    silent = await shop(*transfer)
    declined = await shop(*transfer, typing="n\n")
    owner = node.listings["greeter"].owner
    given = await shop(*transfer, typing="y\n")

    assert (silent.code, declined.code, given.code) == (2, 2, 0)
    assert f"Give greeter to {FRIEND}?" in declined.err
    assert "Nobody can take this back" in declined.err
    assert (owner, node.listings["greeter"].owner) == (str(ACCOUNT), FRIEND)


async def test_offers_close_and_seats_change(shop: Shell, node: MemoryCounter) -> None:
    given = await shop("market", "seat", "give", "greeter", FRIEND, "--seat", "2", "-q")
    emptied = await shop("market", "seat", "empty", "greeter", "2", "-q")
    left = await shop("market", "seat", "leave", "greeter", "-q")
    own = await shop("market", "seat", "empty", "greeter", "0")
    disabled = await shop("market", "offer", "disable", "greeter", "0", "-q")
    missing = await shop("market", "offer", "disable", "greeter", "7")

    assert [one.out for one in (given, emptied, left)] == ["2\n", "2\n", "greeter\n"]
    assert node.seats == {("greeter", 2): None}
    assert (own.code, disabled.out, missing.code) == (9, "0\n", 3)
    assert node.listings["greeter"].offers[0].disabled


async def test_earnings_are_told_by_service_and_account(shop: Shell) -> None:
    shown = await shop("market", "earnings")
    settled = await shop("market", "earnings", "greeter", "--settle")

    assert shown.out.splitlines()[0].split() == [
        "SERVICE", "COLLECTABLE", "VESTED", "HELD", "PASSES",
    ]  # fmt: skip
    assert "Your account  0 MESG to collect\nVouchers      0 MESG to claim" in shown.out
    assert "settled  0 MESG" in settled.out


async def test_a_channel_is_filled_up_and_finished(mesg: Shell, node: MemoryCounter) -> None:
    channel = (await mesg("channel", "open", "greeter", "--amount", "5", "-q")).out.strip()

    filled = await mesg("channel", "topup", channel[:10], "2.5", "-q")
    early = await mesg("channel", "withdraw")
    closing = await mesg("channel", "close", channel, "--unilateral")
    kept = await mesg("channel", "withdraw", "--no-to-wallet", "-q")
    vault = str(node.vault)

    assert (filled.out, early.code, closing.code, kept.out) == ("7.5 MESG\n", 1, 0, "1\n")
    assert vault == "7.5 MESG"
    (view,) = node.open_channels.values()
    assert view.phase == "closed"


async def test_the_vault_sends_to_strangers_only_after_a_question(
    mesg: Shell, node: MemoryCounter
) -> None:
    await mesg("wallet", "deposit", "5")
    withdraw = ("wallet", "withdraw", "2", "--to", FRIEND)

    silent = await mesg(*withdraw)
    declined = await mesg(*withdraw, typing="n\n")
    sent = await mesg(*withdraw, typing="y\n")
    rest = await mesg("wallet", "withdraw", "-q")

    assert (silent.code, declined.code, sent.code) == (2, 2, 0)
    assert f"Send 2 to {FRIEND}?" in declined.err
    assert (rest.out, node.tokens) == ("3 MESG\n", TokenAmount.parse("98"))


@pytest.mark.parametrize("contract", ["MesgToken", "ServiceRegistry", "MesgPay"])
def test_every_argument_that_is_tokens_is_shown_as_tokens(contract: str) -> None:
    wide = {
        name
        for entry in artifact(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] == "nonpayable"
        for name, kind in named(entry["inputs"])
        if kind in ("uint128", "uint256", "uint128[]")
    }

    assert wide - OTHER_WHOLE_NUMBERS <= AMOUNTS


def named(parameters: object) -> list[tuple[str, str]]:
    assert isinstance(parameters, list)
    found = [(str(one["name"]), str(one["type"])) for one in parameters]
    for one in parameters:
        found += named(one.get("components", []))
    return found


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("value", "1500000000000000000", "1.5 MESG"),
        ("terms", "(kind=0, price=2000000000000000000, seats=2)", "(kind=0, price=2 MESG, seats=2)"),
        ("serviceId", "77", "77"),
        ("amount", "x", "x"),
        ("value", str(2**256 - 1), str(2**256 - 1)),
        ("claims", "[(cumulative=1000000000000000000), (cumulative=5)]",
         "[(cumulative=1 MESG), (cumulative=0.000000000000000005 MESG)]"),
    ],
)  # fmt: skip
def test_arguments_are_readable(name: str, text: str, shown: str) -> None:
    assert readable(name, text) == shown
