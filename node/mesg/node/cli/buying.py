"""The command that buys: it says what will be paid, to whom, and what is left, before it does."""

from mesg.marketplace.domain.errors import InvalidInput, NotFound, PriceAboveMax
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.cli.client import Json
from mesg.node.cli.market import days, show_done
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import amount_of
from mesg.node.errors import UsageError


async def buy(
    service: str, /, *, offer: int | None = None, max_price: str = "", session: InSession
) -> None:
    """Buy a pass for a Service, or extend the one you have.

    Example: mesg market buy weather.acme --yes --max-price 10

    Args:
        service: Its sid.
        offer: The offer's number; the cheapest pass without it.
        max_price: The most you agree to pay, such as "10 MESG"; --yes needs it.
    """
    limit = TokenAmount.parse(max_price) if max_price else None
    if session.yes and limit is None:
        raise UsageError(
            "--yes needs --max-price", hint="say the most you agree to pay: --max-price 10"
        )
    listing = await session.node.get("market", "services", service)
    chosen = _chosen(listing, offer)
    price = amount_of(chosen["price"])
    if limit is not None and price > limit:
        raise PriceAboveMax(f"{service} costs {price}, more than the {limit} you allow")
    if not session.yes:
        session.confirm(await _question(session, listing, chosen), flags="--yes --max-price N")
    body = {"offer": chosen["index"], "maxPrice": str(limit or price)}
    answer = await session.node.post("market", "services", service, "passes", body=body)
    show_done(session, answer, "facts.expiresAt")
    session.hint(f"Next: mesg service deploy {service}, or mesg call {service} TASK")


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


async def _question(session: Session, listing: Json, chosen: Json) -> str:
    balances = await session.node.get("wallet", "balances")
    price, held = amount_of(chosen["price"]), amount_of(balances["tokens"])
    try:
        left = str(held - price)
    except InvalidInput:
        left = f"not enough: you hold {held}"
    return (
        f"{listing['service']} by {listing['owner']}\n"
        f"Offer {chosen['index']}: {price} for {days(chosen['durationSeconds'])}\n"
        f"Balance after: {left} (and the gas of the transaction)\nBuy?"
    )
