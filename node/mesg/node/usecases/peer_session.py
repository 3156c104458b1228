"""Drives one session over its stream: one reader, one writer, requests matched with their answers."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
import trio

from mesg.marketplace.domain.binding import Binding
from mesg.marketplace.domain.errors import (
    MesgError,
    Overloaded,
    PeerUnavailable,
    ProtocolViolation,
    Refused,
)
from mesg.marketplace.domain.identity import AccountAddress, PeerId
from mesg.marketplace.ports import Clock
from mesg.node.domain.execution import Failure
from mesg.node.ports import PeerStream
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.protocol.frames import encode
from mesg.node.protocol.session import (
    ANSWER_KINDS,
    REQUEST_KINDS,
    REQUESTS_OPEN_MAX,
    STEERING_KINDS,
    Received,
    Session,
    Welcomed,
    request_number,
)
from mesg.node.usecases.credits import ANSWERS_BUFFERED_MAX, Credits
from mesg.node.usecases.failures import failure_of, raise_failure

log = structlog.get_logger("mesg.session")

HELLO_S_MAX = 5.0
IDLE_PING_S = 15.0
SILENCE_S_MAX = 45.0
"""Three pings unanswered: the peer is gone."""
QUEUED_BYTES_MAX = 4 << 20
"""What may wait to be written to one peer; senders above it wait."""
CHANNELS_CHECKED_MAX = 64
"""Channels of one peer that are looked up on chain at once; an honest payer tells few."""
CHANNELS_REFUSED_MAX = 64
"""Channels of one peer that we remember to have refused, and why."""

RequestHandler = Callable[["PeerSession", Received], Awaitable[None]]


class PeerSession:
    """A session with one peer; made and kept by `Sessions`."""

    def __init__(
        self,
        stream: PeerStream,
        protocol: Session,
        clock: Clock,
        handler: RequestHandler,
        *,
        is_ours: bool,
    ) -> None:
        self.peer: PeerId = stream.peer
        self.is_ours = is_ours
        self.binding: Binding | None = None
        self.agent = ""
        self.announced: set[bytes] = set()
        """Channels whose terms were told in this session, either way."""
        self._channels_checked = 0
        self._channel_news = trio.Event()
        self._channels_refused: dict[bytes, MesgError] = {}
        self._stream = stream
        self._protocol = protocol
        self._clock = clock
        self._handler = handler
        self._queue: list[bytes] = []
        self._queued_bytes = 0
        self._more = trio.Event()
        self._room = trio.Event()
        self._opened = trio.Event()
        self._closed = trio.Event()
        self._why_closed: MesgError | None = None
        self._retired = False
        self._answers: dict[int, trio.MemorySendChannel[Received]] = {}
        self._serving: dict[int, trio.CancelScope] = {}
        self._credits: dict[int, Credits] = {}
        self._heard_at = trio.current_time()

    @property
    def is_usable(self) -> bool:
        """Tell whether new requests may be sent on it."""
        return self._opened.is_set() and not self._closed.is_set() and not self._retired

    @property
    def account(self) -> AccountAddress | None:
        """The account that the peer acts for; None for an anonymous peer."""
        return self.binding.account if self.binding else None

    async def wait_open(self) -> None:
        """Return once the peer has greeted us properly; raise what was wrong otherwise."""
        await self._opened.wait()
        if self._why_closed is not None:
            raise self._why_closed

    async def run(self) -> None:
        """Serve the session until either side ends it."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write_all)
                nursery.start_soon(self._watch_silence)
                self._put(self._protocol.hello())
                try:
                    await self._read_all(nursery)
                except MesgError as error:
                    self._why_closed = error
                    log.info("session_ended", peer=self.peer, code=error.code, why=error.message)
                    if isinstance(error, Refused):
                        await self._last_words(error)
                nursery.cancel_scope.cancel()
        finally:
            self._close()
            await self._stream.aclose()

    async def ask(self, frame: pb.Frame) -> Received:
        """Send a request that has one answer and return it; raise what the peer refused it for."""
        said = await self.exchange(frame)
        if said.kind == "refusal":
            raise_failure(wire.failure_in(said.frame.refusal.failure))
        return said

    async def exchange(self, frame: pb.Frame) -> Received:
        """Send a request that has one answer and return it, be it a refusal; raise PeerUnavailable."""
        async with self.open_flow(frame) as answers:
            said = await _next(answers)
            self.finished(request_number(said))
            return said

    @asynccontextmanager
    async def open_flow(
        self, frame: pb.Frame
    ) -> AsyncGenerator[trio.MemoryReceiveChannel[Received]]:
        """Send a request with many answers; leaving the block cancels what is not finished.

        The request is numbered here. The channel ends when the session does.
        """
        if not self.is_usable:
            raise PeerUnavailable(f"the session with {self.peer} has ended")
        number = self._protocol.next_request()
        kind = frame.WhichOneof("body") or ""
        getattr(frame, kind).request = number
        sender, receiver = trio.open_memory_channel[Received](ANSWERS_BUFFERED_MAX)
        self._answers[number] = sender
        try:
            await self.send(frame)
            yield receiver
        finally:
            if self._answers.pop(number, None) is not None and not self._closed.is_set():
                self._put(encode(pb.Frame(cancel=pb.Cancel(request=number))))
            receiver.close()

    async def send(self, frame: pb.Frame) -> None:
        """Queue a frame; waits while too much is queued; raise PeerUnavailable if it is over."""
        data = encode(frame)
        while self._queued_bytes > QUEUED_BYTES_MAX and not self._closed.is_set():
            await self._room.wait()
        if self._closed.is_set():
            raise PeerUnavailable(f"the session with {self.peer} has ended")
        self._put(data)

    def credits(self, request: int) -> Credits:
        """Return the sending allowance of a flow that the peer asked for."""
        return self._credits[request]

    def note_channel(self, channel: bytes) -> None:
        """Remember that the peer's channel was checked and accepted."""
        self.announced.add(channel)
        self._channels_refused.pop(channel, None)
        self._tell_channel_news()

    def note_channel_refused(self, channel: bytes, error: MesgError) -> None:
        """Remember why the peer's channel was not accepted, for the calls that come for it."""
        while len(self._channels_refused) >= CHANNELS_REFUSED_MAX:
            del self._channels_refused[next(iter(self._channels_refused))]
        self._channels_refused[channel] = error
        self._tell_channel_news()

    async def wait_channel(self, channel: bytes) -> None:
        """Return once that channel was accepted, or raise why not; the caller sets the deadline."""
        while channel not in self.announced:
            if channel in self._channels_refused:
                raise self._channels_refused[channel]
            await self._channel_news.wait()

    def finished(self, request: int) -> None:
        """Note that a request of ours has had its last answer: there is nothing to cancel."""
        self._answers.pop(request, None)

    def retire(self) -> None:
        """Take no new requests of ours; the session ends once the open ones have."""
        self._retired = True

    def say_goodbye(self, why: str) -> None:
        """Tell the peer that this is the end; what is open here ends as unavailable."""
        if not self._closed.is_set():
            self._put(encode(pb.Frame(goodbye=pb.Goodbye(code="goodbye", message=why))))
            self._retired = True

    def _tell_channel_news(self) -> None:
        news, self._channel_news = self._channel_news, trio.Event()
        news.set()

    def _put(self, data: bytes) -> None:
        self._queue.append(data)
        self._queued_bytes += len(data)
        self._more.set()

    def _put_at_once(self, frame: pb.Frame) -> None:
        """Queue what the reader itself answers; it never waits for a peer that does not read."""
        if self._queued_bytes > QUEUED_BYTES_MAX:
            raise ProtocolViolation("it asks on without reading the answers")
        self._put(encode(frame))

    async def _write_all(self) -> None:
        while True:
            if not self._queue:
                self._more = trio.Event()
                await self._more.wait()
            batch, self._queue, self._queued_bytes = self._queue, [], 0
            room, self._room = self._room, trio.Event()
            room.set()
            try:
                await self._stream.send_all(b"".join(batch))
            except PeerUnavailable:
                return  # the reader notices it too, and ends the session

    async def _read_all(self, nursery: trio.Nursery) -> None:
        with trio.move_on_after(HELLO_S_MAX):
            while not self._opened.is_set():
                await self._read_some(nursery)
        if not self._opened.is_set():
            raise PeerUnavailable(f"{self.peer} did not greet within {HELLO_S_MAX:.0f} s")
        while not self._closed.is_set():
            await self._read_some(nursery)

    async def _read_some(self, nursery: trio.Nursery) -> None:
        data = await self._stream.receive_some()
        if not data:
            raise PeerUnavailable(f"{self.peer} ended the session")
        self._heard_at = trio.current_time()
        now = self._clock.now_unix_s()
        for said in self._protocol.receive(data, now_unix_s=now):
            match said:
                case Welcomed(binding=binding, agent=agent):
                    self.binding, self.agent = binding, agent
                    self._opened.set()
                case Received():
                    self._hear(said, nursery)

    def _hear(self, said: Received, nursery: trio.Nursery) -> None:
        number = request_number(said)
        if said.kind in REQUEST_KINDS:
            self._serve(said, number, nursery)
        elif said.kind in ANSWER_KINDS:
            self._take_answer(said, number)
        elif said.kind in STEERING_KINDS:
            self._steer(said, number)
        elif said.kind == "ping":
            self._put_at_once(pb.Frame(pong=pb.Pong(nonce=said.frame.ping.nonce)))
        elif said.kind == "channel":
            if self._channels_checked >= CHANNELS_CHECKED_MAX:
                raise ProtocolViolation(f"more than {CHANNELS_CHECKED_MAX} channels at once")
            self._channels_checked += 1
            nursery.start_soon(self._check_channel, said)
        elif said.kind == "goodbye":
            raise PeerUnavailable(f"{self.peer} said goodbye: {said.frame.goodbye.message[:200]}")

    def _steer(self, said: Received, number: int) -> None:
        if number not in self._serving:
            return  # it has ended a moment ago
        if said.kind == "cancel":
            self._serving[number].cancel()
        else:
            self._credits[number].add(said.frame.credit.count)

    def _serve(self, said: Received, number: int, nursery: trio.Nursery) -> None:
        if not number:
            raise ProtocolViolation("requests are numbered from 1")
        if number in self._serving:
            raise ProtocolViolation(f"request {number} is open already")
        if len(self._serving) >= REQUESTS_OPEN_MAX:
            busy = Overloaded(f"{REQUESTS_OPEN_MAX} requests are open already")
            self._put_at_once(_refusal(number, failure_of(busy)))
            return
        self._serving[number] = trio.CancelScope()
        self._credits[number] = Credits(_first_credit(said))
        nursery.start_soon(self._serve_one, said, number)

    async def _serve_one(self, said: Received, number: int) -> None:
        try:
            with self._serving[number]:
                await self._handle(said)
        finally:
            del self._serving[number]
            del self._credits[number]

    async def _check_channel(self, said: Received) -> None:
        try:
            await self._handle(said)
        finally:
            self._channels_checked -= 1

    async def _handle(self, said: Received) -> None:
        failure = Failure("internal", "the node could not serve this", retryable=True)
        try:
            await self._handler(self, said)
        except PeerUnavailable:
            return  # nobody is there to be answered
        except MesgError as error:
            failure = failure_of(error)
        except Exception:
            # A bug met through a peer's request must not end the node; it is told to us loudly.
            log.exception("bug", request=said.kind, peer=self.peer)
        else:
            return
        number = request_number(said)
        if not number:
            return
        try:
            await self.send(_refusal(number, failure))
        except PeerUnavailable:
            return

    def _take_answer(self, said: Received, number: int) -> None:
        waiting = self._answers.get(number)
        if waiting is None:
            return  # cancelled a moment ago
        try:
            waiting.send_nowait(said)
        except trio.WouldBlock:
            raise ProtocolViolation("more answers than there was credit for") from None
        except trio.BrokenResourceError:
            return

    async def _watch_silence(self) -> None:
        nonce = 0
        while True:
            await trio.sleep(IDLE_PING_S)
            if trio.current_time() - self._heard_at > SILENCE_S_MAX:
                await self._stream.aclose()
                return
            nonce += 1
            self._put(encode(pb.Frame(ping=pb.Ping(nonce=nonce))))

    async def _last_words(self, error: MesgError) -> None:
        goodbye = pb.Goodbye(code=error.code, message=error.message[:200])
        with trio.move_on_after(1):
            self._put(encode(pb.Frame(goodbye=goodbye)))
            await trio.sleep(0.05)

    def _close(self) -> None:
        if self._why_closed is None:
            self._why_closed = PeerUnavailable(f"the session with {self.peer} has ended")
        self._closed.set()
        self._opened.set()
        self._room.set()
        for waiting in self._answers.values():
            waiting.close()
        self._answers.clear()


async def next_answer(answers: trio.MemoryReceiveChannel[Received]) -> Received:
    """Return the next answer; raise what the peer refused the request for, or PeerUnavailable."""
    said = await _next(answers)
    if said.kind == "refusal":
        raise_failure(wire.failure_in(said.frame.refusal.failure))
    return said


async def _next(answers: trio.MemoryReceiveChannel[Received]) -> Received:
    try:
        return await answers.receive()
    except trio.EndOfChannel:
        raise PeerUnavailable("the session ended before the answer came") from None


def _refusal(number: int, failure: Failure) -> pb.Frame:
    return pb.Frame(refusal=pb.Refusal(request=number, failure=wire.failure_out(failure)))


def _first_credit(said: Received) -> int:
    return int(getattr(getattr(said.frame, said.kind), "credit", 0))
