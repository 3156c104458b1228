"""An event: what an instance emits by itself, typed, numbered by the node that saw it."""

from dataclasses import dataclass

from mesg.marketplace.domain.identity import PeerId, ServiceId
from mesg.node.domain.execution import Json


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """One event of a Service on one node; `sequence` grows by one per Service and node."""

    service: ServiceId
    key: str
    data: Json
    sequence: int
    emitted_at_unix_ns: int
    peer: PeerId
    """The node whose instance emitted it."""
