"""What the chain holds, as values: places, Services, balances, transactions. No behaviour."""

from dataclasses import dataclass

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import SigningDomain
from mesg.marketplace.domain.voucher import Voucher


@dataclass(frozen=True, slots=True)
class MarketAddresses:
    """Where the market lives: one chain and its three contracts."""

    chain_id: int
    token: AccountAddress
    registry: AccountAddress
    pay: AccountAddress

    @property
    def domain(self) -> SigningDomain:
        """Where vouchers, receipts and bindings count."""
        return SigningDomain(self.chain_id, self.pay)


@dataclass(frozen=True, slots=True)
class TransactionReceipt:
    """A mined transaction that succeeded."""

    transaction: Digest
    block: int
    gas_used: int
    action: str
    """What it did, in one word: `publish`, `open`, `claim`..."""


@dataclass(frozen=True, slots=True)
class PlannedTransaction:
    """A transaction that was only simulated: what it would call, and what it would cost."""

    action: str
    contract: str
    to: AccountAddress
    function: str
    arguments: tuple[tuple[str, str], ...]
    """Names and shown values, in the contract's order."""
    gas: int
    fee_wei: int
    """At the market's present fees."""


@dataclass(frozen=True, slots=True)
class PublishedService:
    """A Service on chain and who gets its income."""

    service: ServiceId
    owner: AccountAddress


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version of a Service: what it declares and what runs, by hash."""

    service: ServiceId
    index: int
    manifest: Digest
    package: Digest
    uri: str


@dataclass(frozen=True, slots=True)
class Balances:
    """Everything an account holds: gas money, tokens, vault, and income not yet collected."""

    account: AccountAddress
    ether_wei: int
    tokens: TokenAmount
    vault: TokenAmount
    earned: TokenAmount


@dataclass(frozen=True, slots=True)
class HeldPass:
    """A pass as the newest block values it; all zero if there is none."""

    expires_at_unix_s: int
    offer_index: int
    earned: TokenAmount
    """What settling it now would credit to author and treasury."""
    refundable: TokenAmount
    """What cancelling it now would pay back."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A voucher to cash, with the configuration that the contract must see again."""

    config: ChannelConfig
    voucher: Voucher
