"""Taking a name on chain without anybody being able to take it first: promise, wait a block, reveal."""

from typing import cast

import trio
from eth_abi.abi import encode
from eth_hash.auto import keccak

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import REGISTRY, Contracts
from mesg.marketplace.chain.funding import approve
from mesg.marketplace.chain.rehearsal import Rehearsal
from mesg.marketplace.chain.rpc import quantity
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.errors import (
    ChainUnavailable,
    KeystoreLocked,
    TransactionReverted,
)
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import MarketAddresses, TransactionReceipt

COMMITMENT_BLOCKS_MAX = 7_200
"""The contract forgets a promise after that many blocks."""
REVEAL_S_MAX = 300.0
"""A promise must be one block old; a chain that makes none in five minutes is down."""
REVEAL_POLL_S = 1.0


async def take_sid(
    service: ServiceId,
    contracts: Contracts,
    transactions: Transactions | Rehearsal,
    *,
    max_fee: TokenAmount,
) -> tuple[TransactionReceipt, ...]:
    """Register a free name; what an earlier, interrupted attempt promised is used."""
    approvals = await approve(contracts, transactions, max_fee, spender=REGISTRY)
    salt = _salt(service, contracts.addresses, transactions)
    promise = commitment(service, transactions.signer.address, salt)
    if not await _is_pending(contracts, promise):
        data = function(REGISTRY, "commit").call(promise)
        mined = await transactions.send(contracts.addresses.registry, data, action="commit")
        approvals = (*approvals, mined.receipt)
    data = function(REGISTRY, "register").call(service.sid, salt, max_fee.units)
    return (*approvals, await _reveal(contracts, transactions, data))


def commitment(service: ServiceId, owner: AccountAddress, salt: Digest) -> Digest:
    """Return keccak256(abi.encode(sid, owner, salt)), the contract's promise."""
    return Digest(keccak(encode(("string", "address", "bytes32"), (service.sid, owner.raw, salt))))


def _salt(
    service: ServiceId, addresses: MarketAddresses, transactions: Transactions | Rehearsal
) -> Digest:
    """Return what only the owner of the key can know, and finds again after a crash."""
    told = f"MESG sid {addresses.chain_id} {addresses.registry} {service.sid}"
    digest = Digest(keccak(told.encode()))
    try:
        return Digest(keccak(transactions.signer.sign(digest)))
    except KeystoreLocked:
        if not isinstance(transactions, Rehearsal):
            raise
        return digest  # what is never sent needs to hide nothing


async def _is_pending(contracts: Contracts, promise: Digest) -> bool:
    (made,) = await contracts.ask(REGISTRY, "committedAt", promise)
    head = quantity(await contracts.rpc.call("eth_blockNumber"))
    return cast("int", made) > 0 and head < cast("int", made) + COMMITMENT_BLOCKS_MAX


async def _reveal(
    contracts: Contracts, transactions: Transactions | Rehearsal, data: bytes
) -> TransactionReceipt:
    with trio.move_on_after(REVEAL_S_MAX):
        while True:
            try:
                mined = await transactions.send(
                    contracts.addresses.registry, data, action="register"
                )
            except TransactionReverted as error:
                if "CommitmentTooYoung" not in error.message:
                    raise
            else:
                return mined.receipt
            await trio.sleep(REVEAL_POLL_S)
    raise ChainUnavailable(f"the chain made no block in {REVEAL_S_MAX:g} s")
