"""What the node needs from the world, in its own words; adapters implement these.

What Services and Applications may ask of the node is in `doors`.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import trio

from mesg.marketplace.domain.identity import AccountAddress, Digest, PeerId, ServiceId
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.domain.receipt import Receipt
from mesg.marketplace.ports import BookEntry, Books, Cursor, Observed, PublishedVersion
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import Deployment, InstanceSpec, InstanceStatus, LogLine
from mesg.node.domain.manifest import Manifest


@dataclass(frozen=True, slots=True)
class FoundPeer:
    """A peer that is said to have something; a hint, to be dialled and asked."""

    peer: PeerId
    addresses: tuple[str, ...]
    """Multiaddrs without the /p2p part."""


@dataclass(frozen=True, slots=True)
class PeerConnection:
    """A live connection, for people to look at."""

    peer: PeerId
    address: str
    direction: str
    """`inbound` or `outbound`."""
    agent: str = ""


class PeerStream(Protocol):
    """One long-lived, reliable, ordered byte stream with a peer whose id is proven (Noise)."""

    @property
    def peer(self) -> PeerId:
        """Who is at the other end."""
        ...

    async def receive_some(self) -> bytes:
        """Return the next bytes, empty at the end; raise PeerUnavailable if the peer is gone."""
        ...

    async def send_all(self, data: bytes) -> None:
        """Send all bytes; raise PeerUnavailable if the peer is gone. One task writes at a time."""
        ...

    async def aclose(self) -> None:
        """End the stream both ways; never raises."""
        ...


StreamHandler = Callable[[PeerStream], Awaitable[None]]


class Network(Protocol):
    """The libp2p host: encrypted connections between peers."""

    @property
    def peer(self) -> PeerId:
        """This node's id."""
        ...

    def addresses(self) -> tuple[str, ...]:
        """Return the multiaddrs that others may dial, without the /p2p part."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign with the node's ed25519 identity key."""
        ...

    def connections(self) -> Sequence[PeerConnection]:
        """Return the live connections."""
        ...

    async def open_stream(self, peer: PeerId, addresses: Sequence[str] = ()) -> PeerStream:
        """Open a session stream, dialling all addresses if need be; raise PeerUnavailable."""
        ...

    def serve_streams(self, handler: StreamHandler) -> None:
        """Set who serves session streams that others open; called once, before listening."""
        ...


@dataclass(frozen=True, slots=True)
class ExecutionKept:
    """An execution after a change, and whether it is ours or done for a peer."""

    execution: Execution
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class DeploymentForgotten:
    """A Service was deleted from this node."""

    service: ServiceId


