"""The folder of wallets: `<name>.json`, one encrypted key each, as every Ethereum tool reads them."""

import json
import re
import secrets
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import trio

from mesg.marketplace.domain.errors import InvalidInput, KeystoreLocked, MesgError, NotFound
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.signing import AccountKey
from mesg.node.keystore.private_files import (
    PRIVATE_FILE_BYTES_MAX,
    KeystoreUnsafe,
    make_private_folder,
    read_private,
    write_private,
)
from mesg.node.keystore.sealed import seal, unseal

__all__ = ["SCRYPT_N", "Keystore", "KeystoreUnsafe", "StoredWallet"]

SCRYPT_N = 2**18
"""Half a second of work and 256 MB for each guess of a password; tests use less."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class StoredWallet:
    """A wallet on disk, its key still encrypted."""

    name: str
    address: AccountAddress
    path: Path


class Keystore:
    """The wallets in one folder."""

    def __init__(self, folder: Path, *, scrypt_n: int = SCRYPT_N) -> None:
        self._folder = folder
        self._scrypt_n = scrypt_n

    def list(self) -> tuple[StoredWallet, ...]:
        """Return the wallets by name; files that are no wallets are left out."""
        if not self._folder.is_dir():
            return ()
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                found.append(self.wallet(path.stem))
            except MesgError:
                continue
        return tuple(found)

    def wallet(self, name: str) -> StoredWallet:
        """Return one wallet; raise NotFound, KeystoreUnsafe or InvalidInput."""
        path = self._path(name)
        return StoredWallet(name, _address_in(self._read(path), path), path)

    def has(self, name: str) -> bool:
        """Tell whether there is a wallet of that name, good or bad."""
        return self._path(name).exists()

    async def create(self, name: str, password: str) -> StoredWallet:
        """Make a new random key and keep it encrypted; raise Refused if the name is taken."""
        return await self.keep(name, password, secret=secrets.token_bytes(32))

    async def keep(self, name: str, password: str, *, secret: bytes) -> StoredWallet:
        """Encrypt a given 32-byte key; raise Refused if the name is taken."""
        path = self._path(name)
        key = _key_from(secret)
        work = partial(seal, secret, password, address=_digits(key), scrypt_n=self._scrypt_n)
        sealed = await trio.to_thread.run_sync(work)
        self._write(path, sealed)
        return StoredWallet(name, key.address, path)

    async def import_file(self, name: str, source: Path, *, password: str) -> StoredWallet:
        """Copy another tool's keystore file after its password has proven right."""
        sealed = _read_foreign(source)
        key = await _unseal(sealed, password, source)
        path = self._path(name)
        # Some tools leave the address out; we show it while the key is locked.
        content = sealed | {"address": _digits(key)}
        self._write(path, content)
        return StoredWallet(name, key.address, path)

    async def unlock(self, name: str, password: str) -> AccountKey:
        """Decrypt the key; raise KeystoreLocked if the password is wrong."""
        path = self._path(name)
        key = await _unseal(self._read(path), password, path)
        if key.address != self.wallet(name).address:
            raise KeystoreUnsafe(f"{path.name} holds another account's key", where=str(path))
        return key

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise InvalidInput(
                f"{name[:80]!r} is not a wallet's name", hint="use 1-64 of a-z A-Z 0-9 _ -"
            )
        return self._folder / f"{name}.json"

    def _write(self, path: Path, sealed: dict[str, Any]) -> None:
        make_private_folder(self._folder)
        write_private(path, json.dumps(sealed, indent=2).encode() + b"\n")

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            return _parse(read_private(path), path)
        except NotFound as error:
            raise NotFound(
                f"there is no wallet {path.stem!r}", hint="create it with: mesg wallet create"
            ) from error


def _key_from(secret: bytes) -> AccountKey:
    try:
        return AccountKey.from_bytes(secret)
    except ValueError as error:
        raise InvalidInput(
            "that is not a private key (32 bytes, below the curve's order)"
        ) from error


def _read_foreign(source: Path) -> dict[str, Any]:
    if not source.is_file():
        raise NotFound(f"there is no file {source}", where=str(source))
    if source.stat().st_size > PRIVATE_FILE_BYTES_MAX:
        raise InvalidInput(f"{source.name} is too long for a keystore file", where=str(source))
    return _parse(source.read_bytes(), source)


def _parse(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        sealed = json.loads(raw)
    except ValueError as error:
        raise InvalidInput(f"{path.name} is not JSON", where=str(path)) from error
    if (
        not isinstance(sealed, dict)
        or sealed.get("version") != 3
        or not {"crypto", "Crypto"} & set(sealed)
    ):
        raise InvalidInput(f"{path.name} is not a version 3 keystore file", where=str(path))
    return sealed


def _address_in(sealed: dict[str, Any], path: Path) -> AccountAddress:
    text = str(sealed.get("address", "")).removeprefix("0x").lower()
    try:
        return AccountAddress.parse(f"0x{text}")
    except InvalidInput as error:
        raise InvalidInput(f"{path.name} names no address", where=str(path)) from error


async def _unseal(sealed: dict[str, Any], password: str, path: Path) -> AccountKey:
    try:
        return _key_from(await trio.to_thread.run_sync(unseal, sealed, password))
    except KeystoreLocked as error:
        raise KeystoreLocked(
            f"the password does not open {path.stem}", where=str(path), hint="try again"
        ) from error


def _digits(key: AccountKey) -> str:
    return str(key.address).removeprefix("0x").lower()
