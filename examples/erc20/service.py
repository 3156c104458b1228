"""Watches an ERC-20 token: an event for each transfer, tasks for balances and supply."""

import os
import threading
from typing import Any

from rpc import Rpc, RpcError
from token_watch import Watch

from mesg.sdk import Service

BALANCE_OF, TOTAL_SUPPLY = "0x70a08231", "0x18160ddd"
"""Function selectors: the first bytes of keccak-256 of `balanceOf(address)`, `totalSupply()`."""

service = Service()
rpc = Rpc(os.environ["ERC20_RPC_URL"])
token = os.environ["ERC20_TOKEN"]


@service.task("balanceOf")
def balance_of(inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Answer with the balance of an account."""
    digits = inputs["address"].lower().removeprefix("0x")
    if len(digits) != 40 or set(digits) - set("0123456789abcdef"):
        return "error", {"message": f"{inputs['address'][:80]!r} is not an account address"}
    return _ask(BALANCE_OF + digits.rjust(64, "0"), "balance")


@service.task("totalSupply")
def total_supply(_inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Answer with the whole supply."""
    return _ask(TOTAL_SUPPLY, "supply")


def _ask(data: str, key: str) -> tuple[str, dict[str, Any]]:
    try:
        answer = rpc.call("eth_call", {"to": token, "data": data}, "latest")
        return "success", {key: str(int(answer[:66], 16))}
    except (RpcError, TypeError, ValueError) as error:
        return "error", {"message": f"the token {token} did not answer: {error}"}


def main() -> None:
    """Serve tasks, and watch the token beside."""
    watch = Watch(
        rpc,
        token,
        emit=lambda transfer: service.emit("transfer", transfer),
        from_block=os.environ.get("ERC20_FROM_BLOCK", ""),
        confirmations=int(os.environ.get("ERC20_CONFIRMATIONS") or 0),
    )
    poll_s = float(os.environ.get("ERC20_POLL_S") or 2)
    threading.Thread(target=watch.run, args=(poll_s,), daemon=True).start()
    service.run()


if __name__ == "__main__":
    main()
