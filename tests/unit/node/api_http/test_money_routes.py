"""The HTTP API's acts: done, or with `dryRun` only tried; their shapes, and what they refuse."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from tests.unit.node.api_http.served import Served, served

from mesg.node.testing.memory_market import ACCOUNT

FRIEND = "0x2222222222222222222222222222222222222222"
GREETER = "/v1/market/services/greeter"
TERMS = {"kind": "pass", "price": "2 MESG", "durationSeconds": 60, "seats": 3}
NONE = {"amount": "0", "symbol": "MESG", "decimals": 18}
TWO = {"amount": str(2 * 10**18), "symbol": "MESG", "decimals": 18}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Served]:
    with trio.fail_after(20):
        async with served(tmp_path) as one:
            yield one


async def post(api: Served, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
    return await api.client.post(path, json=body or {})


async def sold(api: Served) -> None:
    await post(api, "/v1/services", {"source": "/somewhere/greeter"})
    assert (await post(api, f"{GREETER}/publish", {"maxFee": "1"})).status_code == 200
    assert (await post(api, f"{GREETER}/offers", TERMS)).status_code == 200


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/market/services/other/publish", {}),
    (f"{GREETER}/offers", TERMS),
    (f"{GREETER}/offers/0/disable", {}),
    (f"{GREETER}/transfer", {"to": FRIEND}),
    (f"{GREETER}/passes", {"maxPrice": "2", "for": FRIEND, "referrer": FRIEND}),
    (f"{GREETER}/seats", {"number": 1, "account": FRIEND}),
    (f"{GREETER}/seats/leave", {}),
    ("/v1/market/earnings/settle", {"service": "greeter"}),
    ("/v1/channels", {"service": "greeter", "amount": "5"}),
    ("/v1/channels/claim", {}),
    ("/v1/wallet/approve", {"amount": "5"}),
    ("/v1/wallet/deposit", {"amount": "5"}),
    ("/v1/wallet/withdraw", {}),
    ("/v1/wallet/collect", {}),
]


@pytest.mark.parametrize(("path", "body"), ACTS)
async def test_an_act_is_tried_or_done(api: Served, path: str, body: dict[str, Any]) -> None:
    await sold(api)
    before = (api.counter.tokens, api.counter.vault, dict(api.counter.listings))

    tried = await post(api, path, {**body, "dryRun": True})
    unchanged = (api.counter.tokens, api.counter.vault, dict(api.counter.listings))
    done = await post(api, path, body)

    assert (tried.status_code, done.status_code) == (200, 200), done.text
    assert unchanged == before
    assert set(tried.json()) == {"apiVersion", "planned", "facts"}
    assert set(done.json()) == {"apiVersion", "transactions", "facts"}
    (planned,), (sent,) = tried.json()["planned"], done.json()["transactions"]
    assert planned["action"] == sent["action"]
    assert set(planned) == {
        "action", "contract", "to", "function", "arguments", "gas", "fee",
    }  # fmt: skip
    assert set(tried.json()["facts"]) == set(done.json()["facts"])


async def test_channels_are_filled_up_tried_to_close_and_finished(api: Served) -> None:
    opened = (await post(api, "/v1/channels", {"service": "greeter", "amount": "5"})).json()
    channel = f"/v1/channels/{opened['facts']['channel']}"

    filled = (await post(api, f"{channel}/topup", {"amount": "1"})).json()
    tried = (await post(api, f"{channel}/close", {"cooperative": False, "dryRun": True})).json()
    (still,) = (await api.client.get("/v1/channels")).json()["items"]
    early = await post(api, "/v1/channels/withdraw")
    await post(api, f"{channel}/close", {"cooperative": False})
    finished = (await post(api, "/v1/channels/withdraw", {"toWallet": True})).json()

    assert filled["facts"]["reserved"] == "6 MESG"
    assert (len(tried["planned"]), still["phase"], early.status_code) == (1, "open", 400)
    assert finished["facts"] == {"finished": "1", "withdrawn": "6 MESG"}


async def test_a_pass_is_looked_at_and_cancelled(api: Served) -> None:
    await sold(api)
    none = (await api.client.get(f"{GREETER}/pass?account={FRIEND}")).json()
    await post(api, f"{GREETER}/passes", {"maxPrice": "2"})

    held = (await api.client.get(f"{GREETER}/pass")).json()
    cancelled = (await post(api, f"{GREETER}/pass/cancel")).json()
    again = await post(api, f"{GREETER}/pass/cancel")

    assert none == {
        "apiVersion": "v1",
        "service": "greeter",
        "account": FRIEND,
        "offer": 0,
        "expiresAt": None,
        "running": False,
        "earned": NONE,
        "refundable": NONE,
    }
    assert (held["account"], held["running"], held["refundable"]) == (str(ACCOUNT), True, TWO)
    assert cancelled["facts"] == {"sid": "greeter", "refunded": "2 MESG"}
    assert again.status_code == 409
    assert again.json()["detail"] == f"{ACCOUNT} has no pass that is still running"
    assert again.json()["cause"].startswith("cancel_pass: PassUnknown(serviceId=")


async def test_fees_and_earnings_are_told(api: Served) -> None:
    new = (await api.client.get(f"{GREETER}/fee")).json()
    await sold(api)
    ours = (await api.client.get(f"{GREETER}/fee")).json()
    earned = (await api.client.get("/v1/market/earnings?service=greeter")).json()

    assert (new["fee"]["amount"], ours["fee"]) == (str(10**18), NONE)
    assert earned == {
        "apiVersion": "v1",
        "account": NONE,
        "unclaimed": NONE,
        "items": [
            {"service": "greeter", "collectable": NONE, "vested": NONE, "held": NONE, "passes": 0}
        ],
    }


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        (f"{GREETER}/transfer", {}, "/to"),
        (f"{GREETER}/transfer", {"to": "0x12"}, "/to"),
        (f"{GREETER}/seats", {"account": FRIEND}, "/number"),
        (f"{GREETER}/seats", {"number": 0}, "/number"),
        (f"{GREETER}/seats", {"number": 65_536}, "/number"),
        (f"{GREETER}/passes", {"maxPrice": "1", "referrer": 5}, "/referrer"),
        ("/v1/wallet/deposit", {}, "/amount"),
        ("/v1/wallet/approve", {"amount": "5", "dryRun": 1}, "/dryRun"),
        ("/v1/channels/withdraw", {"toWallet": "yes"}, "/toWallet"),
        ("/v1/channels/claim", {"dryrun": True}, "/dryrun"),
    ],
)
async def test_bad_acts_are_refused_with_their_place(
    api: Served, path: str, body: dict[str, Any], where: str
) -> None:
    answer = await post(api, path, body)

    assert (answer.status_code, answer.json()["where"]) == (422, where)
