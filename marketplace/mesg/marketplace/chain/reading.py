"""The reading half of the Ledger: what the newest block says; nothing here needs a key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN, Contracts, Question, read
from mesg.marketplace.chain.follower import Follower
from mesg.marketplace.chain.reverts import meaning
from mesg.marketplace.chain.rpc import RpcError, member, quantity
from mesg.marketplace.chain.values import (
    account_from,
    channel_state_from,
    offer_from,
    version_from,
)
from mesg.marketplace.domain.channel import ChannelConfig, ChannelState
from mesg.marketplace.domain.errors import NotFound, TransactionReverted
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import (
    Balances,
    Cursor,
    HeldPass,
    MarketAddresses,
    Observed,
    PublishedService,
    PublishedVersion,
)

NEWEST_MAX = 100
"""Versions or offers told at once: one round trip."""


@dataclass(slots=True)
class LedgerReads:
    """Answers from the chain."""

    contracts: Contracts
    confirmations: int = field(default=0, kw_only=True)
    follower: Follower = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare to follow the same contracts."""
        self.follower = Follower(self.contracts.rpc, self.contracts.addresses, self.confirmations)

    @property
    def addresses(self) -> MarketAddresses:
        """The chain and contracts, checked when the ledger was opened."""
        return self.contracts.addresses

    async def service(self, service: ServiceId) -> PublishedService:
        """Return the Service; raise NotFound."""
        try:
            (owner,) = await self.contracts.ask(REGISTRY, "ownerOf", service.number)
        except TransactionReverted as error:
            raise NotFound(f"{service} is not registered on chain") from error
        return PublishedService(service, account_from(owner))

    async def versions(self, service: ServiceId) -> Sequence[PublishedVersion]:
        """Return the newest versions, oldest first, at most 100."""
        return [
            version_from(service, index, answer[0])
            for index, answer in await self._newest(service, "versionsLength", "version")
        ]

    async def offers(self, service: ServiceId) -> Sequence[Offer]:
        """Return the newest offers, disabled ones included, at most 100."""
        return [
            offer_from(service, index, answer)
            for index, answer in await self._newest(service, "offersLength", "offer")
        ]

    async def access_until_unix_s(self, service: ServiceId, account: AccountAddress) -> int:
        """Return until when the account may use a Service, by its own pass or a seat; 0 for never."""
        return await self._number(PAY, "accessUntil", service.number, account.raw)

    async def held_pass(self, service: ServiceId, account: AccountAddress) -> HeldPass:
        """Return the account's own pass and what it holds."""
        key = (service.number, account.raw)
        (stored,), value, (expiry,) = await self.contracts.ask_all(
            [
                Question(PAY, "passOf", key),
                Question(PAY, "passValue", key),
                Question(PAY, "passExpiry", key),
            ]
        )
        earned, refundable = (TokenAmount(cast("int", units)) for units in value)
        offer_index = cast("tuple[int, ...]", stored)[2]
        return HeldPass(cast("int", expiry), offer_index, earned, refundable)

    async def registration_fee(self) -> TokenAmount:
        """Return what a name costs now."""
        return TokenAmount(await self._number(REGISTRY, "registrationFee"))

    async def channel(self, config: ChannelConfig) -> ChannelState:
        """Return the channel's state, phase ABSENT if it was never opened."""
        (state,) = await self.contracts.ask(PAY, "channel", self._channel_id(config))
        return channel_state_from(state)

    async def lane_claimed(self, config: ChannelConfig, lane: int) -> TokenAmount:
        """Return what was claimed on one lane."""
        return TokenAmount(await self._number(PAY, "laneClaimed", self._channel_id(config), lane))

    async def balances(self, account: AccountAddress) -> Balances:
        """Return all that the account holds."""
        questions = [
            Question(TOKEN, "balanceOf", (account.raw,)),
            Question(PAY, "vaultOf", (account.raw,)),
            Question(PAY, "earnedBy", (account.raw,)),
        ]
        ether, *raw = await self.contracts.rpc.try_batch(
            [
                ("eth_getBalance", [str(account), "latest"]),
                *(self.contracts.request(question) for question in questions),
            ]
        )
        if isinstance(ether, RpcError):
            raise meaning(ether, action="eth_getBalance") from ether
        tokens, vault, earned = (
            TokenAmount(cast("int", read(question, each)[0]))
            for question, each in zip(questions, raw, strict=True)
        )
        return Balances(account, quantity(ether), tokens, vault, earned)

    async def service_earned(self, service: ServiceId) -> TokenAmount:
        """Return the income of a Service that its owner may collect."""
        return TokenAmount(await self._number(PAY, "earnedByService", service.number))

    async def now_unix_s(self) -> int:
        """Return the newest block's time: the time that money goes by."""
        block = await self.contracts.rpc.call("eth_getBlockByNumber", "latest", False)
        return quantity(member(block, "timestamp"))

    async def changes(self, cursor: Cursor) -> tuple[Sequence[Observed], Cursor]:
        """Return what happened since the cursor (at most one batch) and where to go on."""
        return await self.follower.changes(cursor)

    async def _newest(
        self, service: ServiceId, length: str, item: str
    ) -> Sequence[tuple[int, tuple[object, ...]]]:
        count = await self._number(REGISTRY, length, service.number)
        indexes = range(max(0, count - NEWEST_MAX), count)
        questions = [Question(REGISTRY, item, (service.number, index)) for index in indexes]
        return list(zip(indexes, await self.contracts.ask_all(questions), strict=True))

    async def _number(self, contract: str, name: str, *arguments: object) -> int:
        (value,) = await self.contracts.ask(contract, name, *arguments)
        return cast("int", value)

    def _channel_id(self, config: ChannelConfig) -> Digest:
        return config.channel_id(self.addresses.domain)
