"""Everything the contracts remember, rebuilt from their events alone as the specification tells it (section 18)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.contracts.indexed import (
    DECODERS,
    HANDLERS,
    Fields,
    IndexedChannel,
    IndexedPass,
    Log,
    Place,
    channel_id,
    number,
    of_pass,
    offer_place,
)
from tests.contracts.model.channels import Phase

from mesg.marketplace.chain.values import account_from, terms_from
from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import OfferTerms
from mesg.marketplace.domain.shares import split

PAYER, OPERATOR, SERVICE, REFERRER, AUTHOR_BPS = 0, 2, 3, 6, 7
"""Where they stand in a config."""


@dataclass
class Index:
    """Knows nothing but logs, and the time and number of their blocks."""

    pay: AccountAddress
    treasury: AccountAddress
    owners: dict[int, AccountAddress] = field(default_factory=dict)
    offers: dict[tuple[int, int], OfferTerms] = field(default_factory=dict)
    disabled: set[tuple[int, int]] = field(default_factory=set)
    versions: Counter[int] = field(default_factory=Counter)
    committed: dict[bytes, int] = field(default_factory=dict)
    last_fee: tuple[int, int] = (0, 0)
    vaults: Counter[AccountAddress] = field(default_factory=Counter)
    earned: Counter[AccountAddress | int] = field(default_factory=Counter)
    channels: dict[bytes, IndexedChannel] = field(default_factory=dict)
    passes: dict[Place, IndexedPass] = field(default_factory=dict)
    seats: dict[Place, tuple[AccountAddress, int]] = field(default_factory=dict)
    occupants: dict[tuple[int, AccountAddress, int], AccountAddress] = field(default_factory=dict)
    now: int = 0
    block: int = 0
    unpaid: list[tuple[AccountAddress, int]] = field(default_factory=list)
    """Of this transaction: what was reserved or bought, and not yet paid from a wallet."""

    def read(self, logs: Iterable[Log], *, now_unix_s: int, block: int) -> None:
        """Take in all logs of one transaction."""
        self.now, self.block, self.unpaid = now_unix_s, block, []
        for contract, topics, data in logs:
            decoder = DECODERS.get((contract, topics[0]))
            if decoder is not None:
                handle = getattr(self, HANDLERS[contract, decoder.name])
                handle(decoder.fields(topics, data))
        for account, units in self.unpaid:
            self.vaults[account] -= units

    # What was reserved or bought in a row and then transferred in one sum was paid from the wallet.
    def tokens_transfer(self, fields: Fields) -> None:
        if account_from(fields["to"]) != self.pay:
            return
        together = 0
        for start in range(len(self.unpaid) - 1, -1, -1):
            together += self.unpaid[start][1]
            if together == fields["value"]:
                del self.unpaid[start:]
                return

    def service_transfer(self, fields: Fields) -> None:
        self.owners[number(fields["tokenId"])] = account_from(fields["to"])

    def commitment_made(self, fields: Fields) -> None:
        commitment = fields["commitment"]
        assert isinstance(commitment, bytes)
        self.committed[commitment] = self.block

    def service_registered(self, fields: Fields) -> None:
        fee = number(fields["fee"])
        self.last_fee = (fee + fee // 200, self.now)

    def version_published(self, fields: Fields) -> None:
        self.versions[number(fields["serviceId"])] += 1

    def offer_created(self, fields: Fields) -> None:
        self.offers[offer_place(fields)] = terms_from(fields["terms"])

    def offer_disabled(self, fields: Fields) -> None:
        self.disabled.add(offer_place(fields))

    def deposited(self, fields: Fields) -> None:
        account, units = account_from(fields["account"]), number(fields["amount"])
        self.vaults[account] += units
        self.unpaid.append((account, units))

    def withdrawn(self, fields: Fields) -> None:
        self.vaults[account_from(fields["account"])] -= number(fields["amount"])

    def channel_opened(self, fields: Fields) -> None:
        config, units = fields["config"], number(fields["amount"])
        assert isinstance(config, tuple)
        self.channels[channel_id(fields)] = IndexedChannel(config, units)
        self.unpaid.append((account_from(config[PAYER]), units))

    def channel_topped_up(self, fields: Fields) -> None:
        self.channels[channel_id(fields)].reserved = number(fields["reserved"])
        self.unpaid.append((account_from(fields["from"]), number(fields["amount"])))

    def claimed(self, fields: Fields) -> None:
        channel, lane = self.channels[channel_id(fields)], number(fields["lane"])
        before, channel.lanes[lane] = channel.lanes[lane], number(fields["cumulative"])
        config = channel.config
        referrer = account_from(config[REFERRER])
        author_bps, treasury_bps, referrer_bps = map(number, config[AUTHOR_BPS : AUTHOR_BPS + 3])
        parts = split(
            TokenAmount(before),
            TokenAmount(channel.lanes[lane]),
            author_bps=author_bps,
            treasury_bps=treasury_bps,
            referrer_bps=0 if referrer == NOBODY else referrer_bps,
        )
        self.earned[number(config[SERVICE])] += parts.author.units
        self.earned[account_from(config[OPERATOR])] += parts.operator.units
        self.earned[referrer] += parts.referrer.units
        self.earned[self.treasury] += parts.treasury.units

    def channel_closing(self, fields: Fields) -> None:
        channel = self.channels[channel_id(fields)]
        channel.phase, channel.closes_at = Phase.CLOSING, number(fields["closesAt"])

    def channel_closed(self, fields: Fields) -> None:
        channel = self.channels[channel_id(fields)]
        channel.phase, channel.closes_at = Phase.CLOSED, 0
        channel.reserved = number(fields["claimed"])
        self.vaults[account_from(channel.config[PAYER])] += number(fields["refunded"])

    def pass_bought(self, fields: Fields) -> None:
        service, holder = number(fields["serviceId"]), account_from(fields["beneficiary"])
        offer, expiry = number(fields["offerIndex"]), number(fields["expiry"])
        terms = self.offers[service, offer]
        held = self.passes.setdefault((service, holder), IndexedPass())
        if held.until <= self.now:
            self.passes[service, holder] = IndexedPass(self.now, expiry, offer)
        elif held.next_until or offer != held.offer:
            held.next_until, held.next_offer = expiry, offer
        else:
            held.until = expiry
        referrer, upfront = account_from(fields["referrer"]), of_pass(terms).referrer.units
        self.earned[service if referrer == NOBODY else referrer] += upfront
        self.unpaid.append((account_from(fields["buyer"]), number(fields["price"])))

    def pass_settled(self, fields: Fields) -> None:
        service, holder = number(fields["serviceId"]), account_from(fields["account"])
        settled_to, held = number(fields["settledTo"]), self.passes[service, holder]
        author, treasury = self._earn(service, held, min(settled_to, held.until))
        if held.next_until and settled_to >= held.until:
            held.until, held.offer = held.next_until, held.next_offer
            held.next_until = held.next_offer = 0
            more = self._earn(service, held, settled_to)
            author, treasury = author + more[0], treasury + more[1]
        assert author + treasury == fields["earned"]
        self.earned[service] += author
        self.earned[self.treasury] += treasury

    def _earn(self, service: int, held: IndexedPass, time: int) -> tuple[int, int]:
        """Move a pass on under its running terms; return what author and treasury earned."""
        terms = self.offers[service, held.offer]
        parts = of_pass(terms)
        before, after = held.until - held.settled_to, held.until - time
        held.settled_to = time
        author, treasury = (
            part.units * before // terms.duration_s - part.units * after // terms.duration_s
            for part in (parts.operator, parts.treasury)
        )
        return author, treasury

    def pass_cancelled(self, fields: Fields) -> None:
        holder = account_from(fields["account"])
        del self.passes[number(fields["serviceId"]), holder]
        self.vaults[holder] += number(fields["refunded"])

    def seat_given(self, fields: Fields) -> None:
        service, seat, account = _seat(fields)
        self.occupants[(service, *seat)] = account

    def seat_taken(self, fields: Fields) -> None:
        service, seat, account = _seat(fields)
        left = self.seats.get((service, account), seat)
        if left[0] == seat[0] and left != seat and self.occupants[(service, *left)] == account:
            del self.occupants[(service, *left)]
        self.seats[service, account] = seat

    def seat_left(self, fields: Fields) -> None:
        service, seat, account = _seat(fields)
        del self.seats[service, account], self.occupants[(service, *seat)]

    def collected(self, fields: Fields) -> None:
        self.earned[account_from(fields["account"])] -= number(fields["amount"])

    def service_collected(self, fields: Fields) -> None:
        self.earned[number(fields["serviceId"])] -= number(fields["amount"])


def _seat(fields: Fields) -> tuple[int, tuple[AccountAddress, int], AccountAddress]:
    seat = (account_from(fields["holder"]), number(fields["number"]))
    return number(fields["serviceId"]), seat, account_from(fields["account"])
