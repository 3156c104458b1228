"""Taking a name on chain without anybody being able to take it first: promise, let it ripen, reveal."""

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
from mesg.marketplace.domain.errors import ChainUnavailable
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import MarketAddresses, TransactionReceipt

COMMITMENT_BLOCKS_MAX = 7_200
"""The contract forgets a promise after that many blocks."""
BLOCK_S_MAX = 300.0
"""A promise ripens with the blocks; a chain that makes none in five minutes is down."""
RIPE_POLL_S = 1.0


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
    await _ripen(contracts, transactions, promise)
    data = function(REGISTRY, "register").call(service.sid, salt, max_fee.units)
    mined = await transactions.send(contracts.addresses.registry, data, action="register")
    return (*approvals, mined.receipt)


def commitment(service: ServiceId, owner: AccountAddress, salt: Digest) -> Digest:
    """Return keccak256(abi.encode(sid, owner, salt)), the contract's promise."""
    return Digest(keccak(encode(("string", "address", "bytes32"), (service.sid, owner.raw, salt))))


def _salt(
    service: ServiceId, addresses: MarketAddresses, transactions: Transactions | Rehearsal
) -> Digest:
    """Return what only the owner of the key can know, and finds again after a crash."""
    told = f"MESG sid {addresses.chain_id} {addresses.registry} {service.sid}"
    digest = Digest(keccak(told.encode()))
    if isinstance(transactions, Rehearsal):
        return digest  # what is never sent needs to hide nothing, and no key
    return Digest(keccak(transactions.signer.sign(digest)))


async def _is_pending(contracts: Contracts, promise: Digest) -> bool:
    (made,) = await contracts.ask(REGISTRY, "committedAt", promise)
    head = quantity(await contracts.rpc.call("eth_blockNumber"))
    return cast("int", made) > 0 and head < cast("int", made) + COMMITMENT_BLOCKS_MAX


async def _ripen(
    contracts: Contracts, transactions: Transactions | Rehearsal, promise: Digest
) -> None:
    """Return once the next block may hold the reveal; until then nobody is told the name, no node either."""
    (blocks,) = await contracts.ask(REGISTRY, "commitmentBlocksMin")
    if isinstance(transactions, Rehearsal):
        transactions.let_pass(cast("int", blocks) - 1)
        return
    (made,) = await contracts.ask(REGISTRY, "committedAt", promise)
    ripe_after = cast("int", made) + cast("int", blocks) - 1
    while (head := quantity(await contracts.rpc.call("eth_blockNumber"))) < ripe_after:
        await _next_block(contracts, head)


async def _next_block(contracts: Contracts, head: int) -> None:
    with trio.move_on_after(BLOCK_S_MAX):
        while True:
            await trio.sleep(RIPE_POLL_S)
            if quantity(await contracts.rpc.call("eth_blockNumber")) != head:
                return
    raise ChainUnavailable(f"the chain made no block in {BLOCK_S_MAX:g} s")
