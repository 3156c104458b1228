"""A peer that keeps to no rule: frames and bytes of the test's choosing, on streams of the network in memory."""

import contextlib
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import trio
from tests.support.world import TestNode, TestSigner, World

from mesg.marketplace.domain.binding import BINDING_S_MAX, Binding
from mesg.marketplace.domain.channel import ChannelConfig, config_for
from mesg.marketplace.domain.errors import PeerUnavailable
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.domain.voucher import Voucher
from mesg.marketplace.testing.memory_ledger import MemoryLedger
from mesg.node.domain.advert import Advert, signed, signing_bytes
from mesg.node.ports import PeerStream
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire
from mesg.node.protocol.frames import FrameReader, encode
from mesg.node.protocol.session import Greeting, Session
from mesg.node.usecases.discovery import service_key

ANSWER_S_MAX = 10.0
"""A busy machine may take long to answer; a node that never does is found all the same."""
Answers = Callable[[pb.Frame], Sequence[pb.Frame]]


class RawPeer:
    """Knows how to do everything rightly, and does what the test says instead."""

    def __init__(self, world: World, name: str) -> None:
        seed = name.encode().ljust(32, b".")
        self.signer = TestSigner(AccountKey.from_bytes(seed))
        self.network = world.hub.join(seed)
        self.ledger = MemoryLedger(world.market, self.signer)
        self._world = world
        self._reader = FrameReader()
        self._frames: deque[pb.Frame] = deque()
        self._stream: PeerStream | None = None
        self._request = 0
        self._executions = 0

    @property
    def account(self) -> AccountAddress:
        return self.signer.address

    def binding(self) -> Binding:
        """Return a binding that holds."""
        now = self._world.market.now_unix_s
        binding = Binding(self.network.peer, self.account, now, now + BINDING_S_MAX)
        return binding.signed(self.signer.sign(binding.digest(self.ledger.addresses.domain)))

    def hello(self, *, anonymous: bool = False) -> bytes:
        """Return the right first bytes."""
        binding = None if anonymous else self.binding()
        greeting = Greeting("test", self.ledger.addresses, "raw", binding)
        return Session(greeting, peer=self.network.peer).hello()

    async def dial(self, node: TestNode) -> None:
        """Open a stream and say nothing."""
        self._reader, self._frames = FrameReader(), deque()
        self._stream = await self.network.open_stream(node.assembly.parts.network.peer)

    async def greet(self, node: TestNode, *, anonymous: bool = False) -> None:
        """Open a session rightly."""
        await self.dial(node)
        await self.send_bytes(self.hello(anonymous=anonymous))
        assert (await self.receive()).WhichOneof("body") == "hello"

    async def send_bytes(self, data: bytes) -> None:
        assert self._stream is not None
        with trio.fail_after(ANSWER_S_MAX):
            await self._stream.send_all(data)

    async def send(self, *frames: pb.Frame) -> None:
        await self.send_bytes(b"".join(encode(frame) for frame in frames))

    async def receive(self) -> pb.Frame:
        """Return the next frame; raise PeerUnavailable at the end of the stream."""
        assert self._stream is not None
        with trio.fail_after(ANSWER_S_MAX):
            while not self._frames:
                data = await self._stream.receive_some()
                if not data:
                    raise PeerUnavailable("the node ended the session")
                self._frames.extend(self._reader.feed(data))
        return self._frames.popleft()

    async def receive_kind(self, kind: str) -> pb.Frame:
        """Return the next frame of a kind, passing over others."""
        while (frame := await self.receive()).WhichOneof("body") != kind:
            pass
        return frame

    async def ask(self, frame: pb.Frame) -> pb.Frame:
        """Send a request under a new number and return its first answer."""
        number = self.number(frame)
        await self.send(frame)
        return await self.answer(number)

    async def refused(self, frame: pb.Frame) -> str:
        """Send a request and return the code that it is refused with."""
        answer = await self.ask(frame)
        assert answer.WhichOneof("body") == "refusal", answer
        return answer.refusal.failure.code

    async def answer(self, number: int) -> pb.Frame:
        """Return the next answer to a request, passing over others."""
        while True:
            frame = await self.receive()
            kind = frame.WhichOneof("body") or ""
            if getattr(getattr(frame, kind), "request", 0) == number:
                return frame

    async def is_alive(self) -> bool:
        """Tell whether the session still answers a ping."""
        self._request += 1
        nonce = self._request
        try:
            await self.send(pb.Frame(ping=pb.Ping(nonce=nonce)))
            while (await self.receive_kind("pong")).pong.nonce != nonce:
                pass
        except PeerUnavailable:
            return False
        return True

    async def last_words(self) -> str:
        """Return the code of the Goodbye, having met the end of the stream behind it."""
        code = (await self.receive_kind("goodbye")).goodbye.code
        with contextlib.suppress(PeerUnavailable):
            while True:
                await self.receive()
        return code

    def number(self, frame: pb.Frame) -> int:
        """Give a request its number."""
        self._request += 1
        getattr(frame, frame.WhichOneof("body") or "").request = self._request
        return self._request

    def new_execution(self) -> Digest:
        self._executions += 1
        return Digest(self.account.raw[:16] + self._executions.to_bytes(16, "big"))

    def call(self, node: TestNode, **changes: Any) -> pb.Frame:
        """Return a call of `echo` that has all but a payment."""
        (deployment,) = node.assembly.services.all()
        call = pb.Call(
            execution_id=self.new_execution(),
            service="echo",
            version=deployment.version,
            task="say",
            inputs=json.dumps({"text": f"from {self.account}"}).encode(),
            timeout_ms=10_000,
        )
        call.MergeFrom(pb.Call(**changes))
        return pb.Frame(call=call)

    async def config(self, operator: AccountAddress, *, index: int = 0) -> ChannelConfig:
        """Return the terms of a channel under an offer of `echo`."""
        offers = await self.ledger.offers(ServiceId("echo"))
        (offer,) = [one for one in offers if one.index == index]
        us, salt = self.account, Digest(self.new_execution())
        return config_for(offer, payer=us, signer=us, operator=operator, salt=salt)

    async def open_channel(self, node: TestNode, amount: TokenAmount) -> ChannelConfig:
        """Open a channel to a node on chain, and nothing else."""
        self._world.market.fund(self.account, amount)
        config = await self.config(node.assembly.parts.signer.address)
        await self.ledger.open_channel(config, amount)
        return config

    async def tell(self, config: ChannelConfig) -> None:
        """Tell the operator of a channel."""
        await self.send(pb.Frame(channel=wire.config_out(config)))

    def voucher(self, config: ChannelConfig, promised: TokenAmount, *, lane: int = 0) -> Voucher:
        """Return a voucher that holds."""
        domain = self.ledger.addresses.domain
        voucher = Voucher(config.channel_id(domain), lane, promised)
        return voucher.signed(self.signer.sign(voucher.digest(domain)))

    def payment(
        self,
        config: ChannelConfig,
        voucher: Voucher | None,
        max_charge: TokenAmount,
    ) -> pb.Payment:
        """Return what goes with a call."""
        return pb.Payment(
            channel_id=config.channel_id(self.ledger.addresses.domain),
            lane=voucher.lane if voucher else 0,
            max_charge=max_charge.to_bytes(),
            voucher=wire.voucher_out(voucher) if voucher else None,
        )

    def advert(self, node: TestNode, **changes: Any) -> Advert:
        """Return our own, rightly signed advert for the Service that a node runs."""
        deployment = node.assembly.services.all()[0]
        now = self._world.market.now_unix_s
        advert = Advert(
            binding=self.binding(),
            service=deployment.service,
            version=deployment.version,
            package=deployment.package,
            sequence=now * 10**9,
            issued_at_unix_s=now,
            expires_at_unix_s=now + 600,
            addresses=self.network.addresses(),
        )
        return self.sign_advert(replace(advert, **changes))

    def sign_advert(self, advert: Advert) -> Advert:
        """Return an advert signed by our peer key, whatever it says."""
        payload = wire.advert_payload(advert)
        signature = self.network.sign(signing_bytes(payload))
        return signed(advert, payload=payload, signature=signature)

    def serve(self, answers: Answers) -> None:
        """Be found for `echo`, greet rightly, and answer requests as the test says."""
        self._world.hub.provided.setdefault(service_key(ServiceId("echo")), {})[
            self.network.peer
        ] = None

        async def serve_one(stream: PeerStream) -> None:
            reader = FrameReader()
            await stream.send_all(self.hello())
            while data := await stream.receive_some():
                for frame in reader.feed(data):
                    if frame.WhichOneof("body") != "hello":
                        await stream.send_all(b"".join(map(encode, answers(frame))))

        self.network.serve_streams(serve_one)
