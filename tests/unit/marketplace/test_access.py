"""A pass holds until its end, as the contract counts."""

import pytest

from mesg.marketplace.domain.access import Pass
from mesg.marketplace.domain.errors import NotEntitled
from mesg.marketplace.domain.identity import AccountAddress, ServiceId

HELD = Pass(ServiceId("weather.acme"), AccountAddress(b"\1" * 20), 1_000)


def test_a_pass_holds_up_to_the_second_before_its_end() -> None:
    HELD.check(now_unix_s=999)

    assert HELD.is_valid(now_unix_s=999)


def test_at_the_second_it_expires_a_pass_has_ended() -> None:
    with pytest.raises(NotEntitled, match=r"has no valid pass for weather\.acme"):
        HELD.check(now_unix_s=1_000)
