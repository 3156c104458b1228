"""The contracts' logs as the market's changes; no I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from mesg.marketplace.chain.abi import Event, event
from mesg.marketplace.chain.rpc import binary, member, quantity
from mesg.marketplace.chain.values import account_from, terms_from
from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.ports import (
    Block,
    ChannelChanged,
    MarketAddresses,
    MarketChange,
    Observed,
    OfferCreated,
    OfferDisabled,
    PassBought,
    PassCancelled,
    SeatChanged,
    ServiceRegistered,
    ServiceTransferred,
    VersionPublished,
)

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Log:
    """One log as a node tells it, parsed."""

    contract: AccountAddress
    topics: tuple[bytes, ...]
    data: bytes
    block: Block
    index: int


def log_from(answer: object) -> Log:
    """Read one log out of a node's answer."""
    topics = cast("list[object]", member(answer, "topics"))
    block = Block(
        quantity(member(answer, "blockNumber")), Digest(binary(member(answer, "blockHash")))
    )
    return Log(
        contract=AccountAddress(binary(member(answer, "address"))),
        topics=tuple(map(binary, topics)),
        data=binary(member(answer, "data")),
        block=block,
        index=quantity(member(answer, "logIndex")),
    )


def observed(log: Log, addresses: MarketAddresses) -> Observed | None:
    """Return what a log means to the market; None if nothing."""
    if not log.topics:
        return None
    contract = "ServiceRegistry" if log.contract == addresses.registry else "MesgPay"
    known = _readers().get((contract, log.topics[0]))
    if known is None:
        return None
    described, read = known
    change = read(described.fields(log.topics, log.data))
    return None if change is None else Observed(change, log.block, log.index)


@cache
def _readers() -> Mapping[
    tuple[str, bytes], tuple[Event, Callable[[Fields], MarketChange | None]]
]:
    registry = {
        "ServiceRegistered": _registered,
        "Transfer": _transferred,
        "VersionPublished": _published,
        "OfferCreated": _offered,
        "OfferDisabled": _disabled,
    }
    pay = {
        "PassBought": _pass_bought,
        "PassCancelled": _pass_cancelled,
        "SeatGiven": _seat_changed,
        "SeatTaken": _seat_changed,
        "SeatLeft": _seat_changed,
        "ChannelOpened": _channel("open"),
        "ChannelToppedUp": _channel("top_up"),
        "Claimed": _channel("claim"),
        "ChannelClosing": _channel("closing"),
        "ChannelClosed": _channel("closed"),
    }
    found = {}
    for contract, readers in (("ServiceRegistry", registry), ("MesgPay", pay)):
        for name, read in readers.items():
            described = event(contract, name)
            found[contract, described.topic] = (described, read)
    return found


def _registered(fields: Fields) -> MarketChange | None:
    try:
        service = ServiceId(str(fields["sid"]))
    except InvalidInput:
        return None  # the contract refuses such names; nothing of ours depends on one
    return ServiceRegistered(service, account_from(fields["owner"]))


def _transferred(fields: Fields) -> MarketChange | None:
    if account_from(fields["from"]) == NOBODY:
        return None  # the birth of a Service has its own event
    return ServiceTransferred(_int(fields, "tokenId"), account_from(fields["to"]))


def _published(fields: Fields) -> MarketChange | None:
    return VersionPublished(
        _int(fields, "serviceId"),
        _int(fields, "index"),
        Digest(cast("bytes", fields["manifestHash"])),
        Digest(cast("bytes", fields["packageHash"])),
        str(fields["uri"]),
    )


def _offered(fields: Fields) -> MarketChange | None:
    return OfferCreated(
        _int(fields, "serviceId"), _int(fields, "offerIndex"), terms_from(fields["terms"])
    )


def _disabled(fields: Fields) -> MarketChange | None:
    return OfferDisabled(_int(fields, "serviceId"), _int(fields, "offerIndex"))


def _pass_bought(fields: Fields) -> MarketChange | None:
    return PassBought(
        _int(fields, "serviceId"), account_from(fields["beneficiary"]), _int(fields, "expiry")
    )


def _pass_cancelled(fields: Fields) -> MarketChange | None:
    return PassCancelled(_int(fields, "serviceId"), account_from(fields["account"]))


def _seat_changed(fields: Fields) -> MarketChange | None:
    return SeatChanged(_int(fields, "serviceId"), account_from(fields["account"]))


def _channel(action: str) -> Callable[[Fields], MarketChange | None]:
    def read(fields: Fields) -> MarketChange | None:
        return ChannelChanged(Digest(cast("bytes", fields["channelId"])), action)

    return read


def _int(fields: Fields, name: str) -> int:
    return cast("int", fields[name])
