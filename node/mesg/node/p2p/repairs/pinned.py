"""The one version of libp2p whose insides the repairs know."""

from importlib.metadata import version

LIBP2P_VERSION = "0.8.1"


def require_pinned_libp2p() -> None:
    """Raise RuntimeError if another libp2p is installed: the repairs must be verified again first."""
    found = version("libp2p")
    if found != LIBP2P_VERSION:
        raise RuntimeError(f"the repairs are for libp2p {LIBP2P_VERSION}, not {found}")
