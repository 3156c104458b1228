"""Our own Yamux and Noise record layer take the place of libp2p's.

As shipped the receive window is not enforced (a peer may push memory until the process dies), a
cancelled writer tears a frame and with it the whole connection, a reader that pauses for 5 s has its
stream reset, and every frame costs a record, a lock chain and two system calls.
"""

from libp2p.security.noise import patterns
from libp2p.stream_muxer import muxer_multistream
from libp2p.stream_muxer.yamux.yamux import Yamux

from mesg.node.p2p.repairs.pinned import require_pinned_libp2p
from mesg.node.p2p.yamux.connection import YamuxConnection
from mesg.node.p2p.yamux.noise_records import NoiseRecords

stock_yamux = Yamux
"""What is repaired."""


def replace_muxer() -> None:
    """Make every new connection use ours; the bytes on the wire follow the same specifications."""
    require_pinned_libp2p()
    vars(muxer_multistream)["Yamux"] = YamuxConnection
    vars(patterns)["NoiseTransportReadWriter"] = NoiseRecords
