import os
import socket
import sys
from pathlib import Path

import pytest

from mesg.node.api.grpc.callers import connection_owner

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LOCALHOST = "0100007F" if sys.byteorder == "little" else "7F000001"
MAPPED = (
    "0000000000000000FFFF0000" if sys.byteorder == "little" else "00000000000000000000FFFF"
) + LOCALHOST
OUR_PORT = 50052


def table(folder: Path, *rows: str) -> list[Path]:
    path = folder / "tcp"
    path.write_text(HEADER + "".join(f"  {number}: {row}\n" for number, row in enumerate(rows)))
    return [folder / "absent", path]


def row(local: str, remote: str, *, state: str = "01", uid: int = 1000) -> str:
    return f"{local} {remote} {state} 00000000:00000000 00:00000000 00000000 {uid:5d} 0 77 1"


@pytest.mark.parametrize("address", [LOCALHOST, MAPPED])
def test_the_owner_of_the_callers_end_is_told(tmp_path: Path, address: str) -> None:
    ours = row(f"{address}:C384", f"{address}:A028", uid=0)
    callers = row(f"{address}:A028", f"{address}:C384", uid=1001)

    owner = connection_owner(
        "ipv4:127.0.0.1:41000", port=OUR_PORT, tables=table(tmp_path, ours, callers)
    )

    assert owner == 1001


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (row(f"{LOCALHOST}:A028", f"{LOCALHOST}:C385"),),
        (row(f"{LOCALHOST}:A029", f"{LOCALHOST}:C384"),),
        (row(f"{LOCALHOST}:A028", f"{LOCALHOST}:C384", state="06"),),
    ],
    ids=["no connection", "to another port", "from another port", "in TIME_WAIT"],
)
def test_nobody_owns_what_is_not_a_live_connection_to_us(
    tmp_path: Path, rows: tuple[str, ...]
) -> None:
    peer = "ipv4:127.0.0.1:41000"

    assert connection_owner(peer, port=OUR_PORT, tables=table(tmp_path, *rows)) is None


@pytest.mark.parametrize(
    "peer", ["ipv4:172.17.0.2:41000", "ipv6:%5Bfe80::1%5D:41000", "unix:", "", "ipv4:127.0.0.1:x"]
)
def test_a_caller_from_elsewhere_has_no_owner(peer: str) -> None:
    assert connection_owner(peer, port=OUR_PORT) is None


@pytest.mark.parametrize(
    ("family", "host", "peer"),
    [
        (socket.AF_INET, "127.0.0.1", "ipv4:127.0.0.1:{}"),
        (socket.AF_INET6, "::1", "ipv6:%5B::1%5D:{}"),
    ],
)
def test_the_kernel_tells_that_our_own_connection_is_ours(
    family: socket.AddressFamily, host: str, peer: str
) -> None:
    with socket.create_server((host, 0), family=family) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port)) as caller:
            owner = connection_owner(peer.format(caller.getsockname()[1]), port=port)

    assert owner == os.getuid()
