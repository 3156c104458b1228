"""A Service as deployed on this node, and its running instance.

STOPPED --start--> STARTING --listens--> RUNNING --stop--> STOPPED
                      └────exit/failure────┴──────> FAILED --start--> STARTING
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.node.domain.manifest import Manifest


class InstanceStatus(StrEnum):
    """Where an instance is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"


class Origin(StrEnum):
    """By what right a Service is on this node."""

    OWN = "own"
    """Its owner deployed it from a folder."""
    BOUGHT = "bought"
    """Fetched from the network under a pass; runs only while the pass holds."""
    HOSTED = "hosted"
    """Fetched from the network to serve others for rewards."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A Service that this node has: its manifest, its package, and the environment it is given."""

    manifest: Manifest
    package: Digest
    """sha-256 of the package's bytes."""
    environment: Mapping[str, str] = field(default_factory=dict)
    deployed_at_unix_ns: int = 0
    origin: Origin = Origin.OWN
    is_wanted: bool = False
    """Whether its owner wants it to run; it is started again with the node."""

    @property
    def service(self) -> ServiceId:
        """The Service's sid."""
        return self.manifest.service

    @property
    def version(self) -> Digest:
        """The manifest's hash."""
        return self.manifest.digest


@dataclass(frozen=True, slots=True)
class InstanceSpec:
    """All that a runtime needs to run an instance; plain values, nothing of the node's."""

    id: str
    """A name fit for containers and folders: `mesg-<12 hex digits>`."""
    manifest: Manifest
    folder: str
    """Where the package is unpacked, absolute."""
    environment: Mapping[str, str]
    """The manifest's and the owner's variables, without MESG_TOKEN and MESG_ENDPOINT."""
    token: str
    """The secret by which the instance speaks to the Service API."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that an instance wrote."""

    stream: str
    """`stdout` or `stderr`."""
    text: str
    dependency: str = "service"
