"""Who may use the Core API over TCP: who has the application token, or is the node's own user.

The owner of a loopback connection is looked up in /proc/net/tcp{,6}, where the kernel tells the user
of every socket; so the clients of 2018, which know no token, work for their owner and no one else.
"""

import hmac
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mesg.marketplace.domain.errors import NotEntitled

TOKEN_KEY = "mesg-token"  # noqa: S105 - the name of a header
SOCKET_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"
_ROOT_UID = 0


class Gate:
    """Admits callers to the Core API on a TCP port."""

    def __init__(self, *, application_token: str) -> None:
        self._token = application_token.encode()
        self._known: Counter[str] = Counter()
        self.port = 0
        """The bound port, set before the first call."""

    @contextmanager
    def admit(self, context: Any) -> Generator[None]:  # noqa: ANN401
        """Hold an RPC of a caller who may use the node; raise NotEntitled for any other."""
        given = dict(context.invocation_metadata() or ()).get(TOKEN_KEY)
        if given is not None:
            self._check_token(given)
            yield
            return
        peer = context.peer()
        self._check_owner(peer)
        # While this RPC lasts its connection does, and nobody else can have the same address.
        self._known[peer] += 1
        try:
            yield
        finally:
            self._known[peer] -= 1
            if not self._known[peer]:
                del self._known[peer]

    def _check_token(self, given: str | bytes) -> None:
        if not hmac.compare_digest(_bytes(given), self._token):
            raise NotEntitled(
                "the application token is wrong",
                hint="it is in application.token in the node's home",
            )

    def _check_owner(self, peer: str) -> None:
        if peer in self._known:
            return
        if connection_owner(peer, port=self.port) not in (os.getuid(), _ROOT_UID):
            raise NotEntitled(
                "this program may not use the node",
                hint=f"send the application token as metadata {TOKEN_KEY}, "
                "use the node's core socket, or run as the node's own user",
            )


def connection_owner(
    peer: str, *, port: int, tables: Sequence[Path] = SOCKET_TABLES
) -> int | None:
    """Return the user id of a loopback caller of our `port`; None if it cannot be known."""
    kind, _, rest = peer.partition(":")
    host, _, caller_port = unquote(rest).rpartition(":")
    if kind not in ("ipv4", "ipv6") or not caller_port.isdecimal():
        return None
    address = ip_address(host.strip("[]"))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not address.is_loopback:
        return None
    wanted = {f"{form}:{int(caller_port):04X}" for form in _kernel_forms(address)}
    return _find_owner(_rows(tables), wanted, f":{port:04X}")


def _find_owner(rows: Iterable[list[str]], callers: set[str], our_port: str) -> int | None:
    """Find the caller's end: its local address is the peer's, its remote port is ours."""
    for row in rows:
        is_caller = row[1] in callers and row[2].endswith(our_port)
        if is_caller and row[3] == _ESTABLISHED:
            return int(row[7])
    return None


def _rows(tables: Sequence[Path]) -> Iterable[list[str]]:
    for table in tables:
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                yield line.split(maxsplit=8)


def _kernel_forms(address: IPv4Address | IPv6Address) -> Iterable[str]:
    """Write an address as the kernel does: 32-bit words in the machine's byte order."""
    yield _words(address.packed)
    if isinstance(address, IPv4Address):
        yield _words(b"\x00" * 10 + b"\xff\xff" + address.packed)


def _words(packed: bytes) -> str:
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
