"""Reads the one plain form of tar that packages use, and refuses everything else; never touches a disk.

Own code on purpose: `tarfile` understands links, devices, sparse files, extended headers and
negative sizes (CVE-2025-8194 is an endless loop over one), and a package needs none of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mesg.marketplace.domain.errors import InvalidInput

BLOCK_BYTES = 512
_MAGICS = (b"ustar\x0000", b"ustar  \x00")
"""POSIX, and GNU tar for names that need no extension."""
_REGULAR, _OLD_REGULAR, _DIRECTORY = b"0", b"\x00", b"5"


@dataclass(frozen=True, slots=True)
class Member:
    """A file or a folder as the archive states it; the name is not checked yet."""

    name: str
    is_directory: bool
    is_executable: bool
    content: memoryview


def read_members(archive: bytes) -> Iterator[Member]:
    """Yield the members in order; raise InvalidInput at the first one that is not plain."""
    view = memoryview(archive)
    offset = 0
    while True:
        header = archive[offset : offset + BLOCK_BYTES]
        if len(header) < BLOCK_BYTES:
            raise InvalidInput("the archive ends before its end mark", where=f"byte {offset}")
        if not any(header):
            _check_padding(archive, offset)
            return
        name, is_directory, mode, size = _parse(header, offset)
        start = offset + BLOCK_BYTES
        if is_directory and size:
            raise InvalidInput("a folder has no content", where=name)
        if start + size > len(archive):
            raise InvalidInput("the archive ends inside this member", where=name)
        yield Member(name, is_directory, bool(mode & 0o100), view[start : start + size])
        offset = start + -(-size // BLOCK_BYTES) * BLOCK_BYTES


def _parse(header: bytes, offset: int) -> tuple[str, bool, int, int]:
    where = f"byte {offset}"
    if header[257:265] not in _MAGICS:
        raise InvalidInput("a package is an uncompressed tar archive (ustar)", where=where)
    blanked = header[:148] + b" " * 8 + header[156:]
    if _octal(header[148:156], "checksum", where) != sum(blanked):
        raise InvalidInput("a header of the archive is damaged", where=where)
    name = _name(header, where)
    kind = header[156:157]
    if kind not in (_REGULAR, _OLD_REGULAR, _DIRECTORY):
        raise InvalidInput(f"only files and folders may be packed, not type {kind!r}", where=name)
    mode = _octal(header[100:108], "mode", name)
    size = _octal(header[124:136], "size", name)
    return name, kind == _DIRECTORY, mode, size


def _name(header: bytes, where: str) -> str:
    raw = header[:100].split(b"\x00", 1)[0]
    if header[257:263] == b"ustar\x00":
        prefix = header[345:500].split(b"\x00", 1)[0]
        raw = prefix + b"/" + raw if prefix else raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the name {raw[:80]!r} is not UTF-8", where=where) from error


def _octal(field: bytes, what: str, where: str) -> int:
    """Read octal digits only: base-256 numbers, signs and blanks inside are not for us."""
    digits = field.strip(b" \x00")
    if not digits or digits.strip(b"01234567"):
        raise InvalidInput(f"the {what} {field!r} is not an octal number", where=where)
    return int(digits, 8)


def _check_padding(archive: bytes, offset: int) -> None:
    if archive.count(0, offset) != len(archive) - offset:
        raise InvalidInput("something is hidden after the end mark", where=f"byte {offset}")
