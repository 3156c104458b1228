"""Deploys the market to a chain and writes down where: `scripts/deploy --rpc URL --keystore FILE --treasury ACCOUNT`.

What is there already is found and checked, not deployed again.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import trio

from mesg.marketplace.chain.deployment import (
    deploy_market,
    encode_deployment,
    market_plans,
    parse_deployment,
)
from mesg.marketplace.chain.rpc import JsonRpc, open_rpc, quantity
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.errors import MesgError
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.signing import AccountKey
from mesg.node.keystore import Keystore

ROOT = Path(__file__).parent.parent.parent
PLACES = (
    ROOT / "contracts/deployments",
    ROOT / "marketplace/mesg/marketplace/chain/deployments",
)


def main() -> int:
    """Deploy, or with --dry-run only tell where the contracts would be."""
    options = _options()
    code = 0
    try:
        trio.run(_deploy, options)
    except* (MesgError, OSError) as group:
        for error in group.exceptions:
            sys.stderr.write(f"{error}\n")
        code = 1
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument("--rpc", required=True, help="the chain's JSON-RPC URL")
    parser.add_argument("--treasury", required=True, type=AccountAddress.parse)
    parser.add_argument(
        "--token", type=AccountAddress.parse, help="an ERC-20 that exists; else MESG is deployed"
    )
    parser.add_argument(
        "--supply-to", type=AccountAddress.parse, help="who gets all of a new token"
    )
    parser.add_argument(
        "--commitment-blocks",
        type=int,
        default=10,
        help="how old a promise of a name must be; 1 only where nobody is a thief",
    )
    parser.add_argument("--keystore", type=Path, help="an Ethereum keystore file (version 3)")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument(
        "--write-to",
        type=Path,
        action="append",
        help="a folder for CHAIN.json; else the checkout's",
    )
    parser.add_argument("--dry-run", action="store_true", help="tell the addresses; send nothing")
    options = parser.parse_args()
    if (options.token is None) == (options.supply_to is None):
        parser.error("either --token or --supply-to")
    if not options.dry_run and not (options.keystore and options.password_file):
        parser.error("--keystore and --password-file, or --dry-run")
    return options


async def _deploy(options: argparse.Namespace) -> None:
    supply_to = options.supply_to or options.treasury  # ignored with a token that exists
    plans = market_plans(
        treasury=options.treasury,
        supply_to=supply_to,
        token=options.token,
        commitment_blocks=options.commitment_blocks,
    )
    for plan in plans:
        sys.stdout.write(f"{plan.contract:16} {plan.address}\n")
    if options.dry_run:
        return
    key = await _key(options.keystore, options.password_file.read_text().rstrip("\n"))
    async with open_rpc(options.rpc) as rpc:
        await _send(rpc, key, options, supply_to)


async def _send(
    rpc: JsonRpc, key: AccountKey, options: argparse.Namespace, supply_to: AccountAddress
) -> None:
    chain_id = quantity(await rpc.call("eth_chainId"))
    block = quantity(await rpc.call("eth_blockNumber"))
    market = await deploy_market(
        Transactions(rpc, key, chain_id),
        treasury=options.treasury,
        supply_to=supply_to,
        token=options.token,
        commitment_blocks=options.commitment_blocks,
    )
    for folder in options.write_to or PLACES:
        place = trio.Path(folder / f"{chain_id}.json")
        if await place.exists() and parse_deployment(await place.read_text())[0] == market:
            continue  # the block it was first deployed in stays known
        await place.write_text(encode_deployment(market, block=block))
    sys.stdout.write(f"on chain {chain_id}, checked and written down\n")


async def _key(file: Path, password: str) -> AccountKey:
    with tempfile.TemporaryDirectory() as folder:
        keystore = Keystore(Path(folder) / "keystore")
        await keystore.import_file("deployer", file, password=password)
        return await keystore.unlock("deployer", password)


if __name__ == "__main__":
    sys.exit(main())
