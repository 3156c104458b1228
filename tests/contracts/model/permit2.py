"""Uniswap's Permit2, as far as channels are paid through it."""

from dataclasses import dataclass, field
from typing import ClassVar

from eth_abi.abi import encode
from eth_hash.auto import keccak
from tests.contracts.model.chain import Part, Refused, refuse, refuse_raw
from tests.contracts.model.channels import Channels

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import AccountAddress, Digest
from mesg.marketplace.domain.permit import PERMIT2


@dataclass(frozen=True, slots=True)
class SignedReserve:
    """What was signed, and by whom: a fact, not a signature."""

    signer: AccountAddress
    channel: Digest
    units: int
    nonce: int
    deadline_unix_s: int


@dataclass
class Permit2(Part):
    """Which of its nonces are used."""

    state: ClassVar = ("used",)
    channels: Channels
    used: set[tuple[AccountAddress, int]] = field(default_factory=set)

    def open(self, config: ChannelConfig, units: int, signed: SignedReserve) -> tuple[Digest]:
        """Open a channel by what the payer signed; anyone may send it."""
        accounts = self.channels.accounts
        before = accounts.token.balance_of(accounts.place)
        channel_id = self.channels.open_for(config, units)
        self._check(config.payer, channel_id, units, signed)
        try:
            accounts.token.transfer_from(PERMIT2, config.payer, accounts.place, units)
        except Refused:
            refuse("Error", reason="TRANSFER_FROM_FAILED")
        accounts.check_received(units, before)
        return (channel_id,)

    def _check(
        self, payer: AccountAddress, channel_id: Digest, units: int, signed: SignedReserve
    ) -> None:
        if self.channels.accounts.chain.now_unix_s > signed.deadline_unix_s:
            deadline = encode(("uint256",), (signed.deadline_unix_s,))
            refuse_raw(keccak(b"SignatureExpired(uint256)")[:4] + deadline)
        if (payer, signed.nonce) in self.used:
            refuse_raw(keccak(b"InvalidNonce()")[:4])
        if (signed.signer, signed.channel, signed.units) != (payer, channel_id, units):
            refuse_raw(keccak(b"InvalidSigner()")[:4])
        self.used.add((payer, signed.nonce))
