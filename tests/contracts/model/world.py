"""The whole model: every part, put together."""

from collections.abc import Callable

from tests.contracts.model.accounts import Accounts
from tests.contracts.model.chain import Chain, Outcome, Part, attempt
from tests.contracts.model.channels import Channels
from tests.contracts.model.claims import Claims
from tests.contracts.model.names import Names
from tests.contracts.model.offers import Offers
from tests.contracts.model.passes import Passes
from tests.contracts.model.permit2 import Permit2
from tests.contracts.model.seats import Seats
from tests.contracts.model.token import Token

from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.ports import MarketAddresses


class World:
    """Both contracts and their token."""

    def __init__(self, addresses: MarketAddresses, treasury: AccountAddress, chain: Chain) -> None:
        self.chain, self.treasury = chain, treasury
        self.token = Token(addresses.token, addresses.pay)
        self.names = Names(chain, self.token, addresses.registry, treasury)
        self.offers = Offers(chain, self.names)
        self.accounts = Accounts(chain, self.token, self.names, addresses.pay, treasury)
        self.channels = Channels(self.accounts, self.offers, addresses.domain)
        self.claims = Claims(self.channels)
        self.passes = Passes(self.accounts, self.offers)
        self.seats = Seats(self.passes)
        self.permit2 = Permit2(self.channels)
        self.accounts.sources = [self.channels, self.passes]

    @property
    def parts(self) -> tuple[Part, ...]:
        return (
            self.token,
            self.names,
            self.offers,
            self.accounts,
            self.channels,
            self.passes,
            self.seats,
            self.permit2,
        )

    def attempt(self, action: Callable[[], object]) -> Outcome:
        """Do it entirely or not at all."""
        return attempt(self.chain, self.parts, action)

    def owed(self) -> int:
        """Return all tokens that MesgPay must hold: for whom follows from the parts."""
        earned = sum(self.accounts.earned().values())
        vaults = sum(self.accounts.vaults.values())
        return vaults + earned + self.channels.held() + self.passes.held() + self.accounts.stranded
