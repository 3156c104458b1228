"""The money of the counter's twin: channels, a vault, and what is owed."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from mesg.marketplace.domain.errors import NotFound, Refused
from mesg.marketplace.domain.identity import AccountAddress, PeerId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.ports import Balances
from mesg.node.doors import ChannelView, DoneView
from mesg.node.testing.memory_market import ACCOUNT, OPERATOR, MemoryMarket, digest_of


class MemoryPurse(MemoryMarket):
    """Channels open and close at once, or wait to be finished."""

    def __init__(self) -> None:
        """Begin without channels, with 3 MESG owed to us."""
        super().__init__()
        self.open_channels: dict[str, ChannelView] = {}
        self.owed = TokenAmount.parse("3 MESG")

    def rehearsal(self) -> "MemoryPurse":
        """Return a copy: what is done there happens to nobody."""
        copied = MemoryPurse()
        for name in ("tokens", "vault", "owed", "listings", "passes", "seats", "open_channels"):
            setattr(copied, name, copy(getattr(self, name)))
        copied.planned = []
        return copied

    async def open_channel(
        self, service: str, *, amount: TokenAmount, peer: PeerId | None
    ) -> DoneView:
        """Reserve some of our tokens."""
        self._spend(amount)
        channel = digest_of(f"channel {len(self.open_channels)}")
        self.open_channels[channel.hex()] = ChannelView(
            channel, "payer", service, str(ACCOUNT), "open", amount, ZERO, ZERO, ZERO
        )
        return self._done("open", channel=f"0x{channel.hex()}", operator=peer or OPERATOR)

    async def top_up(self, channel: str, amount: TokenAmount) -> DoneView:
        """Reserve more."""
        key, view = self._find(channel)
        self._spend(amount)
        self.open_channels[key] = replace(view, reserved=view.reserved + amount)
        return self._done("top_up", channel=f"0x{key}", reserved=str(view.reserved + amount))

    async def channels(self) -> Sequence[ChannelView]:
        """Return the channels."""
        return list(self.open_channels.values())

    async def claim(self) -> DoneView:
        """Cash what is owed."""
        claimed, self.owed = self.owed, ZERO
        self.tokens += claimed
        return self._done("claim", claimed=str(claimed))

    async def close_channel(self, channel: str, *, cooperative: bool) -> DoneView:
        """Close a channel by a prefix of its id."""
        key, view = self._find(channel)
        phase = "closed" if cooperative else "closing"
        self.open_channels[key] = replace(view, phase=phase)
        return self._done("close", channel=f"0x{key}")

    async def finish_channels(self, channel: str | None, *, to_wallet: bool) -> DoneView:
        """Close what is closing."""
        closing = [key for key, view in self.open_channels.items() if view.phase == "closing"]
        if not closing:
            raise Refused(f"it is too early for {channel or 'any channel'}")
        for key in closing:
            view = self.open_channels[key]
            self.open_channels[key] = replace(view, phase="closed")
            self.vault += view.reserved
        facts = {"finished": str(len(closing))}
        if to_wallet:
            facts["withdrawn"], self.vault = str(self.vault), ZERO
        return self._done("finalize_close", **facts)

    async def approve(self, amount: TokenAmount) -> DoneView:
        """Allow something, which is all allowed here."""
        return self._done("approve", approved=str(amount))

    async def deposit(self, amount: TokenAmount) -> DoneView:
        """Put tokens into the vault."""
        self._spend(amount)
        self.vault += amount
        return self._done("deposit", deposited=str(amount))

    async def withdraw(
        self, amount: TokenAmount | None = None, to: AccountAddress | None = None
    ) -> DoneView:
        """Take tokens out of the vault."""
        sent = self.vault if amount is None else amount
        self.vault -= sent
        if to in (None, ACCOUNT):
            self.tokens += sent
        return self._done("withdraw", withdrawn=str(sent), to=str(to or ACCOUNT))

    async def collect(self) -> DoneView:
        """Send out what is earned."""
        return self._done("collect", collected=str(ZERO))

    async def balances(self) -> Balances:
        """Return what we hold."""
        return Balances(ACCOUNT, 10**17, self.tokens, self.vault, self.owed)

    def _find(self, channel: str) -> tuple[str, ChannelView]:
        wanted = channel.removeprefix("0x")
        for key, view in self.open_channels.items():
            if key.startswith(wanted):
                return key, view
        raise NotFound(f"there is no channel {channel}")
