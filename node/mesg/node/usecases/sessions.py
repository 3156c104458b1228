"""Keeps one session per peer: opens it when somebody asks, serves it, and closes it in good order."""

from collections.abc import Sequence

import trio

from mesg.marketplace.domain.errors import MesgError, PeerUnavailable
from mesg.marketplace.domain.identity import PeerId
from mesg.marketplace.ports import Clock
from mesg.node.ports import Network, PeerStream
from mesg.node.protocol.session import Greeting, Session
from mesg.node.supervision import contained
from mesg.node.usecases.peer_session import PeerSession, RequestHandler

SESSIONS_MAX = 512
"""Peers with a session at once; more are told to come back later."""
OPEN_S_MAX = 10.0
"""Dialling, securing and greeting a peer together."""


class Sessions:
    """The sessions of this node, by peer."""

    def __init__(self, network: Network, clock: Clock, handler: RequestHandler) -> None:
        self._network = network
        self._clock = clock
        self._handler = handler
        self._greeting: Greeting | None = None
        self._open: dict[PeerId, PeerSession] = {}
        self._opening: dict[PeerId, trio.Event] = {}
        self._nursery: trio.Nursery | None = None

    async def run(
        self, greeting: Greeting, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Serve sessions until cancelled, then say goodbye to all."""
        self._greeting = greeting
        async with trio.open_nursery() as self._nursery:
            self._network.serve_streams(self._serve_incoming)
            task_status.started()
            try:
                await trio.sleep_forever()
            finally:
                self._say_goodbye("stopping")
                with trio.CancelScope(shield=True), trio.move_on_after(1):
                    await trio.sleep(0.05)

    async def to(self, peer: PeerId, addresses: Sequence[str] = ()) -> PeerSession:
        """Return the session with a peer, opening one if there is none; raise PeerUnavailable."""
        while True:
            session = self._open.get(peer)
            if session is not None and session.is_usable:
                return session
            opening = self._opening.get(peer)
            if opening is None:
                return await self._open_to(peer, addresses)
            await opening.wait()

    def current(self) -> Sequence[PeerSession]:
        """Return the open sessions."""
        return list(self._open.values())

    def greet_anew(self, greeting: Greeting) -> None:
        """Say something else of ourselves from now on; peers are met again under it."""
        self._greeting = greeting
        self._say_goodbye("greeting anew")

    async def _open_to(self, peer: PeerId, addresses: Sequence[str]) -> PeerSession:
        done = self._opening[peer] = trio.Event()
        try:
            with trio.move_on_after(OPEN_S_MAX):
                stream = await self._network.open_stream(peer, addresses)
                session = self._session(stream, is_ours=True)
                self._start(session)
                await session.wait_open()
                return self._adopt(session)
            raise PeerUnavailable(f"{peer} did not answer within {OPEN_S_MAX:.0f} s")
        finally:
            del self._opening[peer]
            done.set()

    async def _serve_incoming(self, stream: PeerStream) -> None:
        if self._greeting is None or len(self._open) >= SESSIONS_MAX:
            await stream.aclose()
            return
        session = self._session(stream, is_ours=False)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._run_one, session)
            try:
                await session.wait_open()
                self._adopt(session)
            except MesgError:
                nursery.cancel_scope.cancel()

    def _session(self, stream: PeerStream, *, is_ours: bool) -> PeerSession:
        assert self._greeting is not None  # noqa: S101 - run() comes first
        protocol = Session(self._greeting, peer=stream.peer)
        return PeerSession(stream, protocol, self._clock, self._handler, is_ours=is_ours)

    def _start(self, session: PeerSession) -> None:
        assert self._nursery is not None  # noqa: S101 - run() comes first
        self._nursery.start_soon(self._run_one, session)

    async def _run_one(self, session: PeerSession) -> None:
        try:
            with contained(f"session with {session.peer}"):
                await session.run()
        finally:
            if self._open.get(session.peer) is session:
                del self._open[session.peer]

    def _adopt(self, session: PeerSession) -> PeerSession:
        """Return the session to use from now on: of two opened at once, the smaller peer id's one.

        Of two that the same side opened the newer stays: who dials again has lost the older.
        """
        known = self._open.get(session.peer)
        if known is None or not known.is_usable:
            self._open[session.peer] = session
            return session
        smaller_is_us = self._network.peer < session.peer
        keep_new = session.is_ours in (known.is_ours, smaller_is_us)
        kept, spare = (session, known) if keep_new else (known, session)
        self._open[session.peer] = kept
        spare.retire()
        return kept

    def _say_goodbye(self, why: str) -> None:
        for session in self._open.values():
            session.say_goodbye(why)
        self._open.clear()
