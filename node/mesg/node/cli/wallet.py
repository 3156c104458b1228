"""Commands about the wallet; those that touch its file need no running node."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.cli.passwords import existing_password, new_password
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import Shown
from mesg.node.config.load import load_config
from mesg.node.keystore import Keystore, StoredWallet

_COLUMNS = {"NAME": "name", "ADDRESS": "address", "FILE": "file"}
PasswordFile = Annotated[str, Parameter(help="A file (mode 0600) with the password.")]


def _keystore(session: Session) -> Keystore:
    config = load_config(session.home, environ=session.environ).config
    return Keystore(session.home.keystore, scrypt_n=config.wallet.scrypt_n)


def _shape(wallet: StoredWallet) -> dict[str, str]:
    return {"name": wallet.name, "address": str(wallet.address), "file": str(wallet.path)}


async def create(
    name: str = "main", /, *, password_file: PasswordFile = "", session: InSession
) -> None:
    """Make a new account and keep its key encrypted.

    Example: mesg wallet create --password-file ~/password

    Args:
        name: The wallet's name.
    """
    password = new_password(session, password_file)
    wallet = await _keystore(session).create(name, password)
    _show_new(session, wallet)


async def import_wallet(
    file: str = "",
    /,
    *,
    name: str = "main",
    private_key_stdin: bool = False,
    password_file: PasswordFile = "",
    session: InSession,
) -> None:
    """Take an account from another tool's keystore file, or its bare key from standard input.

    Example: mesg wallet import ./UTC--2026.json

    Args:
        file: An Ethereum keystore file (version 3); its password stays the same.
        name: The wallet's name here.
        private_key_stdin: Read 64 hexadecimal digits from standard input instead.
    """
    if private_key_stdin:
        secret = _secret(session.terminal.stdin.readline().strip())
        password = new_password(session, password_file)
        wallet = await _keystore(session).keep(name, password, secret=secret)
    else:
        password = existing_password(session, password_file)
        wallet = await _keystore(session).import_file(name, Path(file), password=password)
    _show_new(session, wallet)


def _secret(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise InvalidInput("standard input holds no hexadecimal key") from error


def _show_new(session: Session, wallet: StoredWallet) -> None:
    columns = {"Name": "name", "Address": "address", "File": "file"}
    session.show(Shown({"apiVersion": "v1", **_shape(wallet)}, columns, "address"))
    session.hint("Keep a copy of the file and of the password: without them the money is lost")


def list_wallets(*, session: InSession) -> None:
    """List the wallets of this home.

    Example: mesg wallet list
    """
    items = [_shape(wallet) for wallet in _keystore(session).list()]
    session.show(Shown({"apiVersion": "v1", "items": items}, _COLUMNS, "address"))


async def balance(*, session: InSession) -> None:
    """Show what the node's account holds.

    Example: mesg wallet balance --json
    """
    columns = {
        "Account": "account",
        "Gas money": "ether",
        "Tokens": "tokens",
        "Vault": "vault",
        "Earned": "earned",
    }
    session.show(Shown(await session.node.get("wallet", "balances"), columns, "account"))


async def unlock(*, password_file: PasswordFile = "", session: InSession) -> None:
    """Unlock the running node's wallet until the node ends.

    Example: mesg wallet unlock
    """
    password = existing_password(session, password_file)
    await session.node.post("wallet", "unlock", body={"password": password})
    session.terminal.say("The wallet is unlocked", "green")
