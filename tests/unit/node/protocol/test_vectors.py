"""The published vectors are what the code makes, and what an independent EIP-712 implementation makes."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from tests.vectors import make

from mesg.marketplace.domain.errors import BadSignature
from mesg.node.protocol.frames import FrameReader

FOLDER = Path(__file__).parents[3] / "vectors"
DOMAIN = {
    "name": "MESG Pay",
    "version": "1",
    "chainId": 31_337,
    "verifyingContract": "0x" + "cc" * 20,
}


def published(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def test_signed_objects_are_as_published() -> None:
    assert make.signed_objects() == published("signed-objects")


def test_frames_are_as_published() -> None:
    assert make.frames() == published("frames")


def test_published_frames_can_be_read() -> None:
    for name, text in published("frames").items():
        (frame,) = FrameReader().feed(bytes.fromhex(text))
        assert frame.WhichOneof("body") == name


def test_the_advert_in_the_vectors_holds() -> None:
    make.advert().check(make.DOMAIN, now_unix_s=1_800_000_100)


def typed(name: str, members: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    return {
        "domain": DOMAIN,
        "primaryType": name,
        "types": {name: [{"name": key, "type": kind} for key, (kind, _) in members.items()]},
        "message": {key: value for key, (_, value) in members.items()},
    }


CHANNEL = make.config().channel_id(make.DOMAIN)
CASES = {
    "voucher": (
        "Voucher",
        {
            "channelId": ("bytes32", CHANNEL),
            "lane": ("uint32", 0),
            "cumulative": ("uint128", 15 * 10**17),
        },
        make.PAYER,
    ),
    "binding": (
        "Binding",
        {
            "peerId": ("string", make.PEER),
            "account": ("address", str(make.OPERATOR.address)),
            "issuedAt": ("uint64", 1_800_000_000),
            "expiresAt": ("uint64", 1_800_086_400),
        },
        make.OPERATOR,
    ),
    "receipt": (
        "Receipt",
        {
            "executionId": ("bytes32", b"\x55" * 32),
            "versionHash": ("bytes32", b"\x66" * 32),
            "channelId": ("bytes32", CHANNEL),
            "lane": ("uint32", 0),
            "inputsHash": ("bytes32", b"\x77" * 32),
            "outputsHash": ("bytes32", b"\x88" * 32),
            "status": ("uint8", 1),
            "charged": ("uint128", 5 * 10**17),
            "cumulative": ("uint128", 10**18),
        },
        make.OPERATOR,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_another_implementation_finds_the_same_signer(name: str) -> None:
    primary, members, key = CASES[name]
    signature = bytes.fromhex(published("signed-objects")[name]["signature"])
    s = bytes([signature[32] & 0x7F]) + signature[33:]
    long_form = signature[:32] + s + bytes([27 + (signature[32] >> 7)])

    signable = encode_typed_data(full_message=typed(primary, members))

    assert Account.recover_message(signable, signature=long_form) == str(key.address)


@pytest.mark.parametrize("byte", range(64))
def test_a_voucher_with_one_changed_byte_is_nobodys(byte: int) -> None:
    voucher = make.voucher()
    damaged = bytearray(voucher.signature)
    damaged[byte] ^= 1

    with pytest.raises(BadSignature):
        voucher.signed(bytes(damaged)).check(make.DOMAIN, signer=make.PAYER.address)
