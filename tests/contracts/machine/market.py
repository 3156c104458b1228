"""A market prepared once for all runs of a machine: deployed, with Services, offers and rich people."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.contracts.model.chain import Chain
from tests.contracts.model.names import HOUR_S, promise
from tests.contracts.model.offers import CENTURY_S, DAY_S, METERED, PASS, Terms
from tests.contracts.model.token import INFINITE
from tests.contracts.model.world import World
from tests.contracts.revm import DEPLOYER, Revm, deploy_all, install_permit2

from mesg.marketplace.chain.contracts import REGISTRY, TOKEN
from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.permit import PERMIT2
from mesg.marketplace.domain.signing import AccountKey
from mesg.marketplace.ports import MarketAddresses

SESSION, *KEYS = (AccountKey.from_bytes(bytes((n,)) * 32) for n in range(1, 8))
AUTHOR, MAPMAKER, ALICE, BOB, CAROL, DAVE = (key.address for key in KEYS)
KEY_OF: Mapping[AccountAddress, AccountKey] = {key.address: key for key in (SESSION, *KEYS)}
TREASURY = AccountAddress(b"\xee" * 20)
PEOPLE = (AUTHOR, MAPMAKER, ALICE, BOB, CAROL, DAVE, TREASURY)
WEALTH = 10**24
START_S = 1_800_000_000
WEATHER, MAPS = ServiceId("weather.acme"), ServiceId("maps")
SALT = bytes(32)

OFFERS = {
    WEATHER: (
        Terms(METERED, 1, close_delay=HOUR_S, author_bps=2_000),
        Terms(METERED, 3, 9, 0, DAY_S, 0, 3_333, 3_333, 3_334),
        Terms(PASS, 999, duration=50, treasury_bps=333, referrer_bps=1_111, seats=1),
        Terms(PASS, 10**18 + 7, duration=1_000, treasury_bps=500, seats=4),
        Terms(PASS, 0, duration=1, seats=2),
        Terms(PASS, 7, duration=30 * HOUR_S, treasury_bps=10_000, seats=3),
        Terms(PASS, 10**20, duration=CENTURY_S, treasury_bps=1, referrer_bps=9_999, seats=1_000),
        Terms(METERED, 5, close_delay=2 * HOUR_S, valid_until=START_S + HOUR_S),
        Terms(PASS, 77, duration=600, valid_until=START_S + HOUR_S, referrer_bps=1, seats=2),
    ),
    MAPS: (
        Terms(METERED, 2, close_delay=HOUR_S, author_bps=1, treasury_bps=1, referrer_bps=1),
        Terms(PASS, 1_000_003, duration=997, treasury_bps=777, referrer_bps=77, seats=3),
    ),
}


@dataclass
class Market:
    """The contracts, and where model and contracts stand before each run."""

    revm: Revm
    addresses: MarketAddresses
    prepared: list[dict[str, object]]
    block: int

    def begin(self) -> World:
        """Set the clock back and return a model in the prepared state."""
        self.revm.now_unix_s, self.revm.block = START_S, self.block
        self.revm.advance()
        world = World(self.addresses, TREASURY, Chain(START_S, self.block))
        for part, state in zip(world.parts, self.prepared, strict=True):
            part.restore(state)
        # What was restored belongs to all runs: keep a copy.
        self.prepared = [part.saved() for part in world.parts]
        return world


def prepare(token: str | None = None) -> Market:
    """Deploy everything, and do the same in the model."""
    revm, addresses = deploy_all(TREASURY, token=token)
    install_permit2(revm)
    world = World(addresses, TREASURY, Chain(revm.now_unix_s, revm.block))
    for person in PEOPLE:
        _make_rich(revm, addresses, world, person)
    for owner, service in ((AUTHOR, WEATHER), (MAPMAKER, MAPS)):
        _publish(revm, world, owner, service)
    return Market(revm, addresses, [part.saved() for part in world.parts], revm.block)


def _make_rich(
    revm: Revm, addresses: MarketAddresses, world: World, person: AccountAddress
) -> None:
    revm.call(DEPLOYER, TOKEN, "transfer", person.raw, WEALTH)
    world.token.balances[person] = WEALTH
    for spender in (addresses.pay, addresses.registry, PERMIT2):
        revm.call(person, TOKEN, "approve", spender.raw, INFINITE)
        world.token.approve(person, spender, INFINITE)


def _publish(revm: Revm, world: World, owner: AccountAddress, service: ServiceId) -> None:
    revm.call(owner, REGISTRY, "commit", promise(service.sid, owner, SALT))
    world.names.commit(owner, promise(service.sid, owner, SALT))
    revm.advance(blocks=1)
    world.chain.block += 1
    revm.call(owner, REGISTRY, "register", service.sid, SALT, WEALTH)
    world.names.register(owner, service.sid, SALT, WEALTH)
    revm.call(owner, REGISTRY, "publishVersion", service.number, b"m" * 32, SALT, "")
    world.offers.publish(owner, service.number, b"m" * 32, SALT, "")
    for terms in OFFERS[service]:
        revm.call(owner, REGISTRY, "createOffer", service.number, terms)
        world.offers.create(owner, service.number, terms)
