"""What a node's refusal means to us: the contract's, the account's, or the world's fault."""

import pytest

from mesg.marketplace.chain.reverts import meaning
from mesg.marketplace.chain.rpc import RpcError
from mesg.marketplace.domain.errors import (
    ChainUnavailable,
    InsufficientFunds,
    MesgError,
    TransactionReverted,
)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (3, "execution reverted", TransactionReverted),
        (-32_000, "gas required exceeds allowance (16777216)", TransactionReverted),
        (-32_000, "intrinsic gas: Out of gas", TransactionReverted),
        (-32_000, "oversized data: transaction size 153000, limit 131072", TransactionReverted),
        (-32_000, "insufficient funds for gas * price + value", InsufficientFunds),
        (-32_005, "too many requests", ChainUnavailable),
        (-32_603, "internal error", ChainUnavailable),
    ],
)
def test_what_can_never_be_mined_is_refused_and_the_rest_is_the_worlds(
    code: int, message: str, kind: type[MesgError]
) -> None:
    meant = meaning(RpcError(code, message), action="claim")

    assert type(meant) is kind
    assert meant.message.startswith("claim: ")
