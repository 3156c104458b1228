"""What a node's refusal means to us: which error of which contract, or that it is not a refusal at all."""

from mesg.marketplace.chain.abi import contract_errors
from mesg.marketplace.chain.rpc import RpcError
from mesg.marketplace.domain.errors import (
    ChainUnavailable,
    InsufficientFunds,
    MesgError,
    TransactionReverted,
)

_REVERTED = 3
"""The error code of `eth_call` and `eth_estimateGas` when the contract reverts."""
_TOO_BIG = ("gas required exceeds", "out of gas", "oversized data", "exceeds block gas limit")
"""How nodes say that this transaction can never be mined, as they word it."""


def meaning(error: RpcError, *, action: str) -> MesgError:
    """Return the error to raise for a node's answer while doing `action`."""
    message = error.message.lower()
    if error.data or error.code == _REVERTED or "revert" in message or _is_too_big(message):
        return TransactionReverted(f"{action}: {reason(error.data) or error.message}")
    if "insufficient funds" in message:
        return InsufficientFunds(
            f"{action}: the account cannot pay the network's fee",
            hint="send some of the chain's own coin to the account",
        )
    return ChainUnavailable(f"{action}: the node answered: {error.message[:200]}")


def _is_too_big(message: str) -> bool:
    return any(words in message for words in _TOO_BIG)


def reason(data: bytes) -> str:
    """Show a contract's error with its numbers; hexadecimal if it is not one we know."""
    known = contract_errors().get(data[:4])
    if known is None:
        return f"0x{data.hex()}" if data else ""
    try:
        return known.describe(data[4:])
    except ValueError:
        return f"0x{data.hex()}"
