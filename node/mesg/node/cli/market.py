"""Commands that look at the market."""

from mesg.node.cli.client import Json
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown, amount_of, cell

_COLUMNS = {
    "SERVICE": "service",
    "VERSIONS": "versions",
    "PRICE": "price",
    "TASKS": "tasks",
    "DESCRIPTION": "description",
}


async def search(text: str = "", /, *, session: InSession) -> None:
    """Search the market by words; everything without any.

    Example: mesg market search weather

    Args:
        text: The words.
    """
    answer = await session.node.get("market", "services", query=[("text", text)])
    if session.output == "table":
        answer = {**answer, "items": [row_of(item) for item in answer["items"]]}
    session.show(Shown(answer, _COLUMNS, "service"))
    if not answer["items"]:
        session.hint("Nothing found; publish something: mesg market publish SERVICE")


def row_of(listing: Json) -> Json:
    """Return a listing as a row for people."""
    is_known = listing["name"] or listing["tasks"] or listing["events"]
    prices = [_price(offer) for offer in listing["offers"] if not offer["disabled"]]
    return {
        **listing,
        # Before its manifest is fetched its tasks are unknown, which is not none.
        "tasks": str(len(listing["tasks"])) if is_known else "-",
        "price": ", ".join(prices) or "-",
    }


def _price(offer: Json) -> str:
    if offer["kind"] == "pass":
        return f"{amount_of(offer['price'])} / {days(offer['durationSeconds'])}"
    return f"{amount_of(offer['price'])} / call"


def days(seconds: int) -> str:
    """Return a duration in its largest whole unit."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


async def show(service: str, /, *, session: InSession) -> None:
    """Show a Service on the market: its offers, and who runs it now.

    Example: mesg market show weather.acme

    Args:
        service: Its sid.
    """
    answer = await session.node.get("market", "services", service)
    columns = {
        "Service": "service",
        "Name": "name",
        "Description": "description",
        "Owner": "owner",
        "Versions": "versions",
        "Version": "version",
        "Tasks": "tasks",
        "Events": "events",
        "Pass until": "passExpiresAt",
    }
    session.show(Shown(answer, columns, "service"))
    if session.output == "table":
        for offer in answer["offers"]:
            session.terminal.data(f"Offer {offer['index']}  {offer_line(offer)}")
        for one in answer["providers"]:
            price = cell(one["pricePerCall"])
            role = "runs it" if one["runs"] else "seeds it"
            session.terminal.data(f"Peer  {one['peer']}  {role}, {price} / call")


def offer_line(offer: Json) -> str:
    """Return an offer's terms in one line."""
    facts = [_price(offer)]
    if offer["pricePerEvent"]["amount"] != "0":
        facts.append(f"{amount_of(offer['pricePerEvent'])} / event")
    facts += _shares(offer)
    if offer["hostedOnly"]:
        facts.append("only on the author's nodes")
    if offer["disabled"]:
        facts.append("disabled")
    return " · ".join(facts)


def _shares(offer: Json) -> list[str]:
    """Return what a buyer should know of seats and shares; the author's part of a pass is the rest."""
    if offer["kind"] != "pass":
        return [f"author {offer['authorBps'] / 100:g} %"]
    seats = [f"{offer['seats']} seats"] if offer["seats"] > 1 else []
    return seats + ([f"referrer {offer['referrerBps'] / 100:g} %"] if offer["referrerBps"] else [])
