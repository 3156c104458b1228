"""All that anybody can see of the contracts, compared with the model word by word."""

from collections.abc import Iterator

from tests.contracts.machine.market import PEOPLE
from tests.contracts.model.names import FEE_MIN, HOUR_S
from tests.contracts.model.world import World
from tests.contracts.revm import Revm

from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.marketplace.domain.signing import word

Words = tuple[int | bytes | AccountAddress, ...]
Fact = tuple[str, str, tuple[object, ...], Words]
"""A contract, its view, the arguments, and what it must answer."""
SEATS_LOOKED_AT = (1, 2, 3, 999)


def difference(revm: Revm, world: World) -> tuple[list[str], int]:
    """Return what differs, and how many answers were compared."""
    found, compared = [], 0
    for contract, name, arguments, expected in _facts(world):
        actual = revm.ask(contract, name, *arguments)
        compared += 1
        if actual != b"".join(map(word, expected)):
            found.append(_told(name, arguments, expected, actual))
    return found, compared


def _told(name: str, arguments: tuple[object, ...], expected: Words, actual: bytes) -> str:
    words = [actual[start : start + 32] for start in range(0, len(actual), 32)]
    numbers = [int.from_bytes(each, "big") for each in words]
    return f"{name}{arguments} answers {numbers}, not {expected}"


def _facts(world: World) -> Iterator[Fact]:
    yield from _money(world)
    yield from _channels(world)
    for service in world.names.owners:
        yield from _service(world, service)
        if world.offers.count(service):
            yield from _passes(world, service)
            yield from _seats(world, service)
    yield from _names(world)


def _money(world: World) -> Iterator[Fact]:
    earned = world.accounts.earned()
    for person in (*PEOPLE, world.token.pay):
        yield TOKEN, "balanceOf", (person.raw,), (world.token.balance_of(person),)
        yield PAY, "vaultOf", (person.raw,), (world.accounts.vault_of(person),)
        yield PAY, "earnedBy", (person.raw,), (earned[person],)
        allowed = world.token.allowances.get((person, world.token.pay), 0)
        yield TOKEN, "allowance", (person.raw, world.token.pay.raw), (allowed,)
    for service in world.names.owners:
        yield PAY, "earnedByService", (service,), (earned[service],)


def _channels(world: World) -> Iterator[Fact]:
    for channel_id, channel in world.channels.channels.items():
        state = (channel.phase, channel.reserved, channel.claimed, channel.closes_at_unix_s)
        yield PAY, "channel", (channel_id,), state
        lanes = dict(channel.lanes)
        for lane in {0, 1, *lanes}:
            yield PAY, "laneClaimed", (channel_id, lane), (lanes.get(lane, 0),)


def _service(world: World, service: int) -> Iterator[Fact]:
    yield REGISTRY, "ownerOf", (service,), (world.names.owners[service],)
    versions = len(world.offers.manifests.get(service, ()))
    yield REGISTRY, "versionsLength", (service,), (versions,)
    count = world.offers.count(service)
    yield REGISTRY, "offersLength", (service,), (count,)
    for index in range(count):
        offer = world.offers.offers[service, index]
        words = (*offer.terms, offer.disabled, offer.digest)
        yield REGISTRY, "offer", (service, index), words
        terms = offer.terms
        price = (terms.price, terms.duration, terms.treasury_bps, terms.referrer_bps)
        yield REGISTRY, "passPrice", (service, index), price
        yield REGISTRY, "seatsOf", (service, index), (terms.seats,)


def _passes(world: World, service: int) -> Iterator[Fact]:
    passes = world.passes
    for person in PEOPLE:
        place = (service, person.raw)
        yield PAY, "passOf", place, passes.stored(service, person)
        yield PAY, "passValue", place, passes.value(service, person)
        yield PAY, "passExpiry", place, (passes.expiry(service, person),)
        yield PAY, "accessUntil", place, (world.seats.access_until(service, person),)


def _seats(world: World, service: int) -> Iterator[Fact]:
    for person in PEOPLE:
        seat = world.seats.seats.get((service, person), (NOBODY, 0))
        yield PAY, "seatOf", (service, person.raw), seat
        for number in SEATS_LOOKED_AT:
            occupant = world.seats.occupant(service, person, number)
            yield PAY, "occupantOf", (service, person.raw, number), (occupant,)


def _names(world: World) -> Iterator[Fact]:
    fee = world.names.fee()
    _check_near_the_curve(world, fee)
    yield REGISTRY, "registrationFee", (), (fee,)
    yield REGISTRY, "servicesLength", (), (len(world.names.sids),)
    for commitment, block in world.names.promised.items():
        yield REGISTRY, "committedAt", (commitment,), (block,)


def _check_near_the_curve(world: World, fee: int) -> None:
    """The straight lines of the fee lie on or above the curve that halves every hour, by at most 7 %."""
    elapsed_s = world.chain.now_unix_s - world.names.last_sale_unix_s
    curve = world.names.last_fee * 2.0 ** (-elapsed_s / HOUR_S)
    assert max(FEE_MIN, curve * 0.999) <= fee <= max(FEE_MIN, curve * 1.07)
