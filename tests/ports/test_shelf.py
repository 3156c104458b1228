"""What every package shelf promises."""

import io
import shutil
import tarfile
from pathlib import Path

import pytest
import trio

from mesg.marketplace.domain.errors import InvalidInput, InvalidManifest, NotFound
from mesg.node.ports import PackageShelf
from mesg.node.store.archive import ARCHIVE_BYTES_MAX
from mesg.node.store.shelf import MANIFEST_BYTES_MAX, Shelf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


@pytest.fixture
def shelf(folder: Path) -> PackageShelf:
    return Shelf(folder)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "lib").mkdir(parents=True)
    (source / "mesg.yml").write_text("name: é\nsid: example\n")
    (source / "service.py").write_text("print('hello')\n")
    (source / "lib" / "run.sh").write_text("#!/bin/sh\n")
    (source / "lib" / "run.sh").chmod(0o700)
    return source


async def test_what_is_packed_and_put_is_got_and_unpacked(
    shelf: PackageShelf, source: Path
) -> None:
    packed = await shelf.pack(str(source))
    digest = await shelf.put(packed.archive)

    unpacked = Path(await shelf.unpack(digest))

    assert packed.manifest_text == "name: é\nsid: example\n"
    assert shelf.has(digest)
    assert await shelf.get(digest) == packed.archive
    assert (unpacked / "service.py").read_text() == "print('hello')\n"
    assert (unpacked / "lib" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert await shelf.unpack(digest) == str(unpacked)


async def test_packing_again_elsewhere_later_gives_the_same_digest(
    shelf: PackageShelf, source: Path, tmp_path: Path
) -> None:
    first = await shelf.pack(str(source))
    moved = tmp_path / "moved"
    shutil.copytree(source, moved, copy_function=shutil.copyfile)
    (moved / "lib" / "run.sh").chmod(0o777)

    assert await shelf.pack(str(moved)) == first


async def test_putting_twice_is_the_same_as_once(shelf: PackageShelf, folder: Path) -> None:
    digests = {await shelf.put(b"the same"), await shelf.put(b"the same")}

    assert len(digests) == 1
    assert len(list((folder / "blobs").iterdir())) == 1


async def test_what_is_not_there_is_not_found(shelf: PackageShelf, tmp_path: Path) -> None:
    assert not shelf.has(bytes(32))
    with pytest.raises(NotFound):
        await shelf.get(bytes(32))
    with pytest.raises(NotFound):
        await shelf.unpack(bytes(32))
    with pytest.raises(NotFound):
        await shelf.pack(str(tmp_path / "absent"))


async def test_a_folder_without_a_manifest_is_not_a_service(
    shelf: PackageShelf, source: Path
) -> None:
    (source / "mesg.yml").unlink()

    with pytest.raises(NotFound) as refusal:
        await shelf.pack(str(source))

    assert refusal.value.message == f"there is no mesg.yml in {source}"


@pytest.mark.parametrize("manifest", [b"\xff\xfe", b"a" * (MANIFEST_BYTES_MAX + 1)])
async def test_a_manifest_is_text_of_bounded_size(
    shelf: PackageShelf, source: Path, manifest: bytes
) -> None:
    (source / "mesg.yml").write_bytes(manifest)

    with pytest.raises(InvalidManifest):
        await shelf.pack(str(source))


async def test_damaged_bytes_are_not_given_and_can_be_put_again(
    shelf: PackageShelf, folder: Path
) -> None:
    digest = await shelf.put(b"right")
    (folder / "blobs" / digest.hex()).write_bytes(b"wrong")

    with pytest.raises(NotFound):
        await shelf.get(digest)

    assert not shelf.has(digest)
    assert await shelf.put(b"right") == digest
    assert await shelf.get(digest) == b"right"


async def test_putting_again_repairs_what_the_disk_damaged(
    shelf: PackageShelf, folder: Path
) -> None:
    digest = await shelf.put(b"right")
    (folder / "blobs" / digest.hex()).write_bytes(b"wrong")

    await shelf.put(b"right")

    assert await shelf.get(digest) == b"right"


async def test_the_largest_package_is_kept_and_one_byte_more_is_not(shelf: PackageShelf) -> None:
    assert shelf.has(await shelf.put(bytes(ARCHIVE_BYTES_MAX)))
    with pytest.raises(InvalidInput):
        await shelf.put(bytes(ARCHIVE_BYTES_MAX + 1))


async def test_a_hostile_package_leaves_nothing_behind(shelf: PackageShelf, folder: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("fine"))
        archive.addfile(tarfile.TarInfo("../../evil"))
    digest = await shelf.put(out.getvalue())

    with pytest.raises(InvalidInput) as refusal:
        await shelf.unpack(digest)

    assert refusal.value.where == "../../evil"
    assert list((folder / "packages").iterdir()) == []
    assert list((folder / "tmp").iterdir()) == []


async def test_many_may_unpack_the_same_at_once(shelf: PackageShelf, source: Path) -> None:
    digest = await shelf.put((await shelf.pack(str(source))).archive)
    folders: list[str] = []

    async def unpack() -> None:
        folders.append(await shelf.unpack(digest))

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(unpack)

    assert len(set(folders)) == 1
    assert (Path(folders[0]) / "mesg.yml").is_file()


async def test_a_new_shelf_clears_what_a_killed_node_left(folder: Path) -> None:
    digest = await Shelf(folder).put(b"kept")
    (folder / "tmp" / "half").write_bytes(b"written")

    shelf = Shelf(folder)

    assert shelf.has(digest)
    assert list((folder / "tmp").iterdir()) == []