@dataclass(frozen=True, slots=True)
class MarketSeen:
    """What the chain told, and how far it was read."""

    observed: tuple[Observed, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class ManifestSeen:
    """A manifest that some node gave, worth searching."""

    manifest: Manifest


Record = (
    BookEntry
    | ExecutionKept
    | Deployment
    | DeploymentForgotten
    | ServiceEvent
    | MarketSeen
    | ManifestSeen
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A Service as the index knows it from the chain."""

    service: ServiceId
    owner: AccountAddress
    versions: tuple[PublishedVersion, ...]
    offers: tuple[Offer, ...]

    @property
    def latest(self) -> PublishedVersion | None:
        """The newest version."""
        return self.versions[-1] if self.versions else None


class Journal(Books, Protocol):
    """The node's durable memory: write first, then speak. Reads are quick and see what was saved."""

    async def save(self, *entries: Record) -> None:
        """Return once all entries are on disk together; raise Unavailable, and keep none of them."""
        ...

    def execution(self, execution: Digest) -> ExecutionKept | None:
        """Return what was last saved of an execution."""
        ...

    def executions(self, *, most: int) -> Sequence[ExecutionKept]:
        """Return the newest executions, the newest first."""
        ...

    def unfinished(self) -> Sequence[Execution]:
        """Return the executions that had not ended when the node stopped."""
        ...

    def deployments(self) -> Sequence[Deployment]:
        """Return the Services on this node."""
        ...

    def events(self, service: ServiceId, *, after: int, most: int) -> Sequence[ServiceEvent]:
        """Return a Service's kept events behind a sequence, oldest first."""
        ...

    def last_event(self, service: ServiceId) -> int:
        """Return the sequence of a Service's newest event, 0 for none."""
        ...

    def cursor(self) -> Cursor | None:
        """Return how far the chain was read."""
        ...

    def listing(self, service: ServiceId) -> Listing | None:
        """Return a Service of the market."""
        ...

    def search(self, text: str, *, most: int) -> Sequence[Listing]:
        """Return Services whose sid, name, description or tasks have the words."""
        ...

    def owned(self, account: AccountAddress) -> Sequence[ServiceId]:
        """Return the Services of the market that belong to an account."""
        ...

    def pass_holders(self, service: ServiceId) -> Sequence[AccountAddress]:
        """Return the accounts that ever had a pass for a Service, the first buyer first."""
        ...


class Directory(Protocol):
    """The DHT: who says he has what; answers are hints, never truth."""

    async def provide(self, key: bytes) -> None:
        """Tell the network that this node has what `key` names; repeated in the background."""
        ...

    async def withdraw(self, key: bytes) -> None:
        """Stop telling so; others forget in time."""
        ...

    async def find(self, key: bytes, *, want: int) -> Sequence[FoundPeer]:
        """Return up to `want` distinct peers, as soon as they are known; empty if none answer."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceEndpoint:
    """Where the Service API listens on this machine."""

    tcp: str
    """`127.0.0.1:PORT`."""
    socket: str
    """The path of a unix socket that serves the same, alone in its folder."""


class Runtime(Protocol):
    """Runs instances. Every method may raise EngineUnavailable."""

    @property
    def name(self) -> str:
        """`process` or `docker`."""
        ...

    async def start(self, spec: InstanceSpec, *, endpoint: ServiceEndpoint) -> None:
        """Start the instance, building what it needs; idempotent while it runs.

        The runtime translates the endpoint to what the instance can reach and gives it MESG_TOKEN,
        MESG_ENDPOINT and MESG_ENDPOINT_TCP.
        Raise InvalidManifest if the package cannot be run here.
        """
        ...

    async def stop(self, instance: str) -> None:
        """Stop the instance, gently then firmly; nothing of it is left but its data and logs."""
        ...

    async def remove(self, instance: str) -> None:
        """Stop, and delete its data and logs too."""
        ...

    async def status(self, instance: str) -> InstanceStatus:
        """Return RUNNING or STARTING while it lives, FAILED after a bad exit, else STOPPED."""
        ...

    def logs(
        self, instance: str, *, follow: bool, tail: int
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[LogLine]]:
        """Give the last `tail` lines, then new ones while `follow`; leaving the block ends it."""
        ...


@dataclass(frozen=True, slots=True)
class Packed:
    """A Service folder as one file: its manifest's text and the package's bytes."""

    manifest_text: str
    archive: bytes


class PackageShelf(Protocol):
    """Content-addressed files on disk: manifests and packages, and packages unpacked to run."""

    async def pack(self, folder: str) -> Packed:
        """Read a Service folder into a deterministic archive; raise InvalidManifest, InvalidInput or NotFound."""
        ...

    async def put(self, content: bytes) -> bytes:
        """Keep bytes durably and return their sha-256."""
        ...

    async def get(self, digest: bytes) -> bytes:
        """Return the bytes; raise NotFound."""
        ...

    def has(self, digest: bytes) -> bool:
        """Tell whether the bytes are here."""
        ...

    async def unpack(self, digest: bytes) -> str:
        """Unpack a package safely (once) and return its folder; raise InvalidInput if it is hostile."""
        ...
