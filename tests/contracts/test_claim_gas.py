"""What a claim is taken to cost at most is what it costs at most, however its payer made it dear."""

from collections.abc import Sequence

import pytest
from tests.contracts.machine.market import ALICE, BOB, KEY_OF, OFFERS, WEATHER, prepare
from tests.contracts.model.offers import Terms

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import PAY, REGISTRY
from mesg.marketplace.chain.values import claim_struct, config_struct
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import NOBODY, AccountAddress, Digest
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ClaimRow
from mesg.marketplace.settling.batches import BATCH_GAS_MAX, ROWS_MAX, SLOT_GAS, Owed, batches

TRANSACTION_GAS_MAX = 2**24
"""EIP-7825."""
TRANSACTION_BYTES_MAX = 128 * 1024
FIRST_GAS = 21_000 + 3 * SLOT_GAS
"""The transaction, and the first income of operator, treasury and Service."""
RESERVE = 10**18
BEFORE = 1_000
ROWS = 20
INDEX = 1
TERMS: Terms = OFFERS[WEATHER][INDEX]

pytestmark = pytest.mark.chain


class Claims:
    """A chain where Bob claims what Alice promised; each channel is another, if a referrer, a new one."""

    def __init__(self) -> None:
        self.market = prepare()
        self.revm = self.market.revm
        self.market.begin()
        self.opened = 0

    def open(self, *, referred: bool) -> ChannelConfig:
        self.opened += 1
        number = self.opened.to_bytes(16, "big")
        _, digest, *_ = self.revm.call(ALICE, REGISTRY, "liveMetered", WEATHER.number, INDEX)
        assert isinstance(digest, bytes)
        config = ChannelConfig(
            payer=ALICE,
            signer=ALICE,
            operator=BOB,
            service=WEATHER,
            offer_index=INDEX,
            offer_digest=Digest(digest),
            author_bps=TERMS.author_bps,
            treasury_bps=TERMS.treasury_bps,
            referrer_bps=TERMS.referrer_bps,
            close_delay_s=TERMS.close_delay,
            salt=Digest(b"salt of channels" + number),
            referrer=AccountAddress(b"\xff" * 4 + number) if referred else NOBODY,
        )
        self.revm.call(ALICE, PAY, "open", config_struct(config), RESERVE)
        return config

    def row(self, config: ChannelConfig, units: int, *, lane: int) -> ClaimRow:
        domain = self.market.addresses.domain
        voucher = Voucher(config.channel_id(domain), lane, TokenAmount(units))
        return ClaimRow(config, voucher.signed(KEY_OF[ALICE].sign(voucher.digest(domain))))

    def claim_before(self, configs: Sequence[ChannelConfig]) -> None:
        """Claim a little on lane 0; each referrer takes his income home, so that the next is new again."""
        self.claim([Owed(self.row(one, BEFORE, lane=0)) for one in configs])
        for one in configs:
            if one.referrer != NOBODY:
                self.revm.call(one.referrer, PAY, "collect", one.referrer.raw)

    def claim(self, owed: Sequence[Owed]) -> int:
        """Claim rows, all of which must pay; return the gas."""
        structs = [claim_struct(one.row) for one in owed]
        (paid,) = self.revm.call(BOB, PAY, "claim", structs)
        assert paid == sum(one.amount.units for one in owed)
        assert self.revm.evm.result is not None
        return self.revm.evm.result.gas_used


@pytest.mark.parametrize("referred", [False, True])
@pytest.mark.parametrize("lane", [0, 2**32 - 1])
@pytest.mark.parametrize("before", [0, BEFORE])
def test_no_row_costs_more_than_is_reckoned(referred: bool, lane: int, before: int) -> None:
    claims = Claims()
    configs = [claims.open(referred=referred) for _ in range(ROWS)]
    if before:
        claims.claim_before(configs)
    on_lane = TokenAmount(before if lane == 0 else 0)
    units = 2**59 + 12_345
    owed = [
        Owed(claims.row(one, units, lane=lane), on_lane, TokenAmount(before)) for one in configs
    ]

    gas = claims.claim(owed)

    assert gas <= FIRST_GAS + sum(one.gas for one in owed)


def test_the_dearest_batch_fits_into_a_transaction() -> None:
    claims = Claims()
    configs = [claims.open(referred=True) for _ in range(ROWS_MAX)]
    claims.claim_before(configs)
    claimed = TokenAmount(BEFORE)
    owed = [Owed(claims.row(one, 2**59, lane=7), ZERO, claimed) for one in configs]

    batch = next(batches(owed))
    gas = claims.claim(batch)

    assert len(batch) > 100
    assert gas > BATCH_GAS_MAX * 3 // 4
    assert gas * 6 // 5 < TRANSACTION_GAS_MAX


def test_the_longest_batch_fits_into_a_transaction() -> None:
    claims = Claims()
    config = claims.open(referred=False)
    owed = [Owed(claims.row(config, 1, lane=0))] * (ROWS_MAX + 1)

    first, _ = batches(owed)

    assert len(first) == ROWS_MAX
    data = function(PAY, "claim").call([claim_struct(one.row) for one in first])
    assert len(data) + 1_024 < TRANSACTION_BYTES_MAX
