"""What Python signs is what tokens and the real Permit2 take: the published vectors, and nothing beside them."""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from pyrevm import EVM, AccountInfo, CfgEnv, Env
from tests.contracts.revm import CHAIN_ID, DEPLOYER, Revm, deploy_all, install_permit2
from tests.vectors import make

from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY, TOKEN
from mesg.marketplace.domain.errors import TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.permit import (
    PERMIT2,
    Allowed,
    permit2_separator,
    permit2_signature,
    permit_digest,
    reserve_hash,
)

pytestmark = pytest.mark.chain

TREASURY = AccountAddress(b"\x07" * 20)
WITNESS = (
    "Reserve witness)Reserve(bytes32 channelId,uint128 amount)"
    "TokenPermissions(address token,uint256 amount)"
)
TRANSFER = (
    "((address,uint256),uint256,uint256)",
    "(address,uint256)",
    "address",
    "bytes32",
    "string",
    "bytes",
)
VECTOR = make.signed_objects()["reserve"]


def chain_of_the_vectors() -> Revm:
    """Return a chain where the token and Permit2 are, and the payer has what the vector spends."""
    revm = Revm(evm=EVM(env=Env(cfg=CfgEnv(chain_id=make.MARKET.chain_id)), spec_id="CANCUN"))
    revm.advance()
    install_permit2(revm)
    revm.places[TOKEN] = make.MARKET.token
    code = AccountInfo(code=artifact(TOKEN).runtime_code)
    revm.evm.insert_account_info(str(make.MARKET.token), code)
    # OpenZeppelin's ERC20 keeps balances in its first slot.
    slot = keccak(encode(("address", "uint256"), (make.PAYER.address.raw, 0)))
    units = make.reserve_allowed().amount.units
    revm.evm.insert_account_storage(str(make.MARKET.token), int.from_bytes(slot, "big"), units)
    revm.call(make.PAYER.address, TOKEN, "approve", PERMIT2.raw, 2**256 - 1)
    return revm


def transfer(*, witness: bytes, signature: bytes, units: int, nonce: int, deadline: int) -> bytes:
    """Return the call of Permit2's `permitWitnessTransferFrom` to the spender himself."""
    selector = keccak(f"permitWitnessTransferFrom({','.join(TRANSFER)})".encode())[:4]
    permitted = ((make.MARKET.token.raw, units), nonce, deadline)
    arguments = (
        permitted,
        (make.MARKET.pay.raw, units),
        make.PAYER.address.raw,
        witness,
        WITNESS,
        signature,
    )
    return selector + encode(TRANSFER, arguments)


def published() -> dict[str, Any]:
    return {
        "witness": bytes.fromhex(VECTOR["witness"]),
        "signature": bytes.fromhex(VECTOR["signature"]),
        "units": int(VECTOR["amount"]),
        "nonce": int(VECTOR["nonce"]),
        "deadline": VECTOR["deadline"],
    }


def test_permit2_has_the_domain_of_the_vectors() -> None:
    revm = chain_of_the_vectors()

    separator = revm.send(DEPLOYER, PERMIT2, keccak(b"DOMAIN_SEPARATOR()")[:4])

    assert separator.hex() == VECTOR["separator"]
    assert separator == permit2_separator(make.MARKET.chain_id)


def test_permit2_takes_the_published_signature_once() -> None:
    revm, call = chain_of_the_vectors(), transfer(**published())

    revm.send(make.MARKET.pay, PERMIT2, call)

    assert revm.view(TOKEN, "balanceOf", make.MARKET.pay.raw) == int(VECTOR["amount"])
    with pytest.raises(TransactionReverted, match=keccak(b"InvalidNonce()")[:4].hex()):
        revm.send(make.MARKET.pay, PERMIT2, call)


OTHERS: dict[str, dict[str, Any]] = {
    "witness": {"witness": reserve_hash(Digest(bytes(32)), TokenAmount(1))},
    "amount": {"units": int(VECTOR["amount"]) - 1},
    "nonce": {"nonce": int(VECTOR["nonce"]) + 1},
    "deadline": {"deadline": VECTOR["deadline"] + 1},
}


@pytest.mark.parametrize("part", sorted(OTHERS))
def test_permit2_takes_it_for_nothing_else(part: str) -> None:
    revm, call = chain_of_the_vectors(), transfer(**published() | OTHERS[part])

    with pytest.raises(TransactionReverted, match=keccak(b"InvalidSigner()")[:4].hex()):
        revm.send(make.MARKET.pay, PERMIT2, call)


def test_permit2_takes_it_from_nobody_else() -> None:
    revm, call = chain_of_the_vectors(), transfer(**published())

    with pytest.raises(TransactionReverted, match=keccak(b"InvalidSigner()")[:4].hex()):
        revm.send(DEPLOYER, PERMIT2, call)


OWN_CHAIN, OWN = deploy_all(TREASURY)


@given(units=st.integers(0, 2**128 - 1), spare_s=st.integers(0, 2**64))
def test_the_token_takes_a_permit(units: int, spare_s: int) -> None:
    owner = make.PAYER.address
    nonce = OWN_CHAIN.view(TOKEN, "nonces", owner.raw)
    assert isinstance(nonce, int)
    deadline = OWN_CHAIN.now_unix_s + spare_s
    allowed = Allowed(OWN.token, OWN.pay, TokenAmount(units), nonce, deadline)
    signature = permit2_signature(
        make.PAYER.sign(permit_digest(owner, allowed, chain_id=CHAIN_ID))
    )

    OWN_CHAIN.call(
        DEPLOYER,
        TOKEN,
        "permit",
        owner.raw,
        OWN_CHAIN.places[PAY].raw,
        units,
        deadline,
        signature[64],
        signature[:32],
        signature[32:64],
    )

    assert OWN_CHAIN.view(TOKEN, "allowance", owner.raw, OWN.pay.raw) == units
