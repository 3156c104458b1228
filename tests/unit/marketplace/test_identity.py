"""Names of accounts, peers, Services and hashes: parsed at the edge, right inside."""

import pytest
from eth_utils.address import is_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import (
    AccountAddress,
    ServiceId,
    digest_from,
    parse_digest,
    parse_peer_id,
)

PEER = "12D3KooWBRFW3HkJCLKSWb4yG6iWRBpgNjbM4FFvNsL5T5JKTqrd"
EIP_55 = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@given(st.binary(min_size=20, max_size=20).map(AccountAddress))
def test_an_address_is_read_as_it_is_shown(address: AccountAddress) -> None:
    shown = str(address)

    assert AccountAddress.parse(shown) == address
    assert AccountAddress.parse(shown.lower()) == address
    assert AccountAddress.parse("0x" + shown[2:].upper()) == address
    assert is_checksum_address(shown)


@given(st.integers(2, 41))
def test_a_letter_of_the_wrong_case_is_a_wrong_checksum(at: int) -> None:
    swapped = EIP_55[:at] + EIP_55[at].swapcase() + EIP_55[at + 1 :]

    if swapped == EIP_55:
        assert str(AccountAddress.parse(swapped)) == EIP_55
        return
    with pytest.raises(InvalidInput, match="wrong checksum"):
        AccountAddress.parse(swapped)


@pytest.mark.parametrize(
    "text", ["", "0x", EIP_55[2:], EIP_55 + "0", EIP_55[:-1], EIP_55[:-1] + "g", EIP_55 + "\n"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidInput):
        AccountAddress.parse(text)


@pytest.mark.parametrize("size", [0, 19, 21, 32])
def test_an_address_has_twenty_bytes(size: int) -> None:
    with pytest.raises(InvalidInput):
        AccountAddress(bytes(size))


@given(st.from_regex(r"[a-z0-9_-]{1,10}(\.[a-z0-9_-]{1,10}){0,4}", fullmatch=True))
def test_labels_joined_by_dots_are_a_sid(text: str) -> None:
    assert str(ServiceId(text)) == text
    assert 0 <= ServiceId(text).number < 2**256


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.", ".a", "a..b", "A", "a b", "a/b", "ä", "a\n", "a\0", "x" * 64, "à.b"],
)
def test_what_is_no_sid(text: str) -> None:
    with pytest.raises(InvalidInput):
        ServiceId(text)


def test_the_longest_sid() -> None:
    assert ServiceId("x" * 63).sid == "x" * 63


@given(st.binary(min_size=32, max_size=32))
def test_a_hash_is_read_with_and_without_0x(raw: bytes) -> None:
    assert parse_digest(raw.hex()) == parse_digest("0x" + raw.hex().upper()) == raw
    assert digest_from(raw, what="it") == raw


@pytest.mark.parametrize("text", ["", "0x", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n"])
def test_what_is_no_hash(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_digest(text)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_hash_has_thirty_two_bytes(size: int) -> None:
    with pytest.raises(InvalidInput, match=f"salt must be 32 bytes, not {size}"):
        digest_from(bytes(size), what="salt")


def test_a_peer_id_is_one_of_ed25519() -> None:
    assert parse_peer_id(PEER) == PEER
    for text in ("", PEER[:-1], PEER + "1", PEER[:-1] + "0", "Qm" + PEER[2:], PEER + "\n"):
        with pytest.raises(InvalidInput):
            parse_peer_id(text)


@given(st.text(max_size=70))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    for parse in (AccountAddress.parse, ServiceId, parse_digest, parse_peer_id):
        try:
            parse(text)
        except InvalidInput as error:
            assert error.message
