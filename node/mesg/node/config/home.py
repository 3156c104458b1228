"""Where a node keeps everything: one folder, and the names of what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOME_DEFAULT = "~/.local/share/mesg"


@dataclass(frozen=True, slots=True)
class Home:
    """The tree of one node; copying it copies the node."""

    path: Path

    @property
    def config_file(self) -> Path:
        """The configuration."""
        return self.path / "config.toml"

    @property
    def identity(self) -> Path:
        """The libp2p key of the node (ed25519)."""
        return self.path / "identity.key"

    @property
    def keystore(self) -> Path:
        """The folder of encrypted wallets."""
        return self.path / "keystore"

    @property
    def database(self) -> Path:
        """Everything the node must not forget."""
        return self.path / "node.db"

    @property
    def packages(self) -> Path:
        """Manifests and packages by hash."""
        return self.path / "packages"

    @property
    def instances(self) -> Path:
        """The data and logs of what runs here."""
        return self.path / "instances"

    @property
    def run(self) -> Path:
        """Sockets of a running node."""
        return self.path / "run"

    @property
    def socket(self) -> Path:
        """The HTTP API, for this machine's user only."""
        return self.run / "node.sock"

    @property
    def token_file(self) -> Path:
        """The secret that applications show on TCP."""
        return self.path / "application.token"

    @property
    def logs(self) -> Path:
        """What the node writes when nobody watches, and reports of bugs."""
        return self.path / "logs"


def home_from(flag: str, environ: Mapping[str, str]) -> Home:
    """Return the home that `--home` names, else MESG_HOME, else the default."""
    chosen = flag or environ.get("MESG_HOME", "") or HOME_DEFAULT
    return Home(Path(chosen).expanduser().absolute())
