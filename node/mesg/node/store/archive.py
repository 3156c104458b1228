"""A Service folder as one file and back: the same folder always gives the same bytes.

The format is plain ustar: sorted, no times, no owners, modes 0644 and 0755, no compression (zlib's
output differs between its versions, and a hash must not). What is packed fits the limits of what
is unpacked.
"""

import io
import os
import stat
import tarfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.store.ignore import IGNORE_FILES, IgnoreRules, read_rules
from mesg.node.store.tar_reader import Member, read_members

ARCHIVE_BYTES_MAX = 16 * 1024 * 1024
"""Sources are small; larger things belong in an image. Held in memory once while packing."""
MEMBERS_MAX = 5_000
"""Files and folders together."""
DEPTH_MAX = 20
NAME_BYTES_MAX = 255
"""What common file systems take for one component."""
IGNORE_FILE_BYTES_MAX = 64 * 1024


def pack_folder(folder: Path) -> bytes:
    """Return the folder's archive; raise InvalidInput for what must not be packed."""
    rules = _rules_of(folder)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for count, path in enumerate(_walk(folder, PurePosixPath(), rules), start=1):
            if count > MEMBERS_MAX:
                raise InvalidInput(f"a package has at most {MEMBERS_MAX} files and folders")
            _add(archive, folder, path)
            if out.tell() > ARCHIVE_BYTES_MAX:
                raise _too_large()
    if out.tell() > ARCHIVE_BYTES_MAX:
        raise _too_large()
    return out.getvalue()


def unpack_into(archive: bytes, folder: Path) -> None:
    """Write the members below an empty folder, durably; raise InvalidInput naming a hostile one."""
    if len(archive) > ARCHIVE_BYTES_MAX:
        raise _too_large()
    for path, member in _checked_members(archive):
        _write(member, folder / path)


def _checked_members(archive: bytes) -> list[tuple[PurePosixPath, Member]]:
    """Check the whole archive first, so that a hostile one writes nothing."""
    spellings: dict[str, str] = {}
    members: list[tuple[PurePosixPath, Member]] = []
    for member in read_members(archive):
        if len(members) == MEMBERS_MAX:
            raise InvalidInput(f"more than {MEMBERS_MAX} files and folders", where=member.name)
        path = _checked_path(member.name)
        _refuse_clash(path, spellings)
        members.append((path, member))
    return members


def _rules_of(folder: Path) -> IgnoreRules:
    files = (folder / name for name in IGNORE_FILES)
    return read_rules(
        _read(file, IGNORE_FILE_BYTES_MAX).decode("utf-8", "replace")
        for file in files
        if file.is_file()
    )


def _walk(folder: Path, below: PurePosixPath, rules: IgnoreRules) -> Iterator[PurePosixPath]:
    """Yield paths in the order of their bytes, a folder before what is in it."""
    names = sorted(entry.name for entry in os.scandir(folder / below))
    for path in (below / name for name in names):
        if rules.ignore(path):
            continue
        yield path
        if stat.S_ISDIR(os.lstat(folder / path).st_mode):
            yield from _walk(folder, path, rules)


def _add(archive: tarfile.TarFile, folder: Path, path: PurePosixPath) -> None:
    _checked_path(str(path))
    info = tarfile.TarInfo(str(path))
    mode = os.lstat(folder / path).st_mode
    content = b""
    if stat.S_ISDIR(mode):
        info.type, info.mode = tarfile.DIRTYPE, 0o755
    elif stat.S_ISREG(mode):
        info.mode = 0o755 if mode & stat.S_IXUSR else 0o644
        content = _read(folder / path, ARCHIVE_BYTES_MAX)
        info.size = len(content)
    else:
        raise InvalidInput(
            "only files and folders can be packed, no links or devices",
            where=str(path),
            hint="name it in .mesgignore, or put the file itself there",
        )
    try:
        archive.addfile(info, io.BytesIO(content))
    except ValueError as error:  # a name beyond 100 + 155 bytes
        raise InvalidInput(f"the path is too long: {error}", where=str(path)) from error


def _read(file: Path, bytes_max: int) -> bytes:
    """Read a regular file that is not, and does not become, a link."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
        content = stream.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise InvalidInput(f"the file has more than {bytes_max} bytes", where=file.name)
    return content


def _checked_path(name: str) -> PurePosixPath:
    """Return a member's name as a path that stays below its folder on every system."""
    parts = name.removesuffix("/").split("/")
    if len(parts) > DEPTH_MAX:
        raise InvalidInput(f"deeper than {DEPTH_MAX} folders", where=name[:200])
    for part in parts:
        if part in ("", ".", "..") or "\\" in part or ":" in part or not part.isprintable():
            raise InvalidInput("the path is not a plain one below the folder", where=name[:200])
        if len(os.fsencode(part)) > NAME_BYTES_MAX:
            raise InvalidInput(f"a name has more than {NAME_BYTES_MAX} bytes", where=name[:200])
    return PurePosixPath(*parts)


def _refuse_clash(path: PurePosixPath, spellings: dict[str, str]) -> None:
    """Refuse a second member of a name, also when only case or Unicode form differ."""
    for parent in (*reversed(path.parents[:-1]), path):
        folded = unicodedata.normalize("NFC", str(parent)).casefold()
        known = spellings.setdefault(folded, str(parent))
        if known != str(parent):
            raise InvalidInput(f"its name clashes with {known!r}", where=str(path))
    mark = f"{unicodedata.normalize('NFC', str(path)).casefold()}/"
    if mark in spellings:
        raise InvalidInput("it is there twice", where=str(path))
    spellings[mark] = str(path)


def _write(member: Member, target: Path) -> None:
    try:
        if member.is_directory:
            target.mkdir(parents=True, exist_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o755 if member.is_executable else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(target, flags, mode), "wb") as stream:  # noqa: PTH123 - a descriptor
            os.fchmod(stream.fileno(), mode)
            stream.write(member.content)
            stream.flush()
            os.fsync(stream.fileno())
    except (FileExistsError, NotADirectoryError) as error:
        raise InvalidInput("it is both a file and a folder", where=member.name) from error


def _too_large() -> InvalidInput:
    return InvalidInput(
        f"a package has at most {ARCHIVE_BYTES_MAX} bytes",
        hint="leave out data and builds with .mesgignore",
    )
