"""The plot: an author publishes, an operator hosts, a buyer combines, tokens move, everybody is paid."""

import shutil
import sys
from pathlib import Path
from typing import Any

import trio

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from story.devnet import open_devnet
from story.money import check_to_the_unit, claim, collect, end_the_pass
from story.nodes import StepFailed, StoryNode, running
from story.report import Holdings, Report
from story.stage import (
    AUTHOR_SHARE_PERCENT,
    CALL_PRICE,
    CHANNEL,
    FUNDS,
    NAME_FEE_MAX,
    PASS_PRICE,
    PASS_S,
    Stage,
    units,
)
from story.webhooks import open_inbox

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
APPLICATION = EXAMPLES / "applications" / "transfers_to_webhook.py"
FOUND_S_MAX = 30.0
ARRIVED_S_MAX = 60.0


async def tell(report: Report, folder: Path, cache: Path, transfers: int, keep: bool) -> None:
    """Tell the whole story; whatever happens, nothing is left running."""
    report.chapter("A chain, with the market's contracts")
    if shutil.which("docker") is None:
        report.say("no Docker here: Services run as limited processes of their node instead")
    else:
        report.say("Services run as limited processes (runtime.kind = process)")
    with open_inbox() as inbox:
        async with open_devnet(cache) as net:
            report.say(f"anvil {net.url}, MESG {net.market.token}, market {net.market.pay}")
            author, operator, buyer = (
                StoryNode(name, folder / name) for name in ("author", "operator", "buyer")
            )
            stage = Stage(report, net, inbox, author, operator, buyer)
            await _with_nodes(stage, folder, transfers, keep)


async def _with_nodes(stage: Stage, folder: Path, transfers: int, keep: bool) -> None:
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text("only for this demo")
    stage.report.chapter("Three nodes, each with its own home, keys and ports")
    await stage.author.init(stage.net, password, [])
    async with running(stage.author):
        await stage.author.learn()
        bootstrap = [stage.author.address]
        async with trio.open_nursery() as nursery:
            for node in (stage.operator, stage.buyer):
                nursery.start_soon(node.init, stage.net, password, bootstrap)
        async with running(stage.operator, stage.buyer):
            await _meet(stage)
            before = await _holdings(stage)
            await _play(stage, transfers)
            after = await _holdings(stage)
            stage.report.table(before, after)
            _keep_balances(stage, before, after)
            check_to_the_unit(stage.report, before, after)
            if keep:
                await _keep(stage)
        stage.report.chapter("The end")


async def _meet(stage: Stage) -> None:
    report = stage.report
    nodes = (stage.author, stage.operator, stage.buyer)
    for node in nodes:
        await node.learn()
        stage.accounts[node.name] = AccountAddress.parse(node.account)
        await stage.net.fund(stage.accounts[node.name], FUNDS)
        report.say(f"{node.name}: peer {node.peer}, account {node.account}")
    report.say("the operator and the buyer know nobody but one bootstrap address")
    report.keep(
        "peers", {node.name: {"peer": node.peer, "account": node.account} for node in nodes}
    )


async def _play(stage: Stage, transfers: int) -> None:
    await _publish(stage)
    await _host(stage)
    await _find(stage)
    await _buy(stage)
    await _run_application(stage, transfers)
    await claim(stage)
    await end_the_pass(stage)
    await collect(stage)


async def _publish(stage: Stage) -> None:
    report, author = stage.report, stage.author
    report.chapter("The author publishes three Services with their offers")
    watch = {"ERC20_RPC_URL": stage.net.url, "ERC20_TOKEN": str(stage.net.watched_token)}
    watch |= {"ERC20_POLL_S": "0.2"}
    await author.mesg(
        *("service", "deploy", str(EXAMPLES / "erc20")),
        *[f"--env={name}={value}" for name, value in watch.items()],
    )
    await author.mesg("service", "deploy", str(EXAMPLES / "webhook"))
    await author.mesg("service", "deploy", str(EXAMPLES / "transfer-message"))
    share = f"{AUTHOR_SHARE_PERCENT}%"
    offers = {
        "erc20": ["--per-call", "0"],
        "webhook": ["--per-call", units(CALL_PRICE), "--author-share", share],
        "transfer-message": ["--pass", units(PASS_PRICE), "--duration", f"{PASS_S}s"],
    }
    await _rehearse(stage, next(iter(offers)))
    for sid, terms in offers.items():
        done = await author.mesg("market", "publish", sid, "--max-fee", units(NAME_FEE_MAX))
        report.sent("author", done)
        fee = done["facts"]["fee"]
        report.say(f"author: {sid} is published, for a name's fee of at most {fee}")
        report.sent("author", await author.mesg("market", "offer", "create", sid, *terms))
    await author.mesg("service", "start", "erc20")
    report.say("author: erc20 runs and watches a real token")


async def _rehearse(stage: Stage, sid: str) -> None:
    """Show what publishing would cost; nothing is sent."""
    tried = await stage.author.mesg("market", "publish", sid, "--dry-run")
    for one in tried["planned"]:
        called = f"{one['contract']}.{one['function']}"
        stage.report.say(f"author: dry run: {called}, about {one['gas']:,} gas")
    stage.report.say(f"author: dry run: the name {sid} costs {tried['facts']['fee']} now")
    stage.report.keep("rehearsed", tried["planned"])


