"""What an index of the market is made of: decoders of its events, and the values that they fill."""

import re
from collections import Counter
from dataclasses import dataclass, field

from tests.contracts.model.channels import Phase

from mesg.marketplace.chain.abi import Event, event
from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.domain.offer import OfferTerms
from mesg.marketplace.domain.shares import Shares, split

Log = tuple[str, tuple[bytes, ...], bytes]
"""The contract's name, topics and data."""
Fields = dict[str, object]
Place = tuple[int, AccountAddress]
NOT_NEEDED = {"Approval", "ApprovalForAll", "EIP712DomainChanged", "ClaimSkipped"}


def decoders() -> dict[tuple[str, bytes], Event]:
    """Return every event of ours that an index needs."""
    described = [
        (contract, event(contract, str(entry["name"])))
        for contract in (TOKEN, REGISTRY, PAY)
        for entry in artifact(contract).abi
        if entry["type"] == "event" and entry["name"] not in NOT_NEEDED
    ]
    return {(contract, each.topic): each for contract, each in described}


def handler(contract: str, name: str) -> str:
    """Return the method for an event: `ChannelOpened` goes to `channel_opened`."""
    special = {
        (TOKEN, "Transfer"): "tokens_transfer",
        (REGISTRY, "Transfer"): "service_transfer",
        (REGISTRY, "Committed"): "commitment_made",
    }
    return special.get((contract, name)) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


DECODERS = decoders()
HANDLERS = {
    (contract, each.name): handler(contract, each.name) for (contract, _), each in DECODERS.items()
}


@dataclass
class IndexedChannel:
    """A channel as far as events tell it."""

    config: tuple[object, ...]
    reserved: int
    phase: Phase = Phase.OPEN
    closes_at: int = 0
    lanes: Counter[int] = field(default_factory=Counter)


@dataclass
class IndexedPass:
    """A pass as it is stored; the field order is the contract's."""

    settled_to: int = 0
    until: int = 0
    offer: int = 0
    next_until: int = 0
    next_offer: int = 0


def of_pass(terms: OfferTerms) -> Shares:
    """Divide the price of a pass; the operator's part is the author's."""
    return split(
        ZERO,
        terms.price,
        author_bps=0,
        treasury_bps=terms.treasury_bps,
        referrer_bps=terms.referrer_bps,
    )


def number(value: object) -> int:
    assert isinstance(value, int)
    return value


def channel_id(fields: Fields) -> bytes:
    value = fields["channelId"]
    assert isinstance(value, bytes)
    return value


def offer_place(fields: Fields) -> tuple[int, int]:
    return number(fields["serviceId"]), number(fields["offerIndex"])
