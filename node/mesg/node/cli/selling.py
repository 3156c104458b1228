"""Commands of an author: publish a Service, give it away."""

from mesg.marketplace.domain.errors import PriceAboveMax
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.cli.acts import DryRun, act
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import amount_of
from mesg.node.errors import UsageError

_FEE_ROOM_PERCENT = 10
"""Others may take names between the question and the answer; each raises the fee by half a percent."""


async def publish(
    service: str, /, *, max_fee: str = "", dry_run: DryRun = False, session: InSession
) -> None:
    """Publish a deployed Service on chain: its sid if it is new, which costs a fee, and this version.

    Example: mesg market publish weather.acme --yes --max-fee 2

    Args:
        service: The sid, or the beginning of the version's hash.
        max_fee: The most you agree to pay for a new name, such as "2 MESG"; --yes needs it then.
    """
    limit = TokenAmount.parse(max_fee) if max_fee else None
    due = await session.node.get("market", "services", service, "fee")
    fee = amount_of(due["fee"])
    if fee and not dry_run:
        limit = _agreed(session, service, fee, limit)
    body = {"maxFee": str(limit)} if fee and limit is not None else {}
    await act(
        session,
        *("market", "services", service, "publish"),
        body=body,
        dry_run=dry_run,
        id_key="facts.sid",
        hint=f"Next: mesg market offer create {service} --per-call 0.5 --author-share 20%",
    )


def _agreed(
    session: Session, service: str, fee: TokenAmount, limit: TokenAmount | None
) -> TokenAmount:
    """Return the most to pay for the name, the owner having agreed to it."""
    if limit is not None and fee > limit:
        raise PriceAboveMax(
            f"the name {service} costs {fee} now, more than the {limit} you allow",
            hint="wait: the fee halves every hour in which no names are taken",
        )
    if session.yes and limit is None:
        raise UsageError(
            f"the name {service} costs {fee} now, and --yes needs --max-fee for that",
            hint="say the most you agree to pay: --max-fee 2",
        )
    most = limit or TokenAmount(fee.units * (100 + _FEE_ROOM_PERCENT) // 100)
    if not session.yes:
        session.confirm(
            f"{service} is a new name: it costs {fee} now, at most {most} if others take names"
            " meanwhile (and the gas of the transactions)\nTake it and publish?",
            flags="--yes --max-fee N",
        )
    return most


async def transfer(
    service: str, account: str, /, *, dry_run: DryRun = False, session: InSession
) -> None:
    """Give a Service of yours to another account, with its offers and all its income.

    Example: mesg market transfer weather.acme 0x70997970C51812dc3A010C7d01b50e0d17dc79C8

    Args:
        service: Its sid.
        account: The new owner.
    """
    to = AccountAddress.parse(account)
    if not (session.yes or dry_run):
        told = await session.node.get("market", "earnings", query=[("service", service)])
        (income,) = told["items"]
        session.confirm(
            f"Give {service} to {to}?\n"
            f"With it go its offers, {amount_of(income['collectable'])} that you did not collect,"
            f" {amount_of(income['vested'])} earned by passes and not settled,"
            f" {amount_of(income['held'])} to be earned, and all that comes.\n"
            "Nobody can take this back. Give it away?",
            flags="--yes",
        )
    path = ("market", "services", service, "transfer")
    await act(session, *path, body={"to": str(to)}, dry_run=dry_run, id_key="facts.sid")
