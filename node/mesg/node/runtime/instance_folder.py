"""What the container runtime keeps of an instance on disk: its log, and which image it ran."""

import shutil
from pathlib import Path

import trio

from mesg.marketplace.domain.errors import Unavailable
from mesg.node.runtime.logbook import LogBook


class InstanceFolder:
    """The folder of one instance."""

    def __init__(self, runtime_folder: Path, instance: str) -> None:
        """Name the folder; it is made when something is kept."""
        self._path = runtime_folder / instance
        self._image = self._path / "image"

    @property
    def book(self) -> LogBook:
        """The log of the runs that have ended."""
        return LogBook(self._path / "logs")

    async def note_image(self, tag: str) -> None:
        """Remember the image, to be removed with the instance."""
        try:
            await trio.Path(self._path).mkdir(parents=True, exist_ok=True)
            await trio.Path(self._image).write_text(tag)
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be written: {error.strerror}") from error

    async def noted_image(self) -> str:
        """Return the image, or nothing."""
        image = trio.Path(self._image)
        return await image.read_text() if await image.exists() else ""

    async def delete(self) -> None:
        """Delete all of it."""
        await trio.to_thread.run_sync(lambda: shutil.rmtree(self._path, ignore_errors=True))
