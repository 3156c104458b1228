"""The package shelf: content-addressed files in a folder, and packages unpacked to run.

FOLDER/blobs/<sha-256>      the bytes themselves
FOLDER/packages/<sha-256>/  a package unpacked
FOLDER/tmp/                 what is being written; emptied at start-up
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import trio

from mesg.marketplace.domain.errors import InvalidInput, InvalidManifest, NotFound, Unavailable
from mesg.node.ports import Packed
from mesg.node.store.archive import ARCHIVE_BYTES_MAX, pack_folder, unpack_into

MANIFEST_NAME = "mesg.yml"
MANIFEST_BYTES_MAX = 256 * 1024
"""A manifest is read by every buyer."""


class Shelf:
    """Keeps bytes under their sha-256, durably; implements `PackageShelf`. One node per folder."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if need be, and clear what a killed node left half-written."""
        self._blobs = folder / "blobs"
        self._packages = folder / "packages"
        self._tmp = folder / "tmp"
        shutil.rmtree(self._tmp, ignore_errors=True)
        for each in (self._blobs, self._packages, self._tmp):
            each.mkdir(parents=True, exist_ok=True)

    async def pack(self, folder: str) -> Packed:
        """Read a Service folder into a deterministic archive; raise InvalidManifest or NotFound."""
        return await trio.to_thread.run_sync(_pack, Path(folder))

    async def put(self, content: bytes) -> bytes:
        """Keep bytes durably and return their sha-256."""
        if len(content) > ARCHIVE_BYTES_MAX:
            raise InvalidInput(f"at most {ARCHIVE_BYTES_MAX} bytes are kept as one package")
        return await trio.to_thread.run_sync(self._put, content)

    async def get(self, digest: bytes) -> bytes:
        """Return the bytes; raise NotFound, also if the disk has damaged them."""
        return await trio.to_thread.run_sync(self._get, digest)

    def has(self, digest: bytes) -> bool:
        """Tell whether the bytes are here."""
        return self._blob(digest).is_file()

    async def unpack(self, digest: bytes) -> str:
        """Unpack a package (once) and return its folder; raise InvalidInput if it is hostile."""
        return await trio.to_thread.run_sync(self._unpack, digest)

    def _blob(self, digest: bytes) -> Path:
        return self._blobs / digest.hex()

    def _put(self, content: bytes) -> bytes:
        digest = hashlib.sha256(content).digest()
        target = self._blob(digest)
        if target.is_file() and hashlib.sha256(target.read_bytes()).digest() == digest:
            return digest
        try:
            _write_durably(target, content, tmp=self._tmp)
        except OSError as error:
            raise Unavailable(f"the package cannot be kept: {error.strerror}") from error
        return digest

    def _get(self, digest: bytes) -> bytes:
        blob = self._blob(digest)
        try:
            content = blob.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"no package {digest.hex()} here") from error
        if hashlib.sha256(content).digest() != digest:
            blob.unlink(missing_ok=True)
            raise NotFound(
                f"package {digest.hex()} was damaged on disk and is dropped", hint="fetch it again"
            )
        return content

    def _unpack(self, digest: bytes) -> str:
        target = (self._packages / digest.hex()).absolute()
        if target.is_dir():
            return str(target)
        content = self._get(digest)
        scratch = Path(tempfile.mkdtemp(dir=self._tmp))
        try:
            unpack_into(content, scratch)
            scratch.chmod(0o755)
            for folder in (scratch, *(path for path in scratch.rglob("*") if path.is_dir())):
                _sync_folder(folder)
            _rename_once(scratch, target)
        except OSError as error:
            raise Unavailable(f"the package cannot be unpacked: {error.strerror}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return str(target)


def _pack(folder: Path) -> Packed:
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}")
    try:
        text = _read_manifest(folder / MANIFEST_NAME)
        return Packed(manifest_text=text, archive=pack_folder(folder))
    except OSError as error:
        raise NotFound(f"{error.filename or folder} cannot be read: {error.strerror}") from error


def _read_manifest(file: Path) -> str:
    if not file.is_file():
        raise NotFound(
            f"there is no {MANIFEST_NAME} in {file.parent}", hint="name the folder of a Service"
        )
    if file.stat().st_size > MANIFEST_BYTES_MAX:
        raise InvalidManifest(f"{MANIFEST_NAME} has more than {MANIFEST_BYTES_MAX} bytes")
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidManifest(f"{MANIFEST_NAME} is not UTF-8 text: {error}") from error


def _write_durably(target: Path, content: bytes, *, tmp: Path) -> None:
    """Write so that after a crash the file is either whole or absent."""
    descriptor, scratch = tempfile.mkstemp(dir=tmp)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(scratch).replace(target)
    finally:
        Path(scratch).unlink(missing_ok=True)
    _sync_folder(target.parent)


def _rename_once(scratch: Path, target: Path) -> None:
    """Move the folder into place, unless another task did so in the meantime."""
    try:
        scratch.rename(target)
    except OSError:
        if not target.is_dir():
            raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
