"""The ground the story stands on: a chain, the market's contracts, a second token to watch, a faucet."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mesg.marketplace.chain.abi import constructor_call, function
from mesg.marketplace.chain.contracts import TOKEN
from mesg.marketplace.chain.deployment import FACTORY, Plan, deploy_market
from mesg.marketplace.chain.devchain import open_devchain
from mesg.marketplace.chain.rpc import JsonRpc, binary, open_rpc
from mesg.marketplace.chain.transactions import Transactions
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.ports import MarketAddresses, TransactionReceipt

POLL_S = 0.05
WATCHED_SALT = b"\1" * 32
ONE_ETHER_WEI = 10**18


@dataclass(slots=True)
class Devnet:
    """A running chain with the market on it; `bank` holds all tokens at first."""

    url: str
    rpc: JsonRpc
    bank: Transactions
    market: MarketAddresses
    treasury: AccountAddress
    watched_token: AccountAddress
    """Another ERC-20, whose transfers the story is about."""

    async def fund(self, account: AccountAddress, tokens: TokenAmount) -> None:
        """Give an account gas money and MESG, as a faucet would."""
        gift = {
            "from": str(self.bank.signer.address),
            "to": str(account),
            "value": hex(ONE_ETHER_WEI),
        }
        await self.rpc.call("eth_sendTransaction", gift)
        if tokens:
            await self.transfer(self.market.token, account, tokens)

    async def transfer(
        self, token: AccountAddress, to: AccountAddress, amount: TokenAmount
    ) -> TransactionReceipt:
        """Really transfer tokens from the bank to an account."""
        data = function(TOKEN, "transfer").call(to.raw, amount.units)
        return (await self.bank.send(token, data, action="transfer")).receipt

    async def pass_time(self, seconds: int) -> None:
        """Let time pass on the chain; the nodes' own clocks stay as they are."""
        await self.rpc.call("evm_increaseTime", seconds)
        await self.rpc.call("evm_mine")

    async def balance(self, account: AccountAddress) -> TokenAmount:
        """Return the MESG that the token contract says an account holds."""
        asked = {
            "to": str(self.market.token),
            "data": "0x" + function(TOKEN, "balanceOf").call(account.raw).hex(),
        }
        return TokenAmount(
            int.from_bytes(binary(await self.rpc.call("eth_call", asked, "latest")))
        )


@asynccontextmanager
async def open_devnet(
    cache: Path, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncGenerator[Devnet]:
    """Start a chain and deploy the market on it."""
    async with open_devchain(cache, host=host, port=port) as chain, open_rpc(chain.url) as rpc:
        keys = [AccountKey.from_bytes(raw) for raw in chain.private_keys]
        bank = Transactions(rpc, keys[0], chain.chain_id, poll_s=POLL_S)
        treasury = keys[-1].address
        market = await deploy_market(bank, treasury=treasury, supply_to=bank.signer.address)
        code = constructor_call(TOKEN, bank.signer.address.raw)
        watched = Plan(TOKEN, code, WATCHED_SALT)
        await bank.send(FACTORY, watched.salt + watched.init_code, action="deploy")
        yield Devnet(chain.url, rpc, bank, market, treasury, watched.address)
