"""A development chain that stays: `scripts/devnet` runs it, `scripts/devnet fund ACCOUNT` is its faucet."""

import argparse
import sys
from pathlib import Path

import trio

from mesg.marketplace.chain.abi import function
from mesg.marketplace.chain.contracts import TOKEN
from mesg.marketplace.chain.deployment import encode_deployment, parse_deployment
from mesg.marketplace.chain.rpc import open_rpc
from mesg.marketplace.domain.errors import MesgError
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from story.devnet import ONE_ETHER_WEI, open_devnet

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / "contracts"
KNOWN = ROOT / "contracts/deployments/31337.json"
SHIPPED = ROOT / "marketplace/mesg/marketplace/chain/deployments/31337.json"
"""The same in the package."""
PORT = 8545
GIFT = TokenAmount.parse("1000")


def main() -> int:
    """Run the chain, fund an account on it, or write down where the contracts are."""
    parser = argparse.ArgumentParser(prog="scripts/devnet", description=__doc__)
    parser.add_argument("action", nargs="?", choices=("run", "fund", "write"), default="run")
    parser.add_argument("account", nargs="?", help="with fund: who gets 1 ETH and 1000 MESG")
    options = parser.parse_args()
    code = 0
    try:
        if options.action == "fund":
            trio.run(_fund, AccountAddress.parse(options.account or ""))
        else:
            trio.run(_run, options.action == "write")
    except* MesgError as group:
        for error in group.exceptions:
            sys.stderr.write(f"{error}\n")
        code = 1
    except* KeyboardInterrupt:
        code = 130
    return code


async def _run(write: bool) -> None:
    async with open_devnet(CACHE, port=0 if write else PORT) as net:
        if write:
            for place in (KNOWN, SHIPPED):
                await trio.Path(place).write_text(encode_deployment(net.market, block=0))
            return
        sys.stdout.write(
            f"chain    {net.url} (id {net.market.chain_id}), until Ctrl-C\n"
            f"token    {net.market.token}\nregistry {net.market.registry}\npay      {net.market.pay}\n"
            "a node   mesg init --set chain.confirmations=0 && mesg start\n"
            "money    scripts/devnet fund ACCOUNT\n"
        )
        sys.stdout.flush()
        await trio.sleep_forever()


async def _fund(account: AccountAddress) -> None:
    market, _ = parse_deployment(await trio.Path(KNOWN).read_text())
    async with open_rpc(f"http://127.0.0.1:{PORT}") as rpc:
        bank = (await rpc.call("eth_accounts"))[0]  # type: ignore[index]
        data = function(TOKEN, "transfer").call(account.raw, GIFT.units)
        ether = {"from": bank, "to": str(account), "value": hex(ONE_ETHER_WEI)}
        tokens = {"from": bank, "to": str(market.token), "data": "0x" + data.hex()}
        for transaction in (ether, tokens):
            await rpc.call("eth_sendTransaction", transaction)
    sys.stdout.write(f"{account} got 1 ETH and {GIFT}\n")


if __name__ == "__main__":
    sys.exit(main())
