"""Reads the market's logs block by block and notices when a reorganisation takes some back.

A change counts until its block is replaced: then it is told again, newest first, as dropped, before
what the new blocks bring. The position is the caller's to keep; the changes of recent blocks are
remembered here, and asked from the node by block hash after a restart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mesg.marketplace.chain.changes import log_from, observed
from mesg.marketplace.chain.rpc import JsonRpc, RpcError, binary, member, quantity
from mesg.marketplace.domain.identity import Digest
from mesg.marketplace.ports import Block, Cursor, MarketAddresses, Observed

REORG_BLOCKS_MAX = 64
"""Two Ethereum epochs: nothing final is ever deeper."""
SPAN_BLOCKS_MAX = 2_000
"""Blocks per question for logs; public nodes refuse more."""


@dataclass(slots=True)
class Follower:
    """Answers what happened after a cursor."""

    rpc: JsonRpc
    addresses: MarketAddresses
    confirmations: int = 0
    """How many blocks must follow one before its changes are told."""
    _remembered: dict[Digest, tuple[Observed, ...]] = field(default_factory=dict, repr=False)

    async def changes(self, cursor: Cursor) -> tuple[Sequence[Observed], Cursor]:
        """Return at most one span of changes, in order, and where to go on."""
        lost, cursor = await self._retreat(cursor)
        gained, cursor = await self._advance(cursor)
        self._forget(cursor)
        return (*lost, *gained), cursor

    async def _retreat(self, cursor: Cursor) -> tuple[list[Observed], Cursor]:
        """Go back to the newest block that is still on the chain."""
        lost: list[Observed] = []
        recent = list(cursor.recent)
        while recent:
            newest = recent[-1]
            if await self._block_at(newest.number) == newest:
                break
            lost += await self._dropped(newest)
            recent.pop()
        if len(recent) == len(cursor.recent):
            return lost, cursor
        next_block = recent[-1].number + 1 if recent else cursor.recent[0].number
        return lost, Cursor(next_block, tuple(recent))

    async def _advance(self, cursor: Cursor) -> tuple[list[Observed], Cursor]:
        head = quantity(await self.rpc.call("eth_blockNumber")) - self.confirmations
        last = min(head, cursor.next_block + SPAN_BLOCKS_MAX - 1)
        if last < cursor.next_block:
            return [], cursor
        first_kept = max(cursor.next_block, head - REORG_BLOCKS_MAX + 1)
        kept = range(first_kept, last + 1)
        answers = await self.rpc.batch(
            [
                ("eth_getLogs", [self._filter(cursor.next_block, last)]),
                *(("eth_getBlockByNumber", [hex(number), False]) for number in kept),
            ]
        )
        gained = self._read(answers[0])
        # Behind a gap lies what can no longer be replaced.
        recent = cursor.recent if first_kept == cursor.next_block else ()
        chain = _linked(recent, answers[1:])
        if chain is None or not _agree(gained, chain):
            return [], cursor  # the chain moved between the answers: the next call sees it whole
        for block in chain:
            if block.number >= first_kept:
                self._remembered[block.digest] = tuple(
                    each for each in gained if each.block == block
                )
        return gained, Cursor(last + 1, chain[-REORG_BLOCKS_MAX:])

    async def _block_at(self, number: int) -> Block | None:
        answer = await self.rpc.call("eth_getBlockByNumber", hex(number), False)
        return None if answer is None else _block(answer)

    async def _dropped(self, block: Block) -> list[Observed]:
        known = self._remembered.pop(block.digest, None)
        if known is None:
            known = tuple(await self._logs_of_orphan(block))
        return [replace(each, dropped=True) for each in reversed(known)]

    async def _logs_of_orphan(self, block: Block) -> list[Observed]:
        """Ask for the logs of a block that was replaced: most nodes keep them for a while."""
        wanted = {"address": self._contracts, "blockHash": "0x" + block.digest.hex()}
        try:
            return self._read(await self.rpc.call("eth_getLogs", wanted))
        except RpcError:
            return []

    @property
    def _contracts(self) -> list[str]:
        return [str(self.addresses.registry), str(self.addresses.pay)]

    def _filter(self, first: int, last: int) -> dict[str, object]:
        return {"address": self._contracts, "fromBlock": hex(first), "toBlock": hex(last)}

    def _read(self, answer: object) -> list[Observed]:
        logs = map(log_from, answer if isinstance(answer, list) else [])
        found = (observed(log, self.addresses) for log in logs)
        return sorted(
            (each for each in found if each is not None),
            key=lambda each: (each.block.number, each.log_index),
        )

    def _forget(self, cursor: Cursor) -> None:
        kept = {block.digest for block in cursor.recent}
        for digest in [digest for digest in self._remembered if digest not in kept]:
            del self._remembered[digest]


def _block(answer: object) -> Block:
    return Block(quantity(member(answer, "number")), Digest(binary(member(answer, "hash"))))


def _linked(recent: tuple[Block, ...], answers: Sequence[object]) -> tuple[Block, ...] | None:
    """Return the blocks that follow the recent ones; None if they are not one chain."""
    chain = recent
    for answer in answers:
        if answer is None:
            return None
        block, parent = _block(answer), binary(member(answer, "parentHash"))
        if chain and chain[-1].number == block.number - 1 and chain[-1].digest != parent:
            return None
        chain = (*chain, block)
    return chain


def _agree(gained: Sequence[Observed], chain: Sequence[Block]) -> bool:
    digests = {block.number: block.digest for block in chain}
    return all(
        digests.get(each.block.number, each.block.digest) == each.block.digest for each in gained
    )
