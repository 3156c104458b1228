"""Where the tokens of a purchase come from: the vault if it holds them all, else the wallet, approved exactly."""

from typing import cast

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import PAY, TOKEN, Contracts, Question
from mesg.marketplace.chain.rehearsal import Rehearsal
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.errors import InsufficientFunds
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import TransactionReceipt

Receipts = tuple[TransactionReceipt, ...]


async def fund(
    contracts: Contracts, transactions: Transactions | Rehearsal, amount: TokenAmount
) -> tuple[bool, Receipts]:
    """Return whether the vault can pay; if not, what it took to let the wallet pay."""
    account = transactions.signer.address
    (vault,) = await contracts.ask(PAY, "vaultOf", account.raw)
    if cast("int", vault) >= amount.units > 0:
        return True, ()
    return False, await approve(contracts, transactions, amount)


async def approve(
    contracts: Contracts,
    transactions: Transactions | Rehearsal,
    amount: TokenAmount,
    *,
    spender: str = PAY,
) -> Receipts:
    """Allow a contract to pull the amount; raise InsufficientFunds if the wallet lacks it."""
    account, place = transactions.signer.address, contracts.address_of(spender)
    (balance,), (allowance,) = await contracts.ask_all(
        [
            Question(TOKEN, "balanceOf", (account.raw,)),
            Question(TOKEN, "allowance", (account.raw, place.raw)),
        ]
    )
    held = TokenAmount(cast("int", balance))
    if held < amount:
        raise InsufficientFunds(f"{account} holds {held}, this takes {amount}")
    if cast("int", allowance) >= amount.units:
        return ()
    data = function(TOKEN, "approve").call(place.raw, amount.units)
    mined = await transactions.send(contracts.addresses.token, data, action="approve")
    return (mined.receipt,)
