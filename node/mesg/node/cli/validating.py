"""The command that checks a mesg.yml without any node."""

from pathlib import Path

from mesg.marketplace.domain.errors import InvalidManifest, NotFound
from mesg.node.cli.session import InSession
from mesg.node.cli.show import Shown
from mesg.node.domain.manifest import Manifest
from mesg.node.domain.manifest_file import read_manifest

MANIFEST_NAME = "mesg.yml"
MANIFEST_BYTES_MAX = 256 * 1024
"""The same as when the node takes the Service."""


def validate(path: str = ".", /, *, session: InSession) -> None:
    """Check a mesg.yml; say what it declares, or where it breaks a rule.

    Example: mesg service validate ./greeter

    Args:
        path: The Service's folder, or the file itself.
    """
    manifest = read_manifest(_text_at(Path(path).expanduser()))
    columns = {
        "Service": "service",
        "Name": "name",
        "Version": "version",
        "Tasks": "tasks",
        "Events": "events",
        "Dependencies": "dependencies",
    }
    session.show(Shown(_shape(manifest), columns, "version"))
    session.terminal.say("The manifest is valid", "green")
    session.hint(f"Next: mesg service deploy {path}")


def _shape(manifest: Manifest) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "service": str(manifest.service),
        "name": manifest.name,
        "version": f"0x{manifest.digest.hex()}",
        "tasks": [task.key for task in manifest.tasks],
        "events": [event.key for event in manifest.events],
        "dependencies": [dependency.key for dependency in manifest.dependencies],
    }


def _text_at(path: Path) -> str:
    file = path / MANIFEST_NAME if path.is_dir() else path
    if not file.is_file():
        raise NotFound(f"there is no {MANIFEST_NAME} in {path}", where=str(file))
    if file.stat().st_size > MANIFEST_BYTES_MAX:
        raise InvalidManifest(f"{file.name} has more than {MANIFEST_BYTES_MAX} bytes")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidManifest(f"{file.name} is not UTF-8 text", where=str(file)) from error
