"""Packing is deterministic and reversible; hostile archives are refused by name."""

import io
import os
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.store.archive import (
    ARCHIVE_BYTES_MAX,
    DEPTH_MAX,
    MEMBERS_MAX,
    pack_folder,
    unpack_into,
)

_NAMES: st.SearchStrategy[str] = st.text("abcdefgh-_ ", min_size=1, max_size=12)
_FOLDERS = st.dictionaries(
    st.lists(_NAMES, min_size=1, max_size=4).map("/".join),
    st.tuples(st.binary(max_size=2_000), st.booleans()),
    max_size=12,
)


def tar(*members: tarfile.TarInfo, fmt: int = tarfile.USTAR_FORMAT, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=fmt) as archive:  # type: ignore[call-overload]
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return out.getvalue()


def member(name: str, **changes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(info, key, value)
    return info


def contents(folder: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), os.access(path, os.X_OK))
        for path in folder.rglob("*")
        if path.is_file()
    }


def write(folder: Path, files: dict[str, tuple[bytes, bool]]) -> None:
    for name, (content, executable) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o775 if executable else 0o600)


@settings(max_examples=60, deadline=None)
@given(files=_FOLDERS)
def test_a_folder_comes_back_as_it_was_and_packs_to_the_same_bytes(
    files: dict[str, tuple[bytes, bool]],
) -> None:
    names = [name + "/" for name in files]
    files = {
        name: file
        for name, file in files.items()
        if not any(other.startswith(name + "/") and other != name + "/" for other in names)
    }
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        write(Path(first), files)

        packed = pack_folder(Path(first))
        unpack_into(packed, Path(second))

        assert contents(Path(second)) == files
        assert pack_folder(Path(second)) == packed


@settings(max_examples=200, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=6))
def test_damaged_archives_are_refused_or_stay_in_their_folder(
    flips: list[tuple[int, int]],
) -> None:
    damaged = bytearray(tar(member("a/b", size=600), member("c", size=3)))
    for position, value in flips:
        damaged[position] = value
    with TemporaryDirectory() as outer:
        inner = Path(outer) / "inner"
        inner.mkdir()

        with suppress(InvalidInput):
            unpack_into(bytes(damaged), inner)

        assert [path.name for path in Path(outer).iterdir()] == ["inner"]


@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=2_048))
def test_noise_is_refused(noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        if any(noise) or len(noise) < 512:
            with pytest.raises(InvalidInput):
                unpack_into(noise, Path(folder))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "parent": (lambda: tar(member("../evil")), "../evil"),
    "inner parent": (lambda: tar(member("a/../../evil")), "a/../../evil"),
    "absolute": (lambda: tar(member("/etc/evil")), "/etc/evil"),
    "dot": (lambda: tar(member("./evil")), "./evil"),
    "backslash": (lambda: tar(member("..\\evil")), "..\\evil"),
    "drive": (lambda: tar(member("C:evil")), "C:evil"),
    "control character": (lambda: tar(member("a\nb")), "a\nb"),
    "symlink": (lambda: tar(member("l", type=tarfile.SYMTYPE, linkname="/etc/passwd")), "l"),
    "hard link": (lambda: tar(member("l", type=tarfile.LNKTYPE, linkname="mesg.yml")), "l"),
    "device": (lambda: tar(member("d", type=tarfile.CHRTYPE, devmajor=1, devminor=3)), "d"),
    "block device": (lambda: tar(member("d", type=tarfile.BLKTYPE)), "d"),
    "pipe": (lambda: tar(member("p", type=tarfile.FIFOTYPE)), "p"),
    "contiguous": (lambda: tar(member("c", type=tarfile.CONTTYPE)), "c"),
    "sparse": (lambda: tar(member("s", type=tarfile.GNUTYPE_SPARSE)), "s"),
    "twice": (lambda: tar(member("a"), member("a")), "a"),
    "case clash": (lambda: tar(member("Readme"), member("README")), "README"),
    "folder case clash": (lambda: tar(member("Lib/a"), member("lib/b")), "lib/b"),
    "unicode clash": (lambda: tar(member("é"), member("e\u0301")), "e\u0301"),
    "file as folder": (lambda: tar(member("a"), member("a/b")), "a/b"),
    "folder as file": (lambda: tar(member("a", type=tarfile.DIRTYPE), member("a")), "a"),
    "deep": (
        lambda: tar(member("/".join("d" * (DEPTH_MAX + 1)))),
        "/".join("d" * (DEPTH_MAX + 1)),
    ),
    "pax": (
        lambda: tar(member("a", pax_headers={"path": "../evil"}), fmt=tarfile.PAX_FORMAT),
        "././@PaxHeader",
    ),
    "long name": (lambda: tar(member("n" * 200), fmt=tarfile.GNU_FORMAT), "././@LongLink"),
}


