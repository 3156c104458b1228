"""Getting a wallet's password for a command, in the documented order; see keystore/password.py."""

from mesg.marketplace.domain.errors import KeystoreLocked
from mesg.node.cli.session import Session
from mesg.node.keystore import find_password

_HINT = "give it with --password-file FILE, or MESG_KEYSTORE_PASSWORD_FILE"


def password_if_any(session: Session, password_file: str) -> str | None:
    """Return the password, None if nobody gives one."""
    prompt = (lambda: session.terminal.ask_password("Wallet password")) if _asks(session) else None
    found = find_password(password_file=password_file, environ=session.environ, prompt=prompt)
    if found is None:
        return None
    if found.warning:
        session.terminal.say(f"warning: {found.warning}", "yellow")
    return found.password


def existing_password(session: Session, password_file: str) -> str:
    """Return the password of a wallet there is; raise KeystoreLocked if nobody gives one."""
    password = password_if_any(session, password_file)
    if password is None:
        raise KeystoreLocked("nobody gave the wallet's password", hint=_HINT)
    return password


def new_password(session: Session, password_file: str) -> str:
    """Return the password for a new wallet, asking twice."""
    prompt = session.terminal.ask_new_password if _asks(session) else None
    found = find_password(password_file=password_file, environ=session.environ, prompt=prompt)
    if found is None:
        raise KeystoreLocked("a new wallet needs a password, and nobody gave one", hint=_HINT)
    return found.password


def _asks(session: Session) -> bool:
    return session.terminal.can_ask
