"""The account's key as the market sees it: an address at all times, signatures once unlocked.

LOCKED --unlock--> UNLOCKED        (until the process ends)
"""

from mesg.marketplace.domain.errors import KeystoreLocked
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.signing import AccountKey
from mesg.node.keystore.files import Keystore


class KeystoreSigner:
    """The `Signer` of a wallet on disk."""

    def __init__(self, keystore: Keystore, name: str) -> None:
        """Take the wallet of that name; raise NotFound if there is none."""
        self._keystore = keystore
        self._wallet = keystore.wallet(name)
        self._key: AccountKey | None = None

    @property
    def address(self) -> AccountAddress:
        """The account, known even while the key is locked."""
        return self._wallet.address

    @property
    def name(self) -> str:
        """The wallet's name."""
        return self._wallet.name

    @property
    def is_unlocked(self) -> bool:
        """Tell whether it can sign."""
        return self._key is not None

    def sign(self, digest: Digest) -> bytes:
        """Return the 64-byte signature (EIP-2098); raise KeystoreLocked without a password."""
        if self._key is None:
            raise KeystoreLocked(
                f"the wallet {self._wallet.name!r} ({self.address}) is locked",
                hint="unlock it with: mesg wallet unlock",
            )
        return self._key.sign(digest)

    async def unlock(self, password: str) -> None:
        """Keep the key in memory; raise KeystoreLocked if the password is wrong."""
        if self._key is None:
            self._key = await self._keystore.unlock(self._wallet.name, password)