@pytest.mark.parametrize(("make", "named"), HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_archive_is_refused_naming_the_member(
    make: Callable[[], bytes], named: str, tmp_path: Path
) -> None:
    target = tmp_path / "inner"
    target.mkdir()

    with pytest.raises(InvalidInput) as refusal:
        unpack_into(make(), target)

    assert refusal.value.where == named
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def _with_size(field: bytes) -> bytes:
    header = bytearray(member("a").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = field
    header[148:156] = b"%06o\x00 " % sum(header[:148] + b" " * 8 + header[156:])
    return bytes(header) + bytes(1024)


@pytest.mark.parametrize(
    "archive",
    [
        _with_size(b"\xff" * 12),
        _with_size(b"\x80" + b"\x7f" * 11),
        _with_size(b"-0000000001\x00"),
        _with_size(b"77777777777\x00"),
        tar(member("a", size=10), mode="w:gz"),
        tar(member("a", size=10), mode="w:xz"),
        tar(member("a", size=10))[:700],
        tar(member("a")) + b"hidden",
        bytes(ARCHIVE_BYTES_MAX + 1),
        b"",
    ],
    ids=range(10),  # a compressed archive holds the time it was made
)
def test_an_archive_that_is_not_plain_is_refused(archive: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        unpack_into(archive, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_number_of_members_has_a_limit(tmp_path: Path) -> None:
    def folders(count: int) -> bytes:
        return tar(*(member(f"d{i}", type=tarfile.DIRTYPE) for i in range(count)))

    unpack_into(folders(MEMBERS_MAX), tmp_path)

    with pytest.raises(InvalidInput, match=str(MEMBERS_MAX)):
        unpack_into(folders(MEMBERS_MAX + 1), tmp_path)


def test_links_and_pipes_are_not_packed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInput) as refusal:
        pack_folder(tmp_path)
    assert refusal.value.where == "link"
    (tmp_path / "link").unlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInput) as refusal:
        pack_folder(tmp_path)
    assert refusal.value.where == "pipe"


def test_too_large_a_folder_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(ARCHIVE_BYTES_MAX // 2))
    (tmp_path / "b").write_bytes(bytes(ARCHIVE_BYTES_MAX // 2))

    with pytest.raises(InvalidInput, match=str(ARCHIVE_BYTES_MAX)):
        pack_folder(tmp_path)


def test_ignored_files_stay_out_but_never_what_is_needed_to_run(tmp_path: Path) -> None:
    write(
        tmp_path,
        dict.fromkeys(
            (
                *("mesg.yml", "Dockerfile", "service.py", "a.log", "logs/keep.log", "sub/b.log"),
                *(".git/config", "node_modules/x/y.js", "sub/__pycache__/z.pyc", "secret/key"),
                *("build/out", "deep/x/tmp/t"),
            ),
            (b"x", False),
        ),
    )
    (tmp_path / ".dockerignore").write_text("# comment\nDockerfile\nmesg.yml\n*.log\nsecret/\n")
    (tmp_path / ".mesgignore").write_text("/build/*\n!logs/keep.log\n**/tmp\n\n")

    target = tmp_path / "out"
    target.mkdir()
    unpack_into(_pack_without(tmp_path, "out"), target)

    assert sorted(contents(target)) == sorted(
        [".dockerignore", ".mesgignore", "Dockerfile", "logs/keep.log", "mesg.yml", "service.py"]
    )


def _pack_without(folder: Path, name: str) -> bytes:
    with (folder / ".mesgignore").open("a") as rules:
        rules.write(f"{name}\n")
    return pack_folder(folder)
