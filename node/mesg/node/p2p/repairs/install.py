"""All repairs at once; called before a host is built."""

from mesg.node.p2p.repairs.auto_connect import stop_auto_connect
from mesg.node.p2p.repairs.dialling import repair_dialling
from mesg.node.p2p.repairs.guarded_handlers import guard_stream_handlers
from mesg.node.p2p.repairs.inbound_slots import release_inbound_slots
from mesg.node.p2p.repairs.library_logs import calm_library_logs
from mesg.node.p2p.repairs.muxer import replace_muxer
from mesg.node.p2p.repairs.pinned import require_pinned_libp2p
from mesg.node.p2p.repairs.reading import repair_read_exactly


def install_repairs() -> None:
    """Repair libp2p in this process; calling it again changes nothing."""
    require_pinned_libp2p()
    guard_stream_handlers()
    release_inbound_slots()
    repair_read_exactly()
    repair_dialling()
    stop_auto_connect()
    replace_muxer()
    calm_library_logs()
