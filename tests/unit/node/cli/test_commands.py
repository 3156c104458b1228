"""The command line against a served twin: what is printed where, and the exit codes."""

import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from tests.unit.node.cli.typed import Shell, Typed, shell_with_node

from mesg.node.testing.memory_counter import PASSWORD, PEER, MemoryCounter
from mesg.node.testing.memory_market import OPERATOR


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


async def deployed(mesg: Shell) -> None:
    answer = await mesg("service", "deploy", "greeter", "--start", "-q")
    assert (answer.code, answer.out) == (0, "greeter\n")


async def published(mesg: Shell, sid: str = "greeter") -> None:
    answer = await mesg("market", "publish", sid, "--yes", "--max-fee", "1", "-q")
    assert (answer.code, answer.out) == (0, f"{sid}\n")


async def test_status_shows_the_node_and_tells_issues_beside_it(mesg: Shell) -> None:
    plain, as_json = await mesg("status"), await mesg("status", "--json")

    assert f"Peer      {PEER}" in plain.out
    assert plain.err == "! the wallet is locked\n"
    assert as_json.json["peer"] == PEER
    assert (await mesg("-q", "node", "id")).out == f"{PEER}\n"
    assert (await mesg("node", "id")).out.endswith(f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER}\n")
    assert (await mesg("node", "peers", "-o", "ndjson")).json["peer"] == OPERATOR


async def test_a_service_is_deployed_started_called_and_deleted(mesg: Shell) -> None:
    await deployed(mesg)

    called = await mesg("call", "greeter", "greet", "name=Ada")
    whole = await mesg("service", "execute", "greeter", "greet", 'name:="Bo"', "--json")
    shown = await mesg("exec", "show", whole.json["execution"], "--json")
    listed = await mesg("service", "list")
    detail = await mesg("service", "detail", "greeter")
    stopped = await mesg("service", "stop", "greeter")
    refused = await mesg("call", "greeter", "greet", "name=Ada")
    deleted = await mesg("service", "delete", "greeter", "--delete-data")

    assert (called.code, called.out) == (0, '{"text": "hello Ada"}\n')
    assert called.err.startswith("✔ this node · 0 MESG · execution 0x")
    assert shown.json == whole.json
    assert listed.out.splitlines()[1].split()[:4] == ["greeter", "running", "own", "process"]
    assert "Task   greet(name: String)" in detail.out
    assert (stopped.code, refused.code, deleted.code) == (0, 1, 0)
    assert refused.err.startswith("error[service_stopped]: ")


async def test_inputs_come_from_a_file_too_and_an_execution_need_not_be_awaited(
    mesg: Shell, tmp_path: Path
) -> None:
    await deployed(mesg)
    file = tmp_path / "inputs.json"
    file.write_text('{"name": "File"}')

    begun = await mesg("call", "greeter", "greet", f"@{file}", "--no-wait", "-q")
    shown = await mesg("exec", "show", begun.out.strip(), "--json")
    listed = await mesg("exec", "list", "-q")

    assert shown.json["outputs"] == {"text": "hello File"}
    assert listed.out == begun.out


async def test_an_execution_is_shown_by_what_the_table_says(mesg: Shell) -> None:
    await deployed(mesg)
    whole = (await mesg("call", "greeter", "greet", "name=Ada", "-q")).out.strip()
    table = await mesg("exec", "list")
    cut = table.out.splitlines()[1].split()[0]

    by_cut = await mesg("exec", "show", cut, "-q")
    by_digits = await mesg("exec", "show", whole[2:8], "-q")
    unknown = await mesg("exec", "show", "0x00000000")
    too_short = await mesg("exec", "show", "0x12")

    assert cut.endswith("…")
    assert [by_cut.out.strip(), by_digits.out.strip()] == [whole, whole]
    assert unknown.err == (
        "error[not_found]: 0 of the newest executions begin with '0x00000000'\n"
        "hint: see them with: mesg exec list\n"
    )
    assert (unknown.code, too_short.code) == (3, 9)


