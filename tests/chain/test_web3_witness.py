"""web3 as an independent witness: our calls are encoded as it encodes them, and it reads what we wrote."""

import pytest
from web3 import HTTPProvider, Web3

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN
from mesg.marketplace.chain.devchain import Devchain
from mesg.marketplace.chain.ledger import open_ledger
from mesg.marketplace.chain.values import claim_struct, config_struct, terms_struct
from mesg.marketplace.domain.channel import config_for
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer, OfferKind, OfferTerms
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.ports import ClaimRow, MarketAddresses

pytestmark = [
    pytest.mark.chain,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SERVICE = ServiceId("witnessed.acme")
TERMS = OfferTerms(
    kind=OfferKind.METERED, price=TokenAmount(7), close_delay_s=3_600, author_bps=2_500
)
CONFIG = config_for(
    Offer(SERVICE, 3, TERMS),
    payer=AccountAddress(b"\1" * 20),
    signer=AccountAddress(b"\2" * 20),
    operator=AccountAddress(b"\3" * 20),
    salt=Digest(b"\4" * 32),
)
ROW = ClaimRow(CONFIG, Voucher(Digest(b"\5" * 32), 0, TokenAmount(9), b"\6" * 64))


@pytest.mark.parametrize(
    ("contract", "name", "arguments"),
    [
        (TOKEN, "transfer", (b"\7" * 20, 5)),
        (REGISTRY, "createOffer", (SERVICE.number, terms_struct(TERMS))),
        (REGISTRY, "publishVersion", (SERVICE.number, b"\1" * 32, b"\2" * 32, "mesg:")),
        (PAY, "open", (config_struct(CONFIG), 10)),
        (PAY, "claim", ([claim_struct(ROW)],)),
        (PAY, "startClose", (config_struct(CONFIG),)),
    ],
)
def test_calls_are_encoded_as_web3_encodes_them(
    contract: str, name: str, arguments: tuple[object, ...]
) -> None:
    witness = Web3().eth.contract(abi=list(artifact(contract).abi))

    encoded = witness.encode_abi(name, list(arguments))

    assert "0x" + function(contract, name).call(*arguments).hex() == encoded


async def test_web3_reads_on_chain_what_our_ledger_wrote(
    devchain: Devchain, deployed_market: MarketAddresses
) -> None:
    author = AccountKey.from_bytes(devchain.private_keys[2])
    async with open_ledger([devchain.url], deployed_market, author, poll_s=0.01) as ledger:
        await ledger.register(SERVICE)
        await ledger.publish_version(
            SERVICE, manifest=Digest(b"\1" * 32), package=Digest(b"\2" * 32), uri="mesg:"
        )
        offer, _ = await ledger.create_offer(SERVICE, TERMS)

    web3 = Web3(HTTPProvider(devchain.url))
    registry = web3.eth.contract(
        address=Web3.to_checksum_address(str(deployed_market.registry)),
        abi=list(artifact(REGISTRY).abi),
    )
    assert registry.functions.ownerOf(SERVICE.number).call() == str(author.address)
    assert registry.functions.sidOf(SERVICE.number).call() == SERVICE.sid
    _, _, digest = registry.functions.offer(SERVICE.number, offer.index).call()
    assert digest == offer.digest
