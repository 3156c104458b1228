"""A binding: an account's signed statement that a libp2p peer acts for it, until a time."""

from dataclasses import dataclass, replace

from eth_hash.auto import keccak

from mesg.marketplace.domain.errors import Expired, Refused
from mesg.marketplace.domain.identity import AccountAddress, Digest, PeerId
from mesg.marketplace.domain.signing import SigningDomain, check_signature, struct_hash

_BINDING_TYPE = keccak(b"Binding(string peerId,address account,uint64 issuedAt,uint64 expiresAt)")
BINDING_S_MAX = 30 * 86_400
"""A stolen node key is worth at most a month."""
CLOCK_SKEW_S_MAX = 120


@dataclass(frozen=True, slots=True)
class Binding:
    """This peer speaks, and takes and makes payments, for this account."""

    peer: PeerId
    account: AccountAddress
    issued_at_unix_s: int
    expires_at_unix_s: int
    signature: bytes = b""

    def digest(self, domain: SigningDomain) -> Digest:
        """Return the EIP-712 digest that the account signs."""
        return domain.digest(
            struct_hash(
                _BINDING_TYPE,
                keccak(self.peer.encode()),
                self.account,
                self.issued_at_unix_s,
                self.expires_at_unix_s,
            )
        )

    def signed(self, signature: bytes) -> "Binding":
        """Return the same statement with its signature."""
        return replace(self, signature=signature)

    def check(self, domain: SigningDomain, *, peer: PeerId, now_unix_s: int) -> None:
        """Raise Refused, Expired or BadSignature unless it binds this very peer now."""
        if self.peer != peer:
            raise Refused(f"the binding names peer {self.peer}, the connection is with {peer}")
        if self.expires_at_unix_s - self.issued_at_unix_s > BINDING_S_MAX:
            raise Refused(f"a binding lasts at most {BINDING_S_MAX} s")
        if self.issued_at_unix_s > now_unix_s + CLOCK_SKEW_S_MAX:
            raise Expired("the binding is from the future", hint="check both clocks")
        if self.expires_at_unix_s < now_unix_s:
            raise Expired(f"the binding of {self.account} to {peer} has expired")
        check_signature(self.digest(domain), self.signature, signer=self.account, what="binding")
