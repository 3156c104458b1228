"""What the owner moves between his wallet and his vault, and what the market may take by itself."""

from mesg.marketplace.domain.errors import Refused
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.doors import DoneView
from mesg.node.usecases.acting import Acting
from mesg.node.usecases.parts import Parts


class Wallet:
    """The acts of who holds tokens."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def approve(self, amount: TokenAmount, *, acting: Acting) -> DoneView:
        """Let the market pull up to that much; 0 takes the leave back."""
        receipt = await acting.ledger.approve(amount)
        return acting.done((receipt,), {"approved": str(amount)})

    async def deposit(self, amount: TokenAmount, *, acting: Acting) -> DoneView:
        """Put tokens into our vault."""
        if not amount:
            raise Refused("a deposit needs an amount above 0")
        receipts = await acting.ledger.deposit(amount)
        return acting.done(receipts, {"deposited": str(amount)})

    async def withdraw(
        self, amount: TokenAmount | None, to: AccountAddress | None, *, acting: Acting
    ) -> DoneView:
        """Send tokens out of our vault: all of it, and to ourselves, unless told otherwise."""
        account = self._parts.signer.address
        vault = (await self._parts.ledger.balances(account)).vault
        if not vault:
            raise Refused("the vault is empty", hint="see what you hold: mesg wallet balance")
        sent = vault if amount is None else amount
        receipt = await acting.ledger.withdraw(sent, to or account)
        return acting.done((receipt,), {"withdrawn": str(sent), "to": str(to or account)})
