"""What the network asks for gas at this moment, and how an offer is raised."""

from dataclasses import dataclass

from mesg.marketplace.chain.rpc import JsonRpc, member, quantity
from mesg.marketplace.domain.errors import ChainUnavailable

TIP_WEI_MIN = 10**7
_RAISED_NUMERATOR, _RAISED_DENOMINATOR = 9, 8  # +12.5 %: nodes ask for at least 10 %


@dataclass(frozen=True, slots=True)
class Fees:
    """What we offer, in wei per gas."""

    tip: int
    cap: int

    @property
    def expected(self) -> int:
        """What is paid if the market stays as it is; the cap leaves room for twice its base."""
        return (self.cap - self.tip) // 2 + self.tip

    def raised(self, market: "Fees") -> "Fees":
        """Return the least that replaces these fees and meets the market."""
        return Fees(_raise(self.tip, market.tip), _raise(self.cap, market.cap))


async def market_fees(rpc: JsonRpc) -> Fees:
    """Return what gets a transaction mined soon: the recent tips, and room for the base fee to double."""
    history = await rpc.call("eth_feeHistory", "0x5", "latest", [50])
    base_fees, rewards = member(history, "baseFeePerGas"), member(history, "reward")
    if not isinstance(base_fees, list) or not base_fees or not isinstance(rewards, list):
        raise ChainUnavailable("the node has no fee history")
    tips = [quantity(block[0]) for block in rewards if isinstance(block, list) and block]
    tip = max([TIP_WEI_MIN, *tips])
    return Fees(tip, 2 * quantity(base_fees[-1]) + tip)


def _raise(offered: int, market: int) -> int:
    return max(market, offered * _RAISED_NUMERATOR // _RAISED_DENOMINATOR + 1)
