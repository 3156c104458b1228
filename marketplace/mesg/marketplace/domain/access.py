"""The right of an account to use a Service until a time, as bought on chain."""

from dataclasses import dataclass

from mesg.marketplace.domain.errors import NotEntitled
from mesg.marketplace.domain.identity import AccountAddress, ServiceId


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass; `expires_at_unix_s` is 0 when the account never had one."""

    service: ServiceId
    account: AccountAddress
    expires_at_unix_s: int

    def is_valid(self, *, now_unix_s: int) -> bool:
        """Tell whether the pass still holds; at the second it expires it does not (SPEC, section 2)."""
        return self.expires_at_unix_s > now_unix_s

    def check(self, *, now_unix_s: int) -> None:
        """Raise NotEntitled unless the pass holds."""
        if not self.is_valid(now_unix_s=now_unix_s):
            raise NotEntitled(
                f"{self.account} has no valid pass for {self.service}",
                hint=f"buy one with: mesg market buy {self.service}",
            )
