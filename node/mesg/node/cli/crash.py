"""A report of a bug, for whoever mends it; the person at the terminal sees one line."""

import os
import traceback
from pathlib import Path


def write_crash_report(folder: Path, error: BaseException) -> str:
    """Write the traceback to a private file and return its path, empty if that fails too."""
    path = folder / f"crash-{os.getpid()}.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = "".join(traceback.format_exception(error))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
            file.write(text)
    except OSError:
        return ""
    return str(path)
