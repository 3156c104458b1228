"""The command that makes a home: folders, configuration, application token, wallet. It never overwrites."""

import secrets
import tomllib
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from mesg.marketplace.domain.errors import MesgError
from mesg.node.cli.config_file import config_text
from mesg.node.cli.pairs import pairs_of
from mesg.node.cli.passwords import new_password
from mesg.node.cli.session import InSession, Session
from mesg.node.cli.show import Shown
from mesg.node.config.load import leaves, load_config
from mesg.node.keystore import Keystore
from mesg.node.keystore.private_files import make_private_folder, write_private

TOKEN_BYTES = 32
"""As hard to guess as a key."""


async def init(
    *,
    network: str = "",
    listen: list[str] | None = None,
    bootstrap: list[str] | None = None,
    rpc_url: list[str] | None = None,
    chain_id: int | None = None,
    grpc: str = "",
    set_: Annotated[list[str] | None, Parameter("--set")] = None,
    no_wallet: bool = False,
    password_file: str = "",
    session: InSession,
) -> None:
    """Make this home ready: configuration, application token and wallet; what exists is kept.

    Example: mesg init --network mesg-dev --password-file ~/password

    Args:
        network: Which network to join.
        listen: A multiaddr to listen on; may be repeated.
        bootstrap: A node to join through, as multiaddr with /p2p/PEER; may be repeated.
        rpc_url: An Ethereum RPC endpoint; may be repeated.
        chain_id: The chain's id.
        grpc: HOST:PORT of the gRPC API.
        set_: Any other key, as section.key=value; may be repeated.
        no_wallet: Do not make a wallet.
        password_file: A file (mode 0600) with the wallet's password; it is used at every start.
    """
    flags = {
        "network.name": network,
        "network.listen": ",".join(listen or ()),
        "network.bootstrap": ",".join(bootstrap or ()),
        "chain.rpc_urls": ",".join(rpc_url or ()),
        "chain.chain_id": "" if chain_id is None else str(chain_id),
        "api.grpc": grpc,
        "wallet.password_file": absolute(password_file),
    }
    given = {key: text for key, text in flags.items() if text}
    given |= pairs_of(set_ or (), what="--set")
    made = _make_folders_and_files(session, given)
    config = load_config(session.home, environ=session.environ).config
    keystore = Keystore(session.home.keystore, scrypt_n=config.wallet.scrypt_n)
    if not no_wallet and not keystore.has(config.wallet.name):
        password = new_password(session, password_file)
        await keystore.create(config.wallet.name, password)
        made.append("wallet")
    _show(session, made, config.wallet.name, keystore)


def absolute(path: str) -> str:
    """Return a path that means the same from every folder, empty for empty."""
    return str(Path(path).expanduser().absolute()) if path else ""


def _make_folders_and_files(session: Session, given: dict[str, str]) -> list[str]:
    home, made = session.home, []
    if home.config_file.exists():
        load_config(home, environ=session.environ)
        text = ""
    else:
        values = dict(leaves(load_config(home, environ={}, flags=given).config))
        text = config_text({key: values[key] for key in given})
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (home.keystore, home.logs, home.run):
        make_private_folder(folder)
    if text:
        write_private(home.config_file, text.encode())
        made.append("config")
    elif given and not _says(session, given):
        session.terminal.say(
            f"warning: {home.config_file} exists and is kept; the flags change nothing", "yellow"
        )
    if not home.token_file.exists():
        write_private(home.token_file, secrets.token_urlsafe(TOKEN_BYTES).encode())
        made.append("token")
    return made


def _says(session: Session, given: dict[str, str]) -> bool:
    """Tell whether the file already says what the flags say."""
    file: dict[str, Any] = tomllib.loads(session.home.config_file.read_text(encoding="utf-8"))
    values = dict(leaves(load_config(session.home, environ={}, flags=given).config))
    return all(
        file.get(key.partition(".")[0], {}).get(key.partition(".")[2]) == values[key]
        for key in given
    )


def _show(session: Session, made: list[str], name: str, keystore: Keystore) -> None:
    try:
        account = str(keystore.wallet(name).address)
    except MesgError as error:
        account = ""
        session.terminal.say(f"No wallet: {error.message}", "yellow")
    shape = {
        "apiVersion": "v1",
        "home": str(session.home.path),
        "config": str(session.home.config_file),
        "account": account,
        "token": str(session.home.token_file),
        "made": made,
    }
    columns = {
        "Home": "home",
        "Config": "config",
        "Account": "account",
        "Token": "token",
        "Made": "made",
    }
    session.show(Shown(shape, columns, "account"))
    session.hint("Next: mesg start --detach, then mesg status")
