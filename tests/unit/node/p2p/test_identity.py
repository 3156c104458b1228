"""The identity key file: private, durable, refused when it is not."""

from pathlib import Path

import pytest
from libp2p.crypto.secp256k1 import create_new_key_pair as new_secp256k1

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.p2p.identity import load_identity, new_identity


def test_a_missing_key_is_created_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "node" / "identity.key"

    created = load_identity(path)
    loaded = load_identity(path)

    assert loaded.peer == created.peer
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["identity.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "identity.key"
    load_identity(path)
    path.chmod(mode)

    with pytest.raises(InvalidInput) as refusal:
        load_identity(path)

    assert refusal.value.hint == f"chmod 600 {path}"


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", new_secp256k1().private_key.serialize()],
    ids=["nothing", "garbage", "a key of another kind"],
)
def test_a_file_without_an_ed25519_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "identity.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(InvalidInput):
        load_identity(path)


def test_the_key_never_shows() -> None:
    identity = new_identity()

    assert repr(identity) == f"Identity({identity.peer})"
