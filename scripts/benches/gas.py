"""What every transaction of the market costs, whole, beside what others' contracts cost for the same."""

from collections.abc import Sequence
from pathlib import Path

from benches.market import PASS, Measured, Steps, open_market
from benches.rows import Row
from mesg.marketplace.chain.contracts import PAY
from mesg.marketplace.chain.values import config_struct
from mesg.marketplace.domain.channel import ChannelConfig, close_digest
from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.offer import Offer

OPERATORS = 10
BATCH = 50
RESERVE = TokenAmount.parse("10")
MPE, MESG_2019 = "SingularityNET MultiPartyEscrow", "MESG Marketplace 2019"
# Gas of others' contracts for the nearest thing they do, measured with their own compilers on the same chain.
BASELINES = {
    "open a channel, from the wallet": (191_978, MPE),
    "open a channel, from the vault": (172_594, MPE),
    "open 10 channels at once, each": (172_594, MPE),
    "top up a channel": (51_008, MPE),
    "claim, three shares": (50_241, f"{MPE} (one payee)"),
    "claim in a batch of 50, three shares, each": (25_162, f"{MPE} (one payee)"),
    "close by consent": (53_572, MPE),
    "withdraw from the vault": (46_315, MPE),
    "buy a pass, from the wallet": (142_022, MESG_2019),
    "renew a pass, from the wallet": (75_628, MESG_2019),
    "buy a pass, from the vault": (142_022, MESG_2019),
    "renew a pass, from the vault": (75_628, MESG_2019),
    "register a name": (126_615, MESG_2019),
    "publish a version": (217_059, MESG_2019),
    "create an offer": (144_158, MESG_2019),
}
# A renewal from the wallet has none: pulling tokens costs more than all the rest of it.
TARGETS = {
    "open a channel, from the wallet": 85_000,
    "open a channel, from the vault": 85_000,
    "open 10 channels at once, each": 45_000,
    "claim, three shares": 60_000,
    "claim in a batch of 50, three shares, each": 24_000,
    "close by consent": 50_000,
    "buy a pass, from the wallet": 80_000,
    "buy a pass, from the vault": 80_000,
    "renew a pass, from the vault": 55_000,
}


async def measure_gas(cache: Path) -> Sequence[Row]:
    """Play an ordinary life on a fresh chain; return each step's gas as a row."""
    steps: Steps = {}
    async with open_market(cache) as market:
        metered, pass_offer = await market.publish(steps)
        await _channels(market, metered, steps)
        await _passes(market, pass_offer, steps)
        await _accounts(market, steps)
    return [_row(name, gas) for name, gas in steps.items()]


def _row(name: str, gas: int) -> Row:
    baseline, against = BASELINES.get(name, (None, ""))
    return Row(name, gas, "gas", baseline, against, TARGETS.get(name))


async def _channels(market: Measured, offer: Offer, steps: Steps) -> None:
    operator = market.operator.signer.address
    configs = [market.config(offer, number, operator) for number in range(BATCH)]
    await market.approve(market.payer, PAY, RESERVE)
    steps["open a channel, from the wallet"] = await market.send(
        market.payer, PAY, "open", config_struct(configs[0]), RESERVE.units
    )
    steps["open a channel, from the vault"] = await market.send(
        market.payer, PAY, "openFromVault", config_struct(configs[1]), RESERVE.units
    )
    await _open_many(
        market, [market.config(offer, 100 + n, _somebody(n)) for n in range(10)], steps
    )
    for start in range(2, BATCH, OPERATORS):
        await _open_many(market, configs[start : start + OPERATORS], {})
    await market.approve(market.payer, PAY, RESERVE)
    steps["top up a channel"] = await market.send(
        market.payer, PAY, "topUp", config_struct(configs[0]), RESERVE.units
    )
    await _claims(market, configs, steps)
    await _closes(market, configs, steps)


def _somebody(number: int) -> AccountAddress:
    return AccountAddress(bytes([0xE0 + number]) * 20)


async def _open_many(market: Measured, configs: Sequence[ChannelConfig], steps: Steps) -> None:
    await market.approve(market.payer, PAY, TokenAmount(RESERVE.units * len(configs)))
    gas = await market.send(
        market.payer,
        PAY,
        "openMany",
        [config_struct(config) for config in configs],
        [RESERVE.units] * len(configs),
    )
    steps["open 10 channels at once, each"] = gas // len(configs)


async def _claims(market: Measured, configs: Sequence[ChannelConfig], steps: Steps) -> None:
    for cumulative in ("1.1", "2.2"):  # the first makes the payees' accounts
        row = market.voucher(configs[0], 0, TokenAmount.parse(cumulative))
        gas = await market.send(market.operator, PAY, "claim", [row])
        steps["claim, three shares"] = gas
    again = market.voucher(configs[0], 0, TokenAmount.parse("2.2"))
    steps["claim what was claimed"] = await market.send(market.operator, PAY, "claim", [again])
    for cumulative in ("3.3", "4.4"):
        rows = [
            market.voucher(config, number, TokenAmount.parse(cumulative))
            for number, config in enumerate(configs)
        ]
        gas = await market.send(market.operator, PAY, "claim", rows)
        steps["claim in a batch of 50, three shares, each"] = gas // len(rows)


async def _closes(market: Measured, configs: Sequence[ChannelConfig], steps: Steps) -> None:
    domain = market.contracts.addresses.domain
    claimed = TokenAmount.parse("4.4")
    consent = market.keys[3].sign(close_digest(domain, configs[1].channel_id(domain), claimed))
    struct = config_struct(configs[1])
    steps["close by consent"] = await market.send(
        market.payer, PAY, "closeCooperative", struct, claimed.units, consent[:32], consent[32:]
    )
    struct = config_struct(configs[2])
    steps["begin to close alone"] = await market.send(market.payer, PAY, "startClose", struct)
    await market.pass_time(configs[2].close_delay_s)
    steps["finish to close alone"] = await market.send(market.payer, PAY, "finalizeClose", struct)


async def _passes(market: Measured, offer: Offer, steps: Steps) -> None:
    price = PASS.price.units
    terms = (offer.service.number, offer.index, offer.digest)
    any_start = 2**40 - 1
    for name, buyer in (("wallet", market.payer), ("vault", market.operator)):
        call = "buyPass" if name == "wallet" else "buyPassFromVault"
        for verb in ("buy", "renew"):
            if name == "wallet":
                await market.approve(buyer, PAY, PASS.price)
            own = (buyer.signer.address.raw, any_start, NOBODY.raw, price)
            steps[f"{verb} a pass, from the {name}"] = await market.send(
                buyer, PAY, call, (*terms, *own)
            )
    await market.pass_time(PASS.duration_s // 2)
    holders = [market.payer.signer.address.raw, market.operator.signer.address.raw]
    await market.send(market.author, PAY, "settlePasses", offer.service.number, holders[:1])
    gas = await market.send(market.author, PAY, "settlePasses", offer.service.number, holders)
    steps["settle two passes, each"] = gas // 2
    steps["cancel a pass"] = await market.send(
        market.payer, PAY, "cancelPass", offer.service.number
    )


async def _accounts(market: Measured, steps: Steps) -> None:
    amount = RESERVE
    await market.approve(market.payer, PAY, amount)
    steps["deposit into the vault"] = await market.send(market.payer, PAY, "deposit", amount.units)
    to = market.payer.signer.address.raw
    steps["withdraw from the vault"] = await market.send(
        market.payer, PAY, "withdraw", amount.units, to
    )
    own = market.operator.signer.address.raw
    steps["collect what was earned"] = await market.send(market.operator, PAY, "collect", own)
