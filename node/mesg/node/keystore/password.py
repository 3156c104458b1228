"""Where a wallet's password comes from, in one fixed order; never from a flag's value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.keystore.private_files import read_private

CREDENTIAL_NAME = "mesg_keystore_password"


@dataclass(frozen=True, slots=True)
class FoundPassword:
    """A password, who gave it, and what is unwise about that."""

    password: str
    source: str
    warning: str = ""

    def __repr__(self) -> str:
        """Show where it came from, never what it is."""
        return f"FoundPassword(source={self.source!r})"


def find_password(
    *, password_file: str, environ: Mapping[str, str], prompt: Callable[[], str] | None = None
) -> FoundPassword | None:
    """Return the first password there is, None if nobody gives one.

    The order: the file that a flag or the configuration names, the systemd credential, the file
    that MESG_KEYSTORE_PASSWORD_FILE names, MESG_KEYSTORE_PASSWORD, the person at the terminal.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY", "")
    credential = str(Path(credentials) / CREDENTIAL_NAME) if credentials else ""
    if password_file:
        return _from_file(password_file)
    if credential and Path(credential).is_file():
        return _from_file(credential)
    if named := environ.get("MESG_KEYSTORE_PASSWORD_FILE", ""):
        return _from_file(named)
    if bare := environ.get("MESG_KEYSTORE_PASSWORD", ""):
        return FoundPassword(
            bare,
            "MESG_KEYSTORE_PASSWORD",
            "MESG_KEYSTORE_PASSWORD can be read by other programs; prefer --password-file",
        )
    if prompt is not None and (typed := prompt()):
        return FoundPassword(typed, "terminal")
    return None


def _from_file(path: str) -> FoundPassword:
    try:
        text = read_private(Path(path).expanduser()).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InvalidInput("the password file is not UTF-8 text", where=path) from error
    if not text:
        raise InvalidInput("the password file is empty", where=path)
    return FoundPassword(text, path)
