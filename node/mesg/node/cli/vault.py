"""Commands that move tokens: into the vault and out of it, what the market may take, what was earned."""

from mesg.marketplace.domain.identity import AccountAddress
from mesg.node.cli.acts import DryRun, act
from mesg.node.cli.session import InSession


async def approve(amount: str, /, *, dry_run: DryRun = False, session: InSession) -> None:
    """Let the market take up to that much from your wallet by itself; 0 takes the leave back.

    Purchases allow exactly what they need, so this is only for who wants to spare a transaction.

    Example: mesg wallet approve 100

    Args:
        amount: How much, such as "100 MESG".
    """
    body = {"amount": amount}
    await act(session, "wallet", "approve", body=body, dry_run=dry_run, id_key="facts.approved")


async def deposit(amount: str, /, *, dry_run: DryRun = False, session: InSession) -> None:
    """Put tokens into your vault, from which passes and channels are paid without an approval each.

    Example: mesg wallet deposit 50

    Args:
        amount: How much, such as "50 MESG".
    """
    body = {"amount": amount}
    await act(session, "wallet", "deposit", body=body, dry_run=dry_run, id_key="facts.deposited")


async def withdraw(
    amount: str = "", /, *, to: str = "", dry_run: DryRun = False, session: InSession
) -> None:
    """Send tokens from your vault to your wallet, or to another account.

    Example: mesg wallet withdraw 20

    Args:
        amount: How much, such as "20 MESG"; all of it without.
        to: Another account; there it is gone for good.
    """
    account = str(AccountAddress.parse(to)) if to else None
    if account and not (session.yes or dry_run):
        session.confirm(
            f"Send {amount or 'all that is in your vault'} to {account}?\n"
            "Nobody can take this back. Send it?",
            flags="--yes",
        )
    body = {"amount": amount or None, "to": account}
    await act(session, "wallet", "withdraw", body=body, dry_run=dry_run, id_key="facts.withdrawn")


async def collect(*, dry_run: DryRun = False, session: InSession) -> None:
    """Send what you and your Services earned, and what closed channels gave back, to your account.

    What passes have earned by now is settled first.

    Example: mesg wallet collect
    """
    await act(session, "wallet", "collect", dry_run=dry_run, id_key="facts.collected")
