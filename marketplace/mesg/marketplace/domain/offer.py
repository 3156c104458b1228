"""An author's immutable terms on chain: a pass for a time, or a price per call and per event."""

from dataclasses import dataclass
from enum import IntEnum

from eth_hash.auto import keccak

from mesg.marketplace.domain.errors import Expired, InvalidInput, PriceAboveMax
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.signing import word

BPS_WHOLE = 10_000
CLOSE_DELAY_S_MIN = 3_600
CLOSE_DELAY_S_MAX = 30 * 86_400
PASS_S_MAX = 36_525 * 86_400
"""A hundred years: for ever, as far as a contract is concerned."""
SEATS_MAX = 1_000
"""A team, not a country."""


class OfferKind(IntEnum):
    """What is sold; the numbers are the contract's."""

    PASS = 0
    METERED = 1


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """The terms as the registry stores them; field order is the contract's `OfferTerms`."""

    kind: OfferKind
    price: TokenAmount
    """Of a pass, or of one call."""
    price_per_event: TokenAmount = ZERO
    duration_s: int = 0
    """How long a pass lasts; 0 for metered use."""
    close_delay_s: int = 0
    """How long a payer waits for an unilateral close; 0 for passes."""
    valid_until_unix_s: int = 0
    """When the offer ends; 0 for never."""
    author_bps: int = 0
    """Of metered use only: of a pass the author gets what treasury and referrer do not."""
    treasury_bps: int = 0
    referrer_bps: int = 0
    """Of a pass: earned at once and never refunded; the author's if nobody referred the buyer."""
    hosted_only: bool = False
    """True if the package never leaves the author's nodes."""
    seats: int = 0
    """Accounts that may use one pass, its holder included; 0 for metered use."""

    def __post_init__(self) -> None:
        """Refuse terms that the registry would refuse."""
        if min(self.author_bps, self.treasury_bps, self.referrer_bps) < 0:
            raise InvalidInput("shares must not be negative")
        if self.author_bps + self.treasury_bps + self.referrer_bps > BPS_WHOLE:
            raise InvalidInput("the shares add up to more than the whole (10000)")
        if self.kind is OfferKind.PASS:
            self._check_pass()
        else:
            self._check_metered()

    def _check_pass(self) -> None:
        if not 0 < self.duration_s <= PASS_S_MAX:
            raise InvalidInput(
                "a pass lasts more than 0 s and at most 100 years", where="duration"
            )
        if self.close_delay_s or self.price_per_event:
            raise InvalidInput("a pass has no close delay and no price per event")
        if self.author_bps:
            raise InvalidInput(
                "of a pass the author gets what treasury and referrer do not: it has no author share",
                where="author_bps",
            )
        if not 1 <= self.seats <= SEATS_MAX:
            raise InvalidInput(f"a pass has 1 to {SEATS_MAX} seats", where="seats")

    def _check_metered(self) -> None:
        if self.duration_s:
            raise InvalidInput("a metered offer has no duration", where="duration")
        if self.seats:
            raise InvalidInput("a metered offer has no seats", where="seats")
        if not CLOSE_DELAY_S_MIN <= self.close_delay_s <= CLOSE_DELAY_S_MAX:
            raise InvalidInput(
                "a metered offer needs a close delay of 1 hour to 30 days", where="close_delay"
            )


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer on chain: which Service, which number, which terms, still open or not."""

    service: ServiceId
    index: int
    terms: OfferTerms
    disabled: bool = False

    @property
    def digest(self) -> Digest:
        """The contract's offer hash: keccak(abi.encode(serviceId, index, terms))."""
        return offer_digest(self.service.number, self.index, self.terms)

    def check_open(self, *, now_unix_s: int) -> None:
        """Raise Expired if the offer is disabled or past its end."""
        if self.disabled:
            raise Expired(f"offer {self.index} of {self.service} is disabled")
        if 0 < self.terms.valid_until_unix_s < now_unix_s:
            raise Expired(f"offer {self.index} of {self.service} has ended")

    def check_price(self, max_price: TokenAmount | None) -> None:
        """Raise PriceAboveMax if the price is above what the buyer allows; None allows any."""
        if max_price is not None and self.terms.price > max_price:
            raise PriceAboveMax(
                f"{self.service} costs {self.terms.price}, more than the {max_price} you allow",
                hint="raise --max-price, or look for another offer with: mesg market show",
            )


def offer_digest(service_number: int, index: int, terms: OfferTerms) -> Digest:
    """Return the hash that binds a buyer's signature to the terms he saw."""
    words = (
        service_number,
        index,
        int(terms.kind),
        terms.price.units,
        terms.price_per_event.units,
        terms.duration_s,
        terms.close_delay_s,
        terms.valid_until_unix_s,
        terms.author_bps,
        terms.treasury_bps,
        terms.referrer_bps,
        int(terms.hosted_only),
        terms.seats,
    )
    return Digest(keccak(b"".join(word(value) for value in words)))