async def test_events_are_listened_to_from_a_cursor_until_the_count(
    mesg: Shell, node: MemoryCounter
) -> None:
    await deployed(mesg)
    for number in range(3):
        await node.emit("greeter", "greeted", {"text": str(number)})

    heard = await mesg("listen", "greeter:greeted", "--from", "1", "--count", "2")

    events = [json.loads(line) for line in heard.out.splitlines()]
    assert [event["data"] for event in events] == [{"text": "1"}, {"text": "2"}]
    assert events[0]["specversion"] == "1.0"


async def test_results_are_listened_to_as_they_come(mesg: Shell, node: MemoryCounter) -> None:
    await deployed(mesg)
    heard: list[Typed] = []

    async def listen() -> None:
        heard.append(await mesg("listen", "greeter", "--results", "--count", "1"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await node.listeners.wait_for(1)
        await mesg("call", "greeter", "greet", "name=Ada")

    assert json.loads(heard[0].out)["outputs"] == {"text": "hello Ada"}


async def test_logs_cannot_command_the_terminal(mesg: Shell, node: MemoryCounter) -> None:
    from mesg.node.domain.instance import LogLine  # noqa: PLC0415

    await deployed(mesg)
    node.lines.append(LogLine("stdout", "\x1b[2Jgone", "redis"))

    logs = await mesg("service", "logs", "greeter", "--tail", "2")

    assert logs.out == "careful\nredis | �[2Jgone\n"


async def test_a_pass_is_published_offered_found_and_bought(mesg: Shell) -> None:
    await deployed(mesg)

    await published(mesg)
    offered = await mesg(
        "market", "offer", "create", "greeter", "--pass", "2", "--duration", "30d",
        "--referrer-share", "12.5%", "--seats", "3", "--hosted-only", "-q",
    )  # fmt: skip
    metered = await mesg("marketplace", "offer", "create", "greeter", "--per-call", "0.5")
    found = await mesg("market", "search", "greet")
    shown = await mesg("market", "show", "greeter")
    bought = await mesg("market", "buy", "greeter", "--yes", "--max-price", "2", "--json")

    assert (offered.out, metered.code) == ("0\n", 0)
    assert "2 MESG / 30 d, 0.5 MESG / call" in found.out
    assert (
        "Offer 0  2 MESG / 30 d · 3 seats · referrer 12.5 % · only on the author's nodes"
        in shown.out
    )
    assert bought.json["facts"]["price"] == "2 MESG"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bought.json["facts"]["expiresAt"])


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--yes",), 2, "--yes needs --max-price"),
        ((), 2, "this needs your consent"),
        (("--yes", "--max-price", "1"), 5, "more than the 1 MESG you allow"),
        (("--offer", "7", "--yes", "--max-price", "9"), 3, "sells no such pass"),
        (("--yes", "--max-price", "x"), 9, "is not an amount"),
    ],
)
async def test_a_purchase_needs_consent_and_a_limit(
    mesg: Shell, words: tuple[str, ...], code: int, says: str
) -> None:
    await deployed(mesg)
    await published(mesg)
    await mesg("market", "offer", "create", "greeter", "--pass", "2")

    refused = await mesg("market", "buy", "greeter", *words)

    assert refused.code == code
    assert says in refused.err


async def test_a_person_is_asked_before_money_leaves(mesg: Shell, node: MemoryCounter) -> None:
    await deployed(mesg)
    await published(mesg)
    await mesg("market", "offer", "create", "greeter", "--pass", "2")

    declined = await mesg("market", "buy", "greeter", typing="n\n")
    accepted = await mesg("market", "buy", "greeter", typing="y\n")

    assert declined.code == 2
    assert "Offer 0: 2 MESG for 30 d, for one account\nYour pass begins now\n" in declined.err
    assert "Balance after: 97 MESG" in declined.err
    assert accepted.code == 0
    assert str(node.tokens) == "97 MESG", "a name for 1 and a pass for 2"


