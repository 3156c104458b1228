"""Fetching manifests and packages by their hash from whoever has them; nothing unverified is kept."""

import hashlib
from collections.abc import Sequence

import structlog

from mesg.marketplace.domain.errors import MesgError, PeerUnavailable, ProtocolViolation
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.node.domain.advert import Advert
from mesg.node.domain.manifest import Manifest
from mesg.node.domain.manifest_file import manifest_from_canonical
from mesg.node.ports import ManifestSeen
from mesg.node.protocol import session_pb2 as pb
from mesg.node.usecases.parts import Parts
from mesg.node.usecases.peer_session import PeerSession, next_answer
from mesg.node.usecases.sessions import Sessions

log = structlog.get_logger("mesg.fetching")

PACKAGE_BYTES_MAX = 32 << 20
"""A source archive; images of any size travel in layers."""
CHUNKS_AHEAD = 32


class Fetcher:
    """Gets content by hash, from the shelf if it is there."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions

    async def manifest(
        self, version: Digest, service: ServiceId, by: Sequence[Advert]
    ) -> Manifest:
        """Return a version's manifest; raise PeerUnavailable or Refused if nobody gives it."""
        manifest = manifest_from_canonical(await self.content(version, service, by))
        if manifest.digest != version or manifest.service != service:
            raise ProtocolViolation(f"the manifest {version.hex()} is not of {service}")
        await self._parts.journal.save(ManifestSeen(manifest))
        return manifest

    async def content(self, digest: Digest, service: ServiceId, by: Sequence[Advert]) -> bytes:
        """Return the bytes of a hash, asking one node after the other; keep them on the shelf."""
        if self._parts.shelf.has(digest):
            return await self._parts.shelf.get(digest)
        trouble: MesgError = PeerUnavailable(f"nobody was found who has {service}")
        for advert in by:
            try:
                session = await self._sessions.to(advert.peer, advert.addresses)
                content = await self._fetch(session, digest, service)
            except MesgError as error:
                trouble = error
                log.info("fetch_failed", peer=advert.peer, code=error.code, why=error.message)
                continue
            await self._parts.shelf.put(content)
            return content
        raise trouble

    async def _fetch(self, session: PeerSession, digest: Digest, service: ServiceId) -> bytes:
        content = bytearray()
        asked = pb.Fetch(service=service.sid, digest=digest, credit=CHUNKS_AHEAD)
        async with session.open_flow(pb.Frame(fetch=asked)) as answers:
            while True:
                chunk = (await next_answer(answers)).frame.chunk
                if chunk.size > PACKAGE_BYTES_MAX or chunk.offset != len(content):
                    raise ProtocolViolation(f"a chunk at {chunk.offset} of {chunk.size} bytes")
                content += chunk.data
                if len(content) >= chunk.size:
                    session.finished(chunk.request)
                    break
                if not chunk.data:
                    raise ProtocolViolation("an empty chunk")
                credit = pb.Credit(request=chunk.request, count=1)
                await session.send(pb.Frame(credit=credit))
        if hashlib.sha256(content).digest() != digest:
            raise ProtocolViolation(f"{session.peer} sent other bytes than {digest.hex()}")
        return bytes(content)
