"""What Python signs is what the contracts check: the same EIP-712 digests, the same offer hashes."""

from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.revm import DEPLOYER, deploy_all

from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.chain.registration import commitment
from mesg.marketplace.chain.values import config_struct, terms_struct
from mesg.marketplace.domain.channel import ChannelConfig, close_digest
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.voucher import Voucher

REVM, ADDRESSES = deploy_all(AccountAddress(b"\x07" * 20))
AUTHOR = AccountAddress(b"\x09" * 20)
WEATHER = ServiceId("weather.acme")

accounts = st.binary(min_size=20, max_size=20).map(AccountAddress)
digests = st.binary(min_size=32, max_size=32).map(Digest)
sids = st.from_regex(r"[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20}){0,2}", fullmatch=True).map(ServiceId)
shares = st.integers(0, 2**16 - 1)
amounts = st.integers(0, 2**128 - 1).map(TokenAmount)
configs = st.builds(
    ChannelConfig,
    payer=accounts,
    signer=accounts,
    operator=accounts,
    service=sids,
    offer_index=st.integers(0, 2**32 - 1),
    offer_digest=digests,
    author_bps=shares,
    treasury_bps=shares,
    referrer_bps=shares,
    close_delay_s=st.integers(0, 2**40 - 1),
    salt=digests,
    referrer=accounts,
)


def test_the_signing_domain_is_the_contracts() -> None:
    assert REVM.view(PAY, "domainSeparator") == ADDRESSES.domain.separator


@given(configs)
def test_a_channel_has_one_id(config: ChannelConfig) -> None:
    on_chain = REVM.view(PAY, "channelIdOf", config_struct(config))

    assert on_chain == config.channel_id(ADDRESSES.domain)


@given(digests, st.integers(0, 2**32 - 1), amounts)
def test_a_voucher_has_one_digest(channel: Digest, lane: int, cumulative: TokenAmount) -> None:
    on_chain = REVM.view(PAY, "voucherDigest", channel, lane, cumulative.units)

    assert on_chain == Voucher(channel, lane, cumulative).digest(ADDRESSES.domain)


@given(digests, amounts)
def test_a_close_has_one_digest(channel: Digest, final: TokenAmount) -> None:
    on_chain = REVM.view(PAY, "closeDigest", channel, final.units)

    assert on_chain == close_digest(ADDRESSES.domain, channel, final)


@given(sids)
def test_a_service_has_one_number(service: ServiceId) -> None:
    assert REVM.view(REGISTRY, "serviceIdOf", service.sid) == service.number


def test_an_offer_has_one_hash() -> None:
    terms = OfferTerms(
        OfferKind.METERED,
        TokenAmount(2**128 - 1),
        price_per_event=TokenAmount(5),
        close_delay_s=30 * 86_400,
        valid_until_unix_s=2**40 - 1,
        author_bps=9_000,
        treasury_bps=600,
        referrer_bps=400,
        hosted_only=True,
    )
    salt = Digest(bytes(32))
    REVM.call(AUTHOR, REGISTRY, "commit", commitment(WEATHER, AUTHOR, salt))
    REVM.advance(blocks=1)
    REVM.call(DEPLOYER, TOKEN, "transfer", AUTHOR.raw, 10**18)
    REVM.call(AUTHOR, TOKEN, "approve", ADDRESSES.registry.raw, 10**18)
    REVM.call(AUTHOR, REGISTRY, "register", WEATHER.sid, salt, 10**18)
    REVM.call(AUTHOR, REGISTRY, "publishVersion", WEATHER.number, b"m" * 32, salt, "")

    (index,) = REVM.call(AUTHOR, REGISTRY, "createOffer", WEATHER.number, terms_struct(terms))

    (event,) = REVM.logged(REGISTRY, "OfferCreated")
    offer_hash = REVM.call(AUTHOR, REGISTRY, "offer", WEATHER.number, index)[2]
    assert event["offerHash"] == offer_hash
    assert offer_hash == Offer(WEATHER, 0, terms).digest
