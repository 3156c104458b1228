"""`read_exactly` reads until it has what it was asked for.

As shipped it gives up after 101 short reads: a message of 10 MB, or one that arrives in small pieces,
fails. Modules of libp2p hold the function itself, so its code is replaced in place.
"""

from types import CodeType, FunctionType
from typing import cast

from libp2p.io import utils
from libp2p.io.abc import Reader
from libp2p.io.exceptions import IncompleteReadError

from mesg.node.p2p.repairs.pinned import require_pinned_libp2p

stock_code: CodeType = utils.read_exactly.__code__
"""What is repaired."""


def repair_read_exactly() -> None:
    """Give `libp2p.io.utils.read_exactly` the body below."""
    require_pinned_libp2p()
    cast("FunctionType", utils.read_exactly).__code__ = _read_exactly.__code__


async def _read_exactly(reader: Reader, n: int, retry_count: int = 0) -> bytes:  # noqa: ARG001
    # Runs with the globals of libp2p.io.utils: only names that exist there may be used.
    buffer = bytearray()
    while len(buffer) < n:
        chunk = await reader.read(n - len(buffer))
        if not chunk:
            raise IncompleteReadError(
                f"the connection ended after {len(buffer)} of {n} bytes",
                expected_bytes=n,
                received_bytes=len(buffer),
            )
        buffer.extend(chunk)
    return bytes(buffer)
