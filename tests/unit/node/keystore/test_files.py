"""Wallets on disk: what is written, who may read it, and what is refused."""

import json
from pathlib import Path

import pytest

from mesg.marketplace.domain.errors import InvalidInput, KeystoreLocked, NotFound, Refused
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.signing import check_signature
from mesg.node.keystore import Keystore, KeystoreSigner, KeystoreUnsafe

SCRYPT_N = 2**4
SECRET = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
ADDRESS = AccountAddress.parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")


@pytest.fixture
def keystore(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keystore", scrypt_n=SCRYPT_N)


async def test_a_kept_key_is_private_encrypted_and_opens_again(keystore: Keystore) -> None:
    wallet = await keystore.keep("main", "correct horse", secret=SECRET)

    key = await keystore.unlock("main", "correct horse")

    assert (wallet.address, key.address) == (ADDRESS, ADDRESS)
    assert wallet.path.stat().st_mode & 0o777 == 0o600
    assert wallet.path.parent.stat().st_mode & 0o777 == 0o700
    assert SECRET.hex() not in wallet.path.read_text()
    assert keystore.list() == (wallet,)


async def test_two_created_wallets_differ(keystore: Keystore) -> None:
    first = await keystore.create("a", "x")
    second = await keystore.create("b", "x")

    assert first.address != second.address
    assert [wallet.name for wallet in keystore.list()] == ["a", "b"]


async def test_a_signer_knows_its_address_while_locked_and_signs_once_unlocked(
    keystore: Keystore,
) -> None:
    await keystore.keep("main", "pw", secret=SECRET)
    signer = KeystoreSigner(keystore, "main")
    digest = Digest(bytes(32))

    with pytest.raises(KeystoreLocked) as caught:
        signer.sign(digest)
    with pytest.raises(KeystoreLocked, match="does not open"):
        await signer.unlock("wrong")
    await signer.unlock("pw")

    assert signer.address == ADDRESS
    assert caught.value.hint == "unlock it with: mesg wallet unlock"
    check_signature(digest, signer.sign(digest), signer=ADDRESS, what="test")


async def test_a_wallet_is_never_overwritten(keystore: Keystore) -> None:
    await keystore.keep("main", "pw", secret=SECRET)

    with pytest.raises(Refused, match=r"main\.json exists"):
        await keystore.create("main", "pw")

    assert keystore.wallet("main").address == ADDRESS


async def test_a_file_that_others_may_read_is_refused(keystore: Keystore) -> None:
    wallet = await keystore.keep("main", "pw", secret=SECRET)
    wallet.path.chmod(0o644)

    with pytest.raises(KeystoreUnsafe, match=r"mode 0644") as caught:
        await keystore.unlock("main", "pw")

    assert caught.value.hint == f"chmod 600 {wallet.path}"
    assert keystore.list() == ()


async def test_another_tools_file_is_imported_once_its_password_is_right(
    keystore: Keystore, tmp_path: Path
) -> None:
    foreign = Keystore(tmp_path / "other", scrypt_n=SCRYPT_N)
    path = (await foreign.keep("theirs", "pw", secret=SECRET)).path
    sealed = json.loads(path.read_text())
    del sealed["address"]
    path.write_text(json.dumps(sealed))

    with pytest.raises(KeystoreLocked):
        await keystore.import_file("main", path, password="wrong")
    wallet = await keystore.import_file("main", path, password="pw")

    assert wallet.address == ADDRESS
    assert (await keystore.unlock("main", "pw")).address == ADDRESS


async def test_a_file_whose_address_lies_is_refused(keystore: Keystore) -> None:
    wallet = await keystore.keep("main", "pw", secret=SECRET)
    sealed = json.loads(wallet.path.read_text()) | {"address": "00" * 20}
    wallet.path.write_text(json.dumps(sealed))

    with pytest.raises(KeystoreUnsafe, match="another account's key"):
        await keystore.unlock("main", "pw")


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65])
def test_names_that_are_paths_are_refused(keystore: Keystore, name: str) -> None:
    with pytest.raises(InvalidInput):
        keystore.wallet(name)


def test_a_missing_wallet_says_how_to_make_one(keystore: Keystore) -> None:
    with pytest.raises(NotFound) as caught:
        KeystoreSigner(keystore, "main")

    assert caught.value.hint == "create it with: mesg wallet create"


@pytest.mark.parametrize("text", ["", "[]", '{"version": 1}', '{"version": 3}'])
def test_files_that_are_no_keystores_are_refused(keystore: Keystore, text: str) -> None:
    folder = keystore._folder
    folder.mkdir()
    path = folder / "main.json"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(InvalidInput):
        keystore.wallet("main")


async def test_a_key_that_is_no_key_is_refused(keystore: Keystore) -> None:
    with pytest.raises(InvalidInput):
        await keystore.keep("main", "pw", secret=bytes(32))
