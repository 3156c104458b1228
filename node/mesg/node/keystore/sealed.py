"""The encryption of a keystore file, version 3 (Web3 Secret Storage), as every Ethereum tool reads it.

By hand, on the standard library and `cryptography`: eth-account needs a second to import and brings
py_ecc, which raises the recursion limit of the whole process. The tests compare both, both ways.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from eth_hash.auto import keccak

from mesg.marketplace.domain.errors import InvalidInput, KeystoreLocked

SCRYPT_MEMORY_MAX = 1 << 30
"""A foreign file must not take more: n = 2^20 with r = 8 fits exactly, geth's n = 2^18 four times."""
PBKDF2_ROUNDS_MAX = 10_000_000
"""A foreign file must not keep a thread busy for minutes."""
_R, _P, _DERIVED_BYTES = 8, 1, 32


def seal(secret: bytes, password: str, *, address: str, scrypt_n: int) -> dict[str, Any]:
    """Encrypt a 32-byte key; `address` stands beside it in the clear (40 digits, no 0x)."""
    salt, iv = secrets.token_bytes(32), secrets.token_bytes(16)
    params = {"n": scrypt_n, "r": _R, "p": _P, "dklen": _DERIVED_BYTES, "salt": salt.hex()}
    derived = _derive("scrypt", params, password)
    ciphertext = _aes_ctr(derived[:16], iv, secret)
    return {
        "address": address,
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": ciphertext.hex(),
            "kdf": "scrypt",
            "kdfparams": params,
            "mac": keccak(derived[16:32] + ciphertext).hex(),
        },
        "id": str(uuid.uuid4()),
        "version": 3,
    }


def unseal(sealed: Mapping[str, Any], password: str) -> bytes:
    """Return the key; raise KeystoreLocked for a wrong password, InvalidInput for a broken file."""
    try:
        crypto = {str(key).lower(): value for key, value in _section(sealed, "crypto").items()}
        derived = _derive(crypto["kdf"], crypto["kdfparams"], password)
        ciphertext, mac = bytes.fromhex(crypto["ciphertext"]), bytes.fromhex(crypto["mac"])
        iv = bytes.fromhex(crypto["cipherparams"]["iv"].rjust(32, "0"))
        cipher = crypto["cipher"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("the keystore file is broken") from error
    if not hmac.compare_digest(keccak(derived[16:32] + ciphertext), mac):
        raise KeystoreLocked("the password does not open the wallet", hint="try again")
    if cipher != "aes-128-ctr":
        raise InvalidInput(f"the keystore file uses an unknown cipher: {str(cipher)[:40]}")
    return _aes_ctr(derived[:16], iv, ciphertext)


def _section(sealed: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a section; old geth files write `Crypto`."""
    found = {str(key).lower(): value for key, value in sealed.items()}[name]
    return dict(found)


def _derive(kdf: str, params: Mapping[str, Any], password: str) -> bytes:
    salt, length = bytes.fromhex(params["salt"]), int(params["dklen"])
    if length != _DERIVED_BYTES:
        raise InvalidInput(f"the keystore file derives {length} bytes, not {_DERIVED_BYTES}")
    if kdf == "scrypt":
        n, r, p = int(params["n"]), int(params["r"]), int(params["p"])
        # A little more than the 128 * n * r bytes of the algorithm's table.
        if not 0 < 128 * n * r * p <= SCRYPT_MEMORY_MAX:
            raise InvalidInput("the keystore file asks for too much memory")
        if n & (n - 1) or n.bit_length() > 16 * r:
            raise InvalidInput("the keystore file's scrypt parameters break RFC 7914")
        memory = 128 * r * (n + p + 2) + (1 << 20)
        return hashlib.scrypt(
            password.encode(), salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=length
        )
    if kdf == "pbkdf2" and params.get("prf") == "hmac-sha256":
        rounds = int(params["c"])
        if not 0 < rounds <= PBKDF2_ROUNDS_MAX:
            raise InvalidInput("the keystore file asks for too many rounds")
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds, length)
    raise InvalidInput(f"the keystore file uses an unknown key derivation: {str(kdf)[:40]}")


def _aes_ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    encryptor = Cipher(AES(key), CTR(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()