async def test_channels_are_opened_claimed_and_closed(mesg: Shell) -> None:
    opened = await mesg("channel", "open", "greeter", "--amount", "5", "-q")
    claimed = await mesg("channel", "claim", "-q")
    listed = await mesg("channel", "list")
    closed = await mesg("channel", "close", opened.out.strip()[:10])
    missing = await mesg("channel", "close", "0xffff")
    peer = await mesg("channel", "open", OPERATOR, "--amount", "5")
    dear = await mesg("channel", "open", "greeter", "--amount", "500")

    assert claimed.out == "3 MESG\n"
    assert listed.out.splitlines()[1].split()[1:4] == [
        "payer",
        "greeter",
        "0x1111111111111111111111111111111111111111",
    ]
    assert (closed.code, missing.code, peer.code, dear.code) == (0, 3, 2, 5)
    assert f"--peer {OPERATOR}" in peer.err


async def test_the_wallet_of_the_node(mesg: Shell, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    password.chmod(0o600)

    nobody = await mesg("wallet", "unlock")
    wrong = await mesg("wallet", "unlock", MESG_KEYSTORE_PASSWORD="x")
    right = await mesg("wallet", "unlock", "--password-file", str(password))
    balance = await mesg("wallet", "balance")

    assert (nobody.code, wrong.code, right.code) == (4, 4, 0)
    assert "warning: MESG_KEYSTORE_PASSWORD can be read by other programs" in wrong.err
    assert "Gas money  0.1 ETH\nTokens     100 MESG" in balance.out
    assert (await mesg("wallet", "collect")).code == 0


async def test_errors_are_one_line_and_a_hint_or_json_on_standard_error(mesg: Shell) -> None:
    plain = await mesg("service", "start", "nobody")
    as_json = await mesg("service", "start", "nobody", "--json")

    assert (plain.code, plain.out) == (3, "")
    assert plain.err == (
        "error[not_found]: there is no service 'nobody'\nhint: see them: mesg service list\n"
    )
    assert as_json.out == ""
    assert json.loads(as_json.err)["error"] == {
        "code": "not_found",
        "message": "there is no service 'nobody'",
        "where": "",
        "hint": "see them: mesg service list",
        "retryable": False,
        "cause": "",
    }


async def test_each_kind_of_failed_call_has_its_exit_code(
    mesg: Shell, node: MemoryCounter
) -> None:
    def fail(_inputs: object) -> dict[str, str]:
        raise ValueError("no such city")

    def hang(_inputs: object) -> dict[str, str]:
        raise TimeoutError

    node.handlers |= {"fail": fail, "hang": hang, "break": lambda inputs: inputs["missing"]}
    await deployed(mesg)

    codes = {
        task: (await mesg("call", "greeter", task)).code
        for task in ("fail", "hang", "break", "nothing")
    }
    far = await mesg("call", "greeter", "greet", "name=x", "--peer", OPERATOR)

    assert codes == {"fail": 8, "hang": 7, "break": 1, "nothing": 3}
    assert far.code == 6


async def test_hosting_deploys_and_starts(mesg: Shell) -> None:
    await published(mesg, "weather.acme")

    hosted = await mesg("host", "weather.acme", "--env", "KEY=v", "--json")

    assert hosted.json["status"] == "running"
    assert hosted.json["environment"] == ["KEY"]
    assert (await mesg("host", "weather.acme", "--env", "KEY")).code == 2


async def test_a_stream_from_a_node_that_dies_is_an_error(tmp_path: Path) -> None:
    heard: list[Typed] = []

    async with trio.open_nursery() as nursery, shell_with_node(tmp_path) as (mesg, node):
        await deployed(mesg)

        async def listen() -> None:
            heard.append(await mesg("listen", "greeter"))

        nursery.start_soon(listen)
        await node.listeners.wait_for(1)

    assert heard[0].code == 6
    assert "ended the connection" in heard[0].err
