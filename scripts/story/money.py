"""The end of the story: vouchers are claimed, a pass ends early, everybody collects, all to the unit."""

from mesg.marketplace.domain.money import TokenAmount
from story.report import Holdings, Report
from story.stage import AUTHOR_SHARE_PERCENT, CALL_PRICE, CHANNEL, PASS_PRICE, PASS_S, Stage


async def claim(stage: Stage) -> None:
    """The operator cashes all vouchers in one transaction."""
    report = stage.report
    report.chapter("The operator claims; the contract divides between author and operator")
    channels = (await stage.operator.mesg("channel", "list"))["items"]
    for one in channels:
        report.say(
            f"operator: vouchers promise {one['promised']['amount']} units, charged {one['charged']['amount']}"
        )
    report.keep("vouchers", channels)
    report.sent("operator", await stage.operator.mesg("channel", "claim"))


async def end_the_pass(stage: Stage) -> None:
    """Half of its time has gone by and is the author's; the buyer takes the other half back."""
    report = stage.report
    report.chapter("Half of the pass's time goes by; the buyer cancels the other half")
    await stage.net.pass_time(PASS_S // 2)
    report.say(f"chain: {PASS_S // 2 // 86_400} days later")
    earned = (await stage.author.mesg("market", "earnings"))["items"]
    for one in earned:
        vested, held = (_amount(one[key]) for key in ("vested", "held"))
        if vested or held:
            report.say(
                f"author: {one['service']} has earned {vested} of its pass, {held} is to come"
            )
    report.keep("earnings", earned)
    report.sent("author", await stage.author.mesg("market", "earnings", "--settle"))
    cancelled = await stage.buyer.mesg("market", "cancel", "transfer-message")
    report.sent("buyer", cancelled)
    report.say(f"buyer: {cancelled['facts']['refunded']} of the pass came back")
    report.keep("refunded", str(TokenAmount.parse(cancelled["facts"]["refunded"]).units))
    report.sent("buyer", await stage.buyer.mesg("wallet", "withdraw"))


async def collect(stage: Stage) -> None:
    """What was earned goes to the accounts."""
    stage.report.chapter("Author and operator collect what they earned")
    for node in (stage.operator, stage.author):
        collected = await node.mesg("wallet", "collect")
        stage.report.sent(node.name, collected)
        stage.report.say(f"{node.name}: collected {collected['facts']['collected']}")


def check_to_the_unit(report: Report, before: Holdings, after: Holdings) -> None:
    """Raise AssertionError unless everybody has exactly what the story's prices make."""
    change = {name: after[name].units - before[name].units for name in after}
    fees, kept = change["treasury"], PASS_PRICE.units - int(report.facts["refunded"])
    calls = sum(one["service"] == "webhook" for one in report.facts["calls"]) * CALL_PRICE.units
    authors = calls * AUTHOR_SHARE_PERCENT // 100
    wanted = {
        "author": kept + authors - fees,
        "operator": calls - authors,
        "buyer": -kept - CHANNEL.units,
        "in the contract": CHANNEL.units - calls,
        "treasury": fees,
        "bank": 0,
    }
    if change != wanted:
        raise AssertionError(f"the changes should be {wanted}, they are {change}")
    report.say("exact: the pass earned its time, the calls their price, the names their fees")


def _amount(shape: dict[str, str]) -> TokenAmount:
    return TokenAmount(int(shape["amount"]))
