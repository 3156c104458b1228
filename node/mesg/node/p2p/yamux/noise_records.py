"""Noise transport records with read-ahead: one system call for many records, not two for each."""

from libp2p.abc import IRawConnection
from libp2p.security.noise.io import MAX_PLAINTEXT_LENGTH, NoiseTransportReadWriter
from noise.connection import NoiseConnection  # type: ignore[import-untyped]

READ_BYTES = 256 * 1024
_LENGTH_BYTES = 2


class NoiseRecords(NoiseTransportReadWriter):
    """Encrypts and decrypts records of at most 65 535 bytes, each with its length before it."""

    def __init__(self, conn: IRawConnection, noise_state: NoiseConnection) -> None:
        super().__init__(conn, noise_state)
        self._raw = conn
        self._pending = bytearray()
        self._encrypt = noise_state.noise_protocol.cipher_state_encrypt.encrypt_with_ad
        self._decrypt = noise_state.noise_protocol.cipher_state_decrypt.decrypt_with_ad

    async def read_msg(self, prefix_encoded: bool = False) -> bytes:  # noqa: ARG002, FBT002
        """Return the next record in clear, empty at the end of the connection."""
        while True:
            record = self._next_record()
            if record is None:
                data = await self._raw.read(READ_BYTES)
                if not data:
                    return b""
                self._pending += data
            elif text := self._decrypt(b"", record):
                return bytes(text)

    def _next_record(self) -> bytes | None:
        pending = self._pending
        end = _LENGTH_BYTES + int.from_bytes(pending[:_LENGTH_BYTES], "big")
        if len(pending) < max(end, _LENGTH_BYTES + 1):
            return None
        record = bytes(memoryview(pending)[_LENGTH_BYTES:end])
        del pending[:end]
        return record

    async def write_msg(self, msg: bytes, prefix_encoded: bool = False) -> None:  # noqa: ARG002, FBT002
        """Send the bytes as full records, in one write."""
        parts: list[bytes] = []
        for start in range(0, len(msg), MAX_PLAINTEXT_LENGTH):
            sealed = self._encrypt(b"", bytes(msg[start : start + MAX_PLAINTEXT_LENGTH]))
            parts += (len(sealed).to_bytes(_LENGTH_BYTES, "big"), sealed)
        await self._raw.write(b"".join(parts))
