"""The node's network identity: an ed25519 key in a private file, and the peer id made of it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.keys import KeyPair, KeyType
from libp2p.crypto.serialization import deserialize_private_key
from libp2p.peer.id import ID

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import PeerId, parse_peer_id

_PRIVATE = stat.S_IRUSR | stat.S_IWUSR


@dataclass(frozen=True, slots=True)
class Identity:
    """An ed25519 key pair; whoever holds it is this peer."""

    key_pair: KeyPair

    @property
    def peer(self) -> PeerId:
        """The base58 text that names this key on the network."""
        return parse_peer_id(ID.from_pubkey(self.key_pair.public_key).to_base58())

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte ed25519 signature of the message."""
        return self.key_pair.private_key.sign(message)

    def __repr__(self) -> str:
        """Name the peer, never the key."""
        return f"Identity({self.peer})"


def new_identity() -> Identity:
    """Make a key from the system's randomness."""
    return Identity(create_new_key_pair())


def load_identity(path: Path) -> Identity:
    """Read the key file, creating it if there is none.

    The file is the libp2p protobuf form of the private key, as go-libp2p and js-libp2p write it.
    Raise InvalidInput if others could read the file or if it holds no ed25519 key.
    """
    if not path.exists():
        _create(path, new_identity().key_pair.private_key.serialize())
    return Identity(_parse(path, _read_private(path)))


def _create(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; if another process was first, its key stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _read_private(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & ~_PRIVATE:
            raise InvalidInput(
                f"the identity key {path} may be read by others (mode {mode:04o})",
                where=str(path),
                hint=f"chmod 600 {path}",
            )
        return file.read(4096)


def _parse(path: Path, content: bytes) -> KeyPair:
    try:
        private_key = deserialize_private_key(content)
        kind = private_key.get_type()
    # The parsers of protobuf, libp2p and NaCl each raise their own family on a damaged file.
    except Exception as error:
        raise InvalidInput(f"{path} holds no libp2p private key", where=str(path)) from error
    if kind is not KeyType.Ed25519:
        raise InvalidInput(f"{path} holds a key that is not ed25519", where=str(path))
    return KeyPair(private_key, private_key.get_public_key())
