"""Keystore version 3: the specification's own vectors, eth-account both ways, and broken files."""

import sys
from typing import Any

import pytest

from mesg.marketplace.domain.errors import InvalidInput, KeystoreLocked
from mesg.node.keystore.sealed import SCRYPT_MEMORY_MAX, seal, unseal

SECRET = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")
ADDRESS = "008aeeda4d805471df9b2a5b0f38a0c3bcba786b"
PBKDF2: dict[str, Any] = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}
SCRYPT: dict[str, Any] = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf": "scrypt",
        "kdfparams": {
            "dklen": 32,
            "n": 262144,
            "p": 8,
            "r": 1,
            "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
        },
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}


@pytest.fixture
def eth_account() -> Any:
    """The reference; its import raises the recursion limit of the process, which is put back."""
    before = sys.getrecursionlimit()
    from eth_account import Account  # noqa: PLC0415

    sys.setrecursionlimit(before)
    return Account


def test_the_vector_of_the_specification_opens_in_old_spelling_too() -> None:
    old = {"version": 3, "Crypto": PBKDF2["crypto"]}

    assert unseal(PBKDF2, "testpassword") == SECRET
    assert unseal(old, "testpassword") == SECRET


def test_the_specifications_scrypt_vector_breaks_the_rfc_and_is_refused() -> None:
    with pytest.raises(InvalidInput, match="RFC 7914"):
        unseal(SCRYPT, "testpassword")


def test_a_wrong_password_is_told_from_a_broken_file() -> None:
    with pytest.raises(KeystoreLocked):
        unseal(PBKDF2, "wrong")
    with pytest.raises(InvalidInput, match="broken"):
        unseal({"version": 3, "crypto": {}}, "testpassword")


def test_eth_account_opens_what_we_seal_and_we_open_what_it_seals(eth_account: Any) -> None:
    ours = seal(SECRET, "pä$$", address=ADDRESS, scrypt_n=2**12)
    theirs = eth_account.encrypt(SECRET, "pä$$", kdf="scrypt", iterations=2**12)
    older = eth_account.encrypt(SECRET, "pä$$", kdf="pbkdf2", iterations=1000)

    assert bytes(eth_account.decrypt(ours, "pä$$")) == SECRET
    assert unseal(theirs, "pä$$") == SECRET
    assert unseal(older, "pä$$") == SECRET


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kdf": "argon2"}, "unknown key derivation"),
        ({"kdfparams": {**SCRYPT["crypto"]["kdfparams"], "n": SCRYPT_MEMORY_MAX}}, "memory"),
        ({"kdfparams": {**SCRYPT["crypto"]["kdfparams"], "n": 3}}, "RFC 7914"),
        ({"kdfparams": {**SCRYPT["crypto"]["kdfparams"], "dklen": 64}}, "64 bytes"),
        ({"kdf": "pbkdf2", "kdfparams": {**PBKDF2["crypto"]["kdfparams"], "c": 10**9}}, "rounds"),
        ({**PBKDF2["crypto"], "mac": 7}, "broken"),
        ({**PBKDF2["crypto"], "cipherparams": {"iv": "zz"}}, "broken"),
        ({**PBKDF2["crypto"], "cipher": "des"}, "unknown cipher"),
    ],
)
def test_files_that_break_a_rule_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        unseal({**SCRYPT, "crypto": {**SCRYPT["crypto"], **change}}, "testpassword")
