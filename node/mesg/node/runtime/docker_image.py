"""From a package's folder to what the engine builds: a deterministic archive and its tag."""

import hashlib
import io
import os
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path

from mesg.marketplace.domain.errors import InvalidManifest

CONTEXT_BYTES_MAX = 32 * 1024 * 1024
"""Twice what a package may have: it was unpacked by the shelf, which is stricter."""


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What the engine builds an image from; the same content always gets the same tag."""

    archive: bytes

    @property
    def tag(self) -> str:
        """The image's name: an unchanged package is built once."""
        return f"mesg/package:{hashlib.sha256(self.archive).hexdigest()[:40]}"


def read_context(folder: Path) -> BuildContext:
    """Read the folder; raise InvalidManifest if it has no Dockerfile or is too large."""
    if not (folder / "Dockerfile").is_file():
        raise InvalidManifest(
            "the package has no Dockerfile",
            where="Dockerfile",
            hint="add one next to mesg.yml, or use the process runtime",
        )
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(_files(folder)):
            info = tarfile.TarInfo(str(path.relative_to(folder)))
            info.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            content = path.read_bytes()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
            if out.tell() > CONTEXT_BYTES_MAX:
                raise InvalidManifest(f"the package has more than {CONTEXT_BYTES_MAX} bytes")
    return BuildContext(out.getvalue())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if stat.S_ISREG(os.lstat(path).st_mode)]
