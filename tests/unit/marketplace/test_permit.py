"""What is signed for permits, against an EIP-712 implementation that is not ours."""

from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.permit import (
    PERMIT2,
    Allowed,
    permit2_digest,
    permit2_separator,
    permit2_signature,
    permit_digest,
    reserve_hash,
)
from mesg.marketplace.domain.signing import AccountKey

KEY = AccountKey.from_bytes(b"\x11" * 32)
UINTS = st.integers(0, 2**256 - 1)
accounts = st.binary(min_size=20, max_size=20).map(AccountAddress)
digests = st.binary(min_size=32, max_size=32).map(Digest)
allowances = st.builds(
    Allowed,
    token=accounts,
    spender=accounts,
    amount=st.integers(0, 2**128 - 1).map(TokenAmount),
    nonce=UINTS,
    deadline_unix_s=UINTS,
)


def members(**kinds: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in kinds.items()]


def signed_by_others(typed: dict[str, Any]) -> bytes:
    """Return the signature over typed data in r, s, v."""
    signable = encode_typed_data(full_message=typed)
    return bytes(Account.sign_message(signable, b"\x11" * 32).signature)


@given(accounts, allowances, st.integers(1, 2**64))
def test_a_permit_is_what_erc_2612_says(
    owner: AccountAddress, allowed: Allowed, chain_id: int
) -> None:
    typed = {
        "domain": {
            "name": "MESG",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": str(allowed.token),
        },
        "primaryType": "Permit",
        "types": {
            "Permit": members(
                owner="address",
                spender="address",
                value="uint256",
                nonce="uint256",
                deadline="uint256",
            )
        },
        "message": {
            "owner": str(owner),
            "spender": str(allowed.spender),
            "value": allowed.amount.units,
            "nonce": allowed.nonce,
            "deadline": allowed.deadline_unix_s,
        },
    }

    ours = KEY.sign(permit_digest(owner, allowed, chain_id=chain_id))

    assert permit2_signature(ours) == signed_by_others(typed)


@given(digests, allowances, st.integers(1, 2**64))
def test_a_reserve_is_signed_as_permit2_says(
    channel: Digest, allowed: Allowed, chain_id: int
) -> None:
    typed = {
        "domain": {"name": "Permit2", "chainId": chain_id, "verifyingContract": str(PERMIT2)},
        "primaryType": "PermitWitnessTransferFrom",
        "types": {
            "PermitWitnessTransferFrom": members(
                permitted="TokenPermissions",
                spender="address",
                nonce="uint256",
                deadline="uint256",
                witness="Reserve",
            ),
            "Reserve": members(channelId="bytes32", amount="uint128"),
            "TokenPermissions": members(token="address", amount="uint256"),
        },
        "message": {
            "permitted": {"token": str(allowed.token), "amount": allowed.amount.units},
            "spender": str(allowed.spender),
            "nonce": allowed.nonce,
            "deadline": allowed.deadline_unix_s,
            "witness": {"channelId": channel, "amount": allowed.amount.units},
        },
    }

    ours = KEY.sign(permit2_digest(channel, allowed, chain_id=chain_id))

    assert permit2_signature(ours) == signed_by_others(typed)


def test_the_separator_is_the_one_that_permit2_has_on_ethereum() -> None:
    # What `DOMAIN_SEPARATOR()` answers at 0x0000...8BA3 on chain 1.
    on_ethereum = "866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28"

    assert permit2_separator(1).hex() == on_ethereum


@given(digests, st.integers(0, 2**128 - 2))
def test_a_witness_is_for_one_channel_and_one_amount(channel: Digest, units: int) -> None:
    other = Digest(bytes(byte ^ 1 for byte in channel))

    witness = reserve_hash(channel, TokenAmount(units))

    assert witness != reserve_hash(channel, TokenAmount(units + 1))
    assert witness != reserve_hash(other, TokenAmount(units))
