"""A manifest's command as words, the same for all runtimes."""

import shlex

from mesg.marketplace.domain.errors import InvalidManifest


def split_command(command: str) -> list[str]:
    """Split as a shell does, running none; raise InvalidManifest for an open quote."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise InvalidManifest(
            f"the command cannot be read: {error}", where="configuration.command"
        ) from error
