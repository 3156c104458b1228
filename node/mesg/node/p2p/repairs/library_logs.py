"""libp2p reports the ordinary comings and goings of peers as warnings and errors; we report our own."""

import logging

_LEVELS = {
    "libp2p": logging.CRITICAL,
    "libp2p.network.auto_connector": logging.CRITICAL,
}
"""The auto-connector sets a level of its own at import."""


def calm_library_logs() -> None:
    """Let only what libp2p calls critical through."""
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(level)
