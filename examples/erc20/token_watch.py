"""Polls a chain for the transfers of a token and hands each on, in order."""

import sys
import time
from collections.abc import Callable
from typing import Any

from rpc import Rpc, RpcError

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak-256 of `Transfer(address,address,uint256)`."""
BLOCKS_MAX = 1_000
"""Of one question: what public endpoints answer."""
RETRY_S_MAX = 60.0


class Watch:
    """Remembers the next block to look at; only moves on when all of a span was handed on."""

    def __init__(
        self,
        rpc: Rpc,
        token: str,
        *,
        emit: Callable[[dict[str, Any]], object],
        from_block: str = "",
        confirmations: int = 0,
    ) -> None:
        """Start at `from_block`, or after the newest block if it is empty."""
        self._rpc = rpc
        self._token = token
        self._emit = emit
        self._confirmations = confirmations
        self._next = int(from_block) if from_block else None

    def run(self, poll_s: float) -> None:
        """Look for new transfers for ever, more rarely while the chain does not answer."""
        pause_s = poll_s
        while True:
            try:
                behind = self.look()
                pause_s = 0 if behind else poll_s
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the watch goes on
                pause_s = min(max(pause_s, poll_s) * 2, RETRY_S_MAX)
                print(f"looking again in {pause_s:.0f} s: {error}", file=sys.stderr)
            time.sleep(pause_s)

    def look(self) -> bool:
        """Hand on the transfers of the next blocks; tell whether there are more blocks."""
        newest = int(self._rpc.call("eth_blockNumber"), 16) - self._confirmations
        if self._next is None:
            self._next = newest + 1
        if newest < self._next:
            return False
        last = min(newest, self._next + BLOCKS_MAX - 1)
        for log in self._logs(self._next, last):
            if len(log["topics"]) == 3 and not log.get("removed"):  # 4 topics: an NFT
                self._emit(_transfer(log))
        self._next = last + 1
        return last < newest

    def _logs(self, first: int, last: int) -> list[dict[str, Any]]:
        logs = self._rpc.call(
            "eth_getLogs",
            {
                "address": self._token,
                "topics": [TRANSFER],
                "fromBlock": hex(first),
                "toBlock": hex(last),
            },
        )
        if not isinstance(logs, list):
            raise RpcError("eth_getLogs: the answer is not a list")
        return logs


def _transfer(log: dict[str, Any]) -> dict[str, Any]:
    return {
        "from": "0x" + log["topics"][1][-40:],
        "to": "0x" + log["topics"][2][-40:],
        "value": str(int(log["data"], 16)),
        "block": int(log["blockNumber"], 16),
        "transactionHash": log["transactionHash"],
    }
