"""Files that only their owner may read: made so, and refused if they are not."""

import os
import stat
from pathlib import Path
from typing import ClassVar

from mesg.marketplace.domain.errors import NotFound, Refused

PRIVATE_FILE_BYTES_MAX = 64 * 1024
"""Keys, tokens and passwords are short; anything longer is the wrong file."""


class KeystoreUnsafe(Refused):
    """A secret's file can be read by others, or is not a plain file."""

    code: ClassVar[str] = "keystore_unsafe"


def make_private_folder(folder: Path) -> None:
    """Create the folder for its owner only; one that exists loses everybody else's rights."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(path: Path, content: bytes) -> None:
    """Create a file with mode 0600, durably; raise Refused if it exists."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refused(f"{path.name} exists and is not overwritten", where=str(path)) from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_private(path: Path) -> bytes:
    """Return a private file's bytes; raise NotFound, or KeystoreUnsafe if others may read it."""
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}", where=str(path)) from error
    if not stat.S_ISREG(state.st_mode) or state.st_size > PRIVATE_FILE_BYTES_MAX:
        raise KeystoreUnsafe(f"{path.name} is not a plain short file", where=str(path))
    if state.st_mode & 0o077:
        raise KeystoreUnsafe(
            f"{path.name} can be read by other users (mode {state.st_mode & 0o777:04o})",
            where=str(path),
            hint=f"chmod 600 {path}",
        )
    return path.read_bytes()
