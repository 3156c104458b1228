"""Names: promised, taken for a fee, owned, and handed on."""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from eth_abi.abi import encode
from eth_hash.auto import keccak
from tests.contracts.model.chain import Chain, Part, refuse
from tests.contracts.model.token import Token

from mesg.marketplace.chain.contracts import REGISTRY
from mesg.marketplace.domain.identity import NOBODY, AccountAddress

COMMITMENT_BLOCKS_MAX = 7_200
FEE_MIN = 10**18
HOUR_S = 3_600
_BEGIN_OF_A_SID = re.compile(rb"([a-z0-9_-]+\.)*([a-z0-9_-]+)?")


def promise(sid: str, owner: AccountAddress, salt: bytes) -> bytes:
    """Return the commitment to a name."""
    return keccak(encode(("string", "address", "bytes32"), (sid, owner.raw, salt)))


def number_of(sid: str) -> int:
    """Return the Service's number."""
    return int.from_bytes(keccak(sid.encode()), "big")


@dataclass
class Names(Part):
    """Who owns which name, and what the next one costs."""

    state: ClassVar = ("promised", "owners", "sids", "last_fee", "last_sale_unix_s")
    chain: Chain
    token: Token
    place: AccountAddress
    treasury: AccountAddress
    promised: dict[bytes, int] = field(default_factory=dict)
    """The block of each pending promise."""
    owners: dict[int, AccountAddress] = field(default_factory=dict)
    sids: dict[int, str] = field(default_factory=dict)
    """In the order of registration."""
    last_fee: int = 0
    last_sale_unix_s: int = 0

    def fee(self) -> int:
        """Return what a name costs: half as much every hour, in a straight line between the hours."""
        hours, seconds = divmod(self.chain.now_unix_s - self.last_sale_unix_s, HOUR_S)
        fee = self.last_fee >> hours
        return max(FEE_MIN, fee - fee // 2 * seconds // HOUR_S)

    def commit(self, sender: AccountAddress, commitment: bytes) -> None:
        made = self.promised.get(commitment)
        if made is not None and self.chain.block - made <= COMMITMENT_BLOCKS_MAX:
            refuse("CommitmentPending", commitment=commitment, committedAtBlock=made)
        self.promised[commitment] = self.chain.block
        self.chain.emit(REGISTRY, "Committed", commitment=commitment, sender=sender)

    def register(self, sender: AccountAddress, sid: str, salt: bytes, max_fee: int) -> tuple[int]:
        self._check_sid(sid)
        self._reveal(promise(sid, sender, salt))
        number, fee = number_of(sid), self.fee()
        if number in self.owners:
            refuse("SidTaken", sid=sid)
        if fee > max_fee:
            refuse("FeeTooHigh", fee=fee, maxFee=max_fee)
        self.token.transfer_from(self.place, sender, self.treasury, fee)
        self.last_fee, self.last_sale_unix_s = fee + fee // 200, self.chain.now_unix_s
        self.sids[number] = sid
        self.owners[number] = sender
        self.chain.emit(
            REGISTRY, "ServiceRegistered", serviceId=number, sid=sid, owner=sender, fee=fee
        )
        self._emit_transfer(NOBODY, sender, number)
        return (number,)

    def transfer(
        self, sender: AccountAddress, owner: AccountAddress, to: AccountAddress, number: int
    ) -> None:
        """Hand a Service on, as ERC-721 says."""
        if to == NOBODY:
            refuse("ERC721InvalidReceiver", receiver=to)
        actual = self.owners.get(number)
        if actual is None:
            refuse("ERC721NonexistentToken", tokenId=number)
        if sender != actual:
            refuse("ERC721InsufficientApproval", operator=sender, tokenId=number)
        if owner != actual:
            refuse("ERC721IncorrectOwner", sender=owner, tokenId=number, owner=actual)
        self.owners[number] = to
        self._emit_transfer(owner, to, number)

    def check_owner(self, account: AccountAddress, number: int) -> None:
        owner = self.owners.get(number)
        if owner is None:
            refuse("ServiceUnknown", serviceId=number)
        if owner != account:
            refuse("NotServiceOwner", serviceId=number, account=account, owner=owner)

    def _check_sid(self, sid: str) -> None:
        text = sid.encode()
        if len(text) > 63:
            refuse("SidInvalid", sid=sid, position=63)
        begin = _BEGIN_OF_A_SID.match(text)
        position = begin.end() if begin else 0
        if position != len(text) or text[-1:] in (b"", b"."):
            refuse("SidInvalid", sid=sid, position=position)

    def _reveal(self, commitment: bytes) -> None:
        made, block = self.promised.pop(commitment, None), self.chain.block
        if made is None:
            refuse("CommitmentMissing", commitment=commitment)
        if block == made:
            refuse("CommitmentTooYoung", committedAtBlock=made, blockNumber=block)
        if block - made > COMMITMENT_BLOCKS_MAX:
            refuse("CommitmentExpired", committedAtBlock=made, blockNumber=block)

    def _emit_transfer(self, owner: AccountAddress, to: AccountAddress, number: int) -> None:
        self.chain.emit(REGISTRY, "Transfer", **{"from": owner, "to": to, "tokenId": number})
