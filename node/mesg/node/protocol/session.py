"""A session with one peer, sans-IO: the handshake, the numbering of requests, and their limits.

    GREETING --peer's Hello--> OPEN --Goodbye or violation--> CLOSED

Either side sends requests (Call, Subscribe, AskAdverts, Fetch, AskClose) numbered by itself; the
other answers with frames that carry that number. Reading and writing streams, and deciding what to
answer, is done elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mesg.marketplace.domain.binding import Binding
from mesg.marketplace.domain.errors import ProtocolViolation, Refused
from mesg.marketplace.domain.identity import PeerId
from mesg.marketplace.ports import MarketAddresses
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol.frames import FrameReader, encode
from mesg.node.protocol.wire import binding_in, binding_out

REQUESTS_OPEN_MAX = 256
"""Requests a peer may have open with us at once; the next one is refused as `overloaded`."""
REQUEST_KINDS = frozenset({"call", "subscribe", "ask_adverts", "fetch", "ask_close", "settle"})
ANSWER_KINDS = frozenset(
    {"result", "event", "refusal", "adverts", "chunk", "close_consent", "settled"}
)
STEERING_KINDS = frozenset({"cancel", "credit"})


class SessionState(StrEnum):
    """Where a session is in its life."""

    GREETING = "greeting"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a node says of itself in its Hello."""

    network: str
    market: MarketAddresses
    agent: str
    binding: Binding | None


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The peer's Hello, checked: whom it acts for (None: anonymous)."""

    binding: Binding | None
    agent: str
    requests_max: int


@dataclass(frozen=True, slots=True)
class Received:
    """One frame after the handshake: its kind (the name of the field set) and the frame."""

    kind: str
    frame: pb.Frame


class Session:
    """One side of a session; not reusable."""

    def __init__(self, greeting: Greeting, *, peer: PeerId) -> None:
        self.state = SessionState.GREETING
        self.peer = peer
        self._greeting = greeting
        self._reader = FrameReader()
        self._last_request = 0

    def hello(self) -> bytes:
        """Return the first bytes to send."""
        mine = self._greeting
        hello = pb.Hello(
            version=0,
            network=mine.network,
            chain_id=mine.market.chain_id,
            pay_contract=mine.market.pay.raw,
            binding=binding_out(mine.binding) if mine.binding else None,
            agent=mine.agent,
            calls_max=REQUESTS_OPEN_MAX,
        )
        return encode(pb.Frame(hello=hello))

    def next_request(self) -> int:
        """Return a number for a new request of ours."""
        self._last_request += 1
        return self._last_request

    def receive(self, data: bytes, *, now_unix_s: int) -> Iterator[Welcomed | Received]:
        """Yield what the bytes say; raise ProtocolViolation or Refused, and the session is over.

        A frame of a kind that this version does not know is passed over.
        """
        for frame in self._reader.feed(data):
            kind = frame.WhichOneof("body")
            if self.state is SessionState.GREETING:
                if kind != "hello":
                    raise ProtocolViolation("the first frame must be a Hello")
                yield self._welcome(frame.hello, now_unix_s=now_unix_s)
                self.state = SessionState.OPEN
            elif kind == "hello":
                raise ProtocolViolation("a second Hello")
            elif kind is not None:
                yield Received(kind, frame)

    def _welcome(self, hello: pb.Hello, *, now_unix_s: int) -> Welcomed:
        mine = self._greeting
        if hello.network != mine.network:
            raise Refused(
                f"the peer is on network {hello.network[:64]!r}, this is {mine.network!r}"
            )
        if (hello.chain_id, hello.pay_contract) != (mine.market.chain_id, mine.market.pay.raw):
            raise Refused(
                f"the peer trades on chain {hello.chain_id}, contract 0x{hello.pay_contract.hex()}",
                hint="both nodes must use the same chain and contracts",
            )
        binding = None
        if hello.HasField("binding"):
            binding = binding_in(hello.binding)
            binding.check(mine.market.domain, peer=self.peer, now_unix_s=now_unix_s)
        most = min(hello.calls_max or REQUESTS_OPEN_MAX, REQUESTS_OPEN_MAX)
        return Welcomed(binding, hello.agent[:64], most)


def request_number(received: Received) -> int:
    """Return the request that a frame opens, answers or steers; 0 for the others."""
    return int(getattr(getattr(received.frame, received.kind), "request", 0))
