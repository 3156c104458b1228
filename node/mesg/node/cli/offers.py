"""Commands that make and close offers."""

import re
from typing import Annotated

from cyclopts import Parameter

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.cli.acts import DryRun, act
from mesg.node.cli.durations import whole_seconds_of
from mesg.node.cli.session import InSession
from mesg.node.errors import UsageError

_SHARE = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%?")


async def create(
    service: str,
    /,
    *,
    pass_: Annotated[str, Parameter("--pass")] = "",
    duration: str = "30d",
    per_call: str = "",
    per_event: str = "0",
    author_share: str = "0%",
    treasury_share: str = "0%",
    referrer_share: str = "0%",
    close_delay: str = "24h",
    valid_until: int = 0,
    hosted_only: bool = False,
    seats: int = 1,
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Offer a published Service of yours: a pass for a time, or a price per call.

    Example: mesg market offer create weather.acme --per-call 0.5 --author-share 20%

    Args:
        service: Its sid.
        pass_: The price of a pass, such as "10 MESG".
        duration: How long a pass lasts.
        per_call: The price of one call.
        per_event: The price of one event, with --per-call.
        author_share: What of each payment goes to the author, the rest to who runs the node; with --per-call.
        treasury_share: What goes to the treasury.
        referrer_share: What goes to who brought the buyer.
        close_delay: How long a payer waits when he closes a channel alone, with --per-call.
        valid_until: When the offer ends, in seconds since 1970; 0 for never.
        hosted_only: The package never leaves your nodes.
        seats: How many accounts may use one pass, its holder included.
    """
    if bool(pass_) == bool(per_call):
        raise UsageError("an offer is either --pass PRICE or --per-call PRICE")
    body = {
        "kind": "pass" if pass_ else "metered",
        "price": pass_ or per_call,
        "pricePerEvent": per_event,
        "durationSeconds": whole_seconds_of(duration) if pass_ else 0,
        "closeDelaySeconds": whole_seconds_of(close_delay) if per_call else 0,
        "validUntilUnix": valid_until,
        "authorBps": share_of(author_share),
        "treasuryBps": share_of(treasury_share),
        "referrerBps": share_of(referrer_share),
        "hostedOnly": hosted_only,
        "seats": seats if pass_ else 0,
    }
    path = ("market", "services", service, "offers")
    await act(session, *path, body=body, dry_run=dry_run, id_key="facts.offer")


async def disable(
    service: str, index: int, /, *, dry_run: DryRun = False, session: InSession
) -> None:
    """Close an offer of yours for ever: nobody buys under it, what was bought goes on.

    Example: mesg market offer disable weather.acme 0

    Args:
        service: Its sid.
        index: The offer's number, as `mesg market show` tells it.
    """
    path = ("market", "services", service, "offers", str(index), "disable")
    await act(session, *path, dry_run=dry_run, id_key="facts.offer")


def share_of(text: str) -> int:
    """Return a share in basis points (1/100 of a percent)."""
    found = _SHARE.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise InvalidInput(f"{text[:40]!r} is not a share", hint="write it as 20% or 2.5%")
    points = int(found.group(1)) * 100 + int((found.group(2) or "0").ljust(2, "0"))
    if points > 10_000:
        raise InvalidInput(f"{text} is more than the whole")
    return points