async def _host(stage: Stage) -> None:
    stage.report.chapter("The operator hosts `webhook` for rewards")
    found = await _found(stage.operator, "webhook", "seeds")
    stage.report.say(f"operator: fetches the package {found['package'][:18]}… by its hash")
    await stage.operator.mesg("host", "webhook")
    stage.report.say("operator: verified, running, advertised at 0.5 MESG a call")


async def _find(stage: Stage) -> None:
    stage.report.chapter("The buyer finds all three through the DHT, by sid")
    times = {}
    for sid in ("erc20", "webhook", "transfer-message"):
        started = trio.current_time()
        found = await _found(stage.buyer, sid, "runs" if sid != "transfer-message" else "seeds")
        times[sid] = round(trio.current_time() - started, 3)
        who = ", ".join(f"{one['peer'][:16]}… {one['state']}" for one in found["providers"])
        stage.report.say(f"buyer: {sid}: {who} ({times[sid]:.2f} s)")
    stage.report.keep("discovery_s", times)


async def _found(node: StoryNode, sid: str, state: str) -> dict[str, Any]:
    """Ask the market until a node that runs (or at least has) the Service is shown."""
    with trio.move_on_after(FOUND_S_MAX):
        while True:
            try:
                shown: dict[str, Any] = await node.mesg("market", "show", sid)
            except StepFailed:
                await trio.sleep(0.2)
                continue
            for provider in shown["providers"]:
                provider["state"] = "runs" if provider["runs"] else "seeds"
            if any(one["state"] == state or state == "seeds" for one in shown["providers"]):
                return shown
            await trio.sleep(0.2)
    raise StepFailed(f"the {node.name} found nobody who {state} {sid} in {FOUND_S_MAX:.0f} s")


async def _buy(stage: Stage) -> None:
    report, buyer = stage.report, stage.buyer
    report.chapter("The buyer buys a pass, runs what he bought, and opens a channel")
    bought = await buyer.mesg(
        "market", "buy", "transfer-message", "--max-price", units(PASS_PRICE)
    )
    report.sent("buyer", bought)
    await buyer.mesg("service", "deploy", "transfer-message")
    await buyer.mesg("service", "start", "transfer-message")
    report.say("buyer: transfer-message was fetched under the pass and runs locally")
    opened = await buyer.mesg("channel", "open", "webhook", "--amount", units(CHANNEL))
    report.sent("buyer", opened)
    report.say(f"buyer: {CHANNEL} are reserved for {opened['facts']['operator']}")
    report.keep("channel", opened["facts"])


async def _run_application(stage: Stage, transfers: int) -> None:
    report = stage.report
    report.chapter("Twenty lines of application: when tokens move, compose, then post")
    command = [sys.executable, str(APPLICATION), stage.inbox.url]
    environment = {"MESG_HOME": str(stage.buyer.home)}
    process = await trio.lowlevel.open_process(
        command, stdout=-1, stderr=-1, env={**_path(), **environment}
    )
    try:
        await _transfer_and_wait(stage, process, transfers)
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
    calls = await stage.buyer.mesg("exec", "list")
    report.keep("calls", calls["items"])


async def _transfer_and_wait(stage: Stage, process: trio.Process, transfers: int) -> None:
    assert process.stdout is not None  # noqa: S101 - opened with pipes
    with trio.move_on_after(ARRIVED_S_MAX):
        said = bytearray()
        while b"listening" not in said:
            more = await process.stdout.receive_some()
            if not more:
                await _tell_why(process)
            said += more
        for number in range(1, transfers + 1):
            to = AccountAddress(bytes([number]) * 20)
            amount = TokenAmount(number * 10**18 + number)
            mined = await stage.net.transfer(stage.net.watched_token, to, amount)
            stage.report.say(f"chain: block {mined.block}: {amount.units} units moved to {to}")
            while len(stage.inbox.received) < number:
                if process.poll() is not None:
                    await _tell_why(process)
                await trio.sleep(0.02)
            stage.report.say(f"webhook: {stage.inbox.received[-1]['message']}")
        return
    raise StepFailed(f"only {len(stage.inbox.received)} of {transfers} webhooks arrived")


async def _tell_why(process: trio.Process) -> None:
    assert process.stderr is not None  # noqa: S101 - opened with pipes
    said = await process.stderr.receive_some()
    raise StepFailed(f"the application ended: {said.decode(errors='replace')[-800:]}")


async def _holdings(stage: Stage) -> Holdings:
    """Return all MESG there is, by who holds it; what lies in the contract is counted where it lies."""
    holdings = {name: await stage.net.balance(account) for name, account in stage.accounts.items()}
    holdings["in the contract"] = await stage.net.balance(stage.net.market.pay)
    holdings["treasury"] = await stage.net.balance(stage.net.treasury)
    holdings["bank"] = await stage.net.balance(stage.net.bank.signer.address)
    return holdings


def _keep_balances(stage: Stage, before: Holdings, after: Holdings) -> None:
    table = {name: [str(before[name].units), str(after[name].units)] for name in after}
    stage.report.keep("balances_units", table)


async def _keep(stage: Stage) -> None:
    stage.report.chapter("Left running; Ctrl-C stops everything")
    for node in (stage.author, stage.operator, stage.buyer):
        stage.report.say(f"{node.name}: mesg --home {node.home} status   (gRPC {node.core_api})")
    await trio.sleep_forever()


def _path() -> dict[str, str]:
    import os  # noqa: PLC0415

    return {"PATH": os.environ.get("PATH", ""), "NO_COLOR": "1"}
