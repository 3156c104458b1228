"""A market in memory with one operator, and a payer who opens channels to him: what cashing is tested with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mesg.marketplace.domain.channel import ChannelConfig, config_for
from mesg.marketplace.domain.errors import InsufficientFunds, TransactionReverted
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey, SigningDomain
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ClaimRow, TakenStep, TransactionReceipt
from mesg.marketplace.selling.till import Till
from mesg.marketplace.settling.claim import claim_all
from mesg.marketplace.settling.consent import consent_to_close
from mesg.marketplace.testing.memory_books import MemoryBooks
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.marketplace.testing.memory_market import MemoryMarket

ECHO = ServiceId("echo")
PRICE = TokenAmount(1)
TERMS = OfferTerms(OfferKind.METERED, PRICE, close_delay_s=3_600, author_bps=2_000)


@dataclass(frozen=True, slots=True)
class KeySigner:
    key: AccountKey

    @property
    def address(self) -> AccountAddress:
        return self.key.address

    def sign(self, digest: Digest) -> bytes:
        return self.key.sign(digest)


@dataclass(slots=True)
class PickyLedger(MemoryLedger):
    """A chain that remembers what was claimed together, and refuses what the test tells it to."""

    rows_max: int = 10**6
    refused: set[Digest] = field(default_factory=set)
    skipped_lanes: set[int] = field(default_factory=set)
    is_broke: bool = False
    sent: list[list[Voucher]] = field(default_factory=list)

    async def claim(self, rows: Sequence[ClaimRow]) -> TransactionReceipt:
        vouchers = [row.voucher for row in rows]
        if self.is_broke:
            raise InsufficientFunds("claim: the account cannot pay the network's fee")
        if len(rows) > self.rows_max:
            raise TransactionReverted("claim: it ran out of gas or lost a race")
        if any(voucher.channel in self.refused for voucher in vouchers):
            raise TransactionReverted("claim: NotToday()")
        self.sent.append(vouchers)
        paid = [row for row in rows if row.voucher.lane not in self.skipped_lanes]
        return await MemoryLedger.claim(self, paid)


@dataclass(slots=True)
class Fair:
    """A market with one operator, and a payer who opens channels to him."""

    market: MemoryMarket
    payer: MemoryLedger
    operator: PickyLedger
    offer: Offer
    books: MemoryBooks
    till: Till
    configs: list[ChannelConfig] = field(default_factory=list)

    @property
    def domain(self) -> SigningDomain:
        return self.payer.addresses.domain

    async def open(self, reserved: int, *, referrer: AccountAddress = NOBODY) -> ChannelConfig:
        """Open a channel and let the operator accept it."""
        config = config_for(
            self.offer,
            payer=self.payer.account,
            signer=self.payer.account,
            operator=self.operator.account,
            salt=Digest(len(self.configs).to_bytes(32, "big")),
        )
        config = replace(config, referrer=referrer)
        self.configs.append(config)
        await self.payer.open_channel(config, TokenAmount(reserved))
        state = await self.operator.channel(config)
        await self.books.save(*self.till.accept(config, state, payer=config.payer))
        return config

    def voucher(self, config: ChannelConfig, units: int, *, lane: int = 0) -> Voucher:
        """Return a voucher that holds."""
        voucher = Voucher(config.channel_id(self.domain), lane, TokenAmount(units))
        return voucher.signed(self.payer.signer.sign(voucher.digest(self.domain)))

    def start(
        self, config: ChannelConfig, units: int, *, lane: int = 0, ahead: int = 0
    ) -> TakenStep:
        """Let a call begin that takes its lane to `units`, under a voucher of that and `ahead`."""
        channel = config.channel_id(self.domain)
        charged = sum(one.charged.units for one in self.till.lanes(channel) if one.lane == lane)
        return self.till.admit(
            channel,
            lane,
            Digest(channel[:16] + lane.to_bytes(8, "big") + units.to_bytes(8, "big")),
            service=ECHO,
            offer=self.offer,
            max_charge=TokenAmount(units - charged),
            voucher=self.voucher(config, units + ahead, lane=lane),
        )

    def end(self, started: TakenStep) -> TakenStep:
        """Let a call end well, charged in full."""
        assert started.opened is not None
        execution, due = started.opened
        return self.till.charge(started.lane.channel, started.lane.lane, execution, due)

    def promise(self, config: ChannelConfig, units: int, *, lane: int = 0, ahead: int = 0) -> None:
        """Let a call be charged so that the lane has `units`, under a voucher of that and `ahead`."""
        self.end(self.start(config, units, lane=lane, ahead=ahead))

    async def claim(self, least: TokenAmount = ZERO) -> tuple[int, int]:
        """Claim all; return the sum, and the number of transactions."""
        done = await claim_all(self.till, self.operator, least=least)
        return done.total.units, len(done.receipts)

    async def consent(self, config: ChannelConfig) -> tuple[int, bytes]:
        """Ask the operator to close; return what he claimed, and his signature."""
        claimed, signature = await consent_to_close(
            config.channel_id(self.domain),
            till=self.till,
            books=self.books,
            ledger=self.operator,
            signer=self.operator.signer,
        )
        return claimed.units, signature

    def restarted(self) -> "Fair":
        """Return the same with an operator who knows no more than his books."""
        till = Till(self.books, self.operator.signer, self.domain)
        return replace(self, till=till)


async def make_fair() -> Fair:
    """Return a fair that has just opened."""
    market = MemoryMarket()
    keys = [KeySigner(AccountKey.from_bytes(bytes([number]) * 32)) for number in (1, 2, 3)]
    author, payer = (MemoryLedger(market, key) for key in keys[:2])
    operator = PickyLedger(market, keys[2])
    market.fund(payer.account, TokenAmount.parse("1"))
    market.fund(author.account, TokenAmount.parse("1"))
    await author.register(ECHO)
    some = Digest(b"\1" * 32)
    await author.publish_version(ECHO, manifest=some, package=some, uri="mesg:")
    offer, _ = await author.create_offer(ECHO, TERMS)
    books = MemoryBooks()
    till = Till(books, operator.signer, operator.addresses.domain)
    return Fair(market, payer, operator, offer, books, till)
