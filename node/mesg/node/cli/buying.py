"""Commands that buy and cancel passes: they say what will be paid or comes back before they do it."""

from datetime import datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from mesg.marketplace.domain.errors import NotFound, PriceAboveMax
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.cli.acts import DryRun, act
from mesg.node.cli.client import Json
from mesg.node.cli.market import days
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import amount_of
from mesg.node.errors import UsageError


async def buy(
    service: str,
    /,
    *,
    offer: int | None = None,
    max_price: str = "",
    for_: Annotated[str, Parameter("--for")] = "",
    referrer: str = "",
    dry_run: DryRun = False,
    session: InSession,
) -> None:
    """Buy a pass for a Service, or extend the one you have.

    Example: mesg market buy weather.acme --yes --max-price 10

    Args:
        service: Its sid.
        offer: The offer's number; the cheapest pass without it.
        max_price: The most you agree to pay, such as "10 MESG"; --yes needs it.
        for_: Another account that gets the pass, as a gift.
        referrer: The account of who brought you here; the offer's referrer share is his.
    """
    limit = TokenAmount.parse(max_price) if max_price else None
    if session.yes and limit is None and not dry_run:
        raise UsageError(
            "--yes needs --max-price", hint="say the most you agree to pay: --max-price 10"
        )
    holder = str(AccountAddress.parse(for_)) if for_ else None
    brought_by = str(AccountAddress.parse(referrer)) if referrer else None
    listing = await session.node.get("market", "services", service)
    chosen = _chosen(listing, offer)
    price = amount_of(chosen["price"])
    if limit is not None and price > limit:
        raise PriceAboveMax(f"{service} costs {price}, more than the {limit} you allow")
    if not (session.yes or dry_run):
        question = await _question(session, listing, chosen, holder)
        session.confirm(question, flags="--yes --max-price N")
    body = {
        "offer": chosen["index"],
        "maxPrice": str(limit or price),
        "for": holder,
        "referrer": brought_by,
    }
    path = ("market", "services", service, "passes")
    hint = f"Next: mesg service deploy {service}, or mesg call {service} TASK"
    await act(
        session,
        *path,
        body=body,
        dry_run=dry_run,
        id_key="facts.expiresAt",
        hint="" if holder else hint,
    )


def _chosen(listing: Json, index: int | None) -> Json:
    passes = [one for one in listing["offers"] if one["kind"] == "pass" and not one["disabled"]]
    if index is not None:
        passes = [one for one in passes if one["index"] == index]
    if not passes:
        raise NotFound(
            f"{listing['service']} sells no such pass",
            hint=f"see its offers: mesg market show {listing['service']}",
        )
    chosen: Json = min(passes, key=lambda one: amount_of(one["price"]))
    return chosen


async def _question(session: Session, listing: Json, chosen: Json, holder: str | None) -> str:
    service, price = listing["service"], amount_of(chosen["price"])
    lines = [
        f"{service} by {listing['owner']}",
        f"Offer {chosen['index']}: {price} for {days(chosen['durationSeconds'])}{_seats(chosen)}",
        await _until(session, service, chosen, holder),
        _refund(chosen, price, holder),
        f"Balance after: {await _left(session, price)} (and the gas of the transaction)",
        "Buy?",
    ]
    return "\n".join(lines)


def _seats(chosen: Json) -> str:
    if chosen["seats"] < 2:
        return ", for one account"
    return f", {chosen['seats']} seats (accounts that may use it, its holder included)"


async def _until(session: Session, service: str, chosen: Json, holder: str | None) -> str:
    query = [("account", holder)] if holder else []
    held = await session.node.get("market", "services", service, "pass", query=query)
    whose = f"The pass of {holder}" if holder else "Your pass"
    if not held["running"]:
        return f"{whose} begins now"
    ends = datetime.fromisoformat(held["expiresAt"]) + timedelta(seconds=chosen["durationSeconds"])
    return f"{whose} runs until {held['expiresAt']}, then until {ends:%Y-%m-%dT%H:%M:%SZ}"


def _refund(chosen: Json, price: TokenAmount, holder: str | None) -> str:
    who = "its holder" if holder else "you"
    share = chosen["referrerBps"]
    kept = TokenAmount(price.units * share // 10_000)
    text = f"If {who} cancel{'s' if holder else ''} it, the time that is left is paid back"
    return f"{text}, except {kept} ({share / 100:g} %) for who brought you" if kept else text


async def _left(session: Session, price: TokenAmount) -> str:
    balances = await session.node.get("wallet", "balances")
    held, vault = amount_of(balances["tokens"]), amount_of(balances["vault"])
    if vault >= price:
        return f"{held}, and {vault - price} in the vault that pays"
    return str(held - price) if held >= price else f"not enough: you hold {held}"


async def cancel(service: str, /, *, dry_run: DryRun = False, session: InSession) -> None:
    """End your pass for a Service now; what it has not earned comes back, into your vault.

    Example: mesg market cancel weather.acme

    Args:
        service: Its sid.
    """
    if not (session.yes or dry_run):
        held = await session.node.get("market", "services", service, "pass")
        if not held["running"]:
            raise NotFound(
                f"you have no pass for {service} that is running",
                hint="a seat on somebody's pass is left with: mesg market seat leave SERVICE",
            )
        session.confirm(
            f"Your pass for {service} runs until {held['expiresAt']}. Cancelled now it ends at once,"
            f" for all its seats, and about {amount_of(held['refundable'])} come back.\nCancel it?",
            flags="--yes",
        )
    path = ("market", "services", service, "pass", "cancel")
    hint = "It lies in your vault; to your wallet: mesg wallet withdraw"
    await act(session, *path, dry_run=dry_run, id_key="facts.refunded", hint=hint)
