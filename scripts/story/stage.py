"""Who takes part in the story, and what everything costs in it."""

from dataclasses import dataclass, field

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from story.devnet import Devnet
from story.nodes import StoryNode
from story.report import Report
from story.webhooks import Inbox

FUNDS = TokenAmount.parse("100")
CALL_PRICE = TokenAmount.parse("0.5")
PASS_PRICE = TokenAmount.parse("3")
PASS_S = 30 * 86_400
NAME_FEE_MAX = TokenAmount.parse("2")
CHANNEL = TokenAmount.parse("10")
AUTHOR_SHARE_PERCENT = 20


@dataclass(slots=True)
class Stage:
    """All that takes part."""

    report: Report
    net: Devnet
    inbox: Inbox
    author: StoryNode
    operator: StoryNode
    buyer: StoryNode
    accounts: dict[str, AccountAddress] = field(default_factory=dict)


def units(amount: TokenAmount) -> str:
    """Return an amount as it is typed."""
    return str(amount).removesuffix(" MESG")
