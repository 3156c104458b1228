"""Wallets as encrypted files on disk (Ethereum keystore version 3), and the passwords that open them."""

from mesg.node.keystore.files import Keystore, KeystoreUnsafe, StoredWallet
from mesg.node.keystore.password import FoundPassword, find_password
from mesg.node.keystore.signer import KeystoreSigner

__all__ = [
    "FoundPassword",
    "Keystore",
    "KeystoreSigner",
    "KeystoreUnsafe",
    "StoredWallet",
    "find_password",
]
