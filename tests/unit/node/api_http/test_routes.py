"""The HTTP API over its real socket: shapes, problems, limits, streams, doors."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from tests.unit.node.api_http.served import TOKEN, Served, served

from mesg.marketplace.domain.errors import Refused
from mesg.node.api.http import open_http_api
from mesg.node.api.http.requests import BODY_BYTES_MAX
from mesg.node.domain.shape import JSON_DEPTH_MAX
from mesg.node.testing.memory_counter import PASSWORD, PEER, MemoryCounter


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Served]:
    with trio.fail_after(20):
        async with served(tmp_path) as one:
            yield one


async def post(api: Served, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
    return await api.client.post(path, json=body or {})


async def running(api: Served) -> None:
    await post(api, "/v1/services", {"source": "/somewhere/greeter"})
    await post(api, "/v1/services/greeter/start")


async def test_the_node_at_a_glance(api: Served) -> None:
    answer = (await api.client.get("/v1/node")).json()

    assert answer["apiVersion"] == "v1"
    assert (answer["peer"], answer["chainId"], answer["wallet"]) == (PEER, 31337, "locked")


async def test_a_service_is_deployed_started_listed_and_deleted(api: Served) -> None:
    deployed = await post(
        api, "/v1/services", {"source": "/x/greeter", "environment": {"KEY": "secret"}}
    )
    started = await post(api, "/v1/services/greeter/start")
    listed = await api.client.get("/v1/services")
    deleted = await api.client.delete("/v1/services/greeter?deleteData=true")

    assert deployed.status_code == 201
    assert deployed.json()["environment"] == ["KEY"]
    assert started.json()["status"] == "running"
    assert [one["service"] for one in listed.json()["items"]] == ["greeter"]
    assert deleted.status_code == 204
    assert api.counter.data_deleted == {"greeter"}


async def test_a_call_answers_with_outputs_and_the_execution_is_kept(api: Served) -> None:
    await running(api)

    called = (
        await post(
            api,
            "/v1/calls",
            {"service": "greeter", "task": "greet", "inputs": {"name": "Ada"}, "maxPrice": "1"},
        )
    ).json()
    kept = (await api.client.get(f"/v1/executions/{called['execution']}")).json()

    listed = (await api.client.get("/v1/executions?most=1")).json()["items"]
    none = await api.client.get("/v1/executions?most=0")
    assert called["outputs"] == {"text": "hello Ada"}
    assert [one["execution"] for one in listed] == [called["execution"]]
    assert none.status_code == 422
    assert called["charged"] == {"amount": "0", "symbol": "MESG", "decimals": 18}
    assert called["finishedAt"] == "2026-09-21T14:13:20.005000Z"
    assert kept == called


async def test_an_execution_begins_and_its_result_is_heard(api: Served) -> None:
    await running(api)
    asked: dict[str, Any] = {"service": "greeter", "task": "greet", "inputs": {"name": "Bo"}}

    async with api.streams.open_stream(
        "services", "greeter", "results", query=[("tag", "t")]
    ) as results:
        await post(api, "/v1/executions", asked)
        begun = await post(api, "/v1/executions", {**asked, "tags": ["t"]})
        heard = await anext(results)

    assert begun.status_code == 202
    assert heard["execution"] == begun.json()["execution"]


async def test_events_are_cloud_events_that_can_be_resumed(api: Served) -> None:
    await running(api)
    for number in range(3):
        await api.counter.emit("greeter", "greeted", {"text": str(number)})

    async with api.streams.open_stream(
        "services", "greeter", "events", query=[("after", "1")]
    ) as events:
        past = [await anext(events) for _ in range(2)]
        await api.counter.emit("greeter", "greeted", {"text": "new"})
        new = await anext(events)

    assert [one["sequence"] for one in past] == ["2", "3"]
    assert new["data"] == {"text": "new"}
    assert new["type"] == "mesg.greeter.greeted"
    assert new["source"] == f"mesg://{PEER}/greeter"


async def test_events_as_server_sent_events_resume_by_their_last_id(api: Served) -> None:
    await running(api)
    await api.counter.emit("greeter", "greeted", {"text": "0"})
    await api.counter.emit("greeter", "greeted", {"text": "1"})
    head = b"GET /v1/services/greeter/events HTTP/1.1\r\nhost: x\r\n"

    async with await trio.open_unix_socket(str(api.socket)) as stream:
        await stream.send_all(head + b"accept: text/event-stream\r\nlast-event-id: 1\r\n\r\n")
        answer = b""
        while not answer.endswith(b"\n\n\r\n"):
            answer += await stream.receive_some()

    assert b"content-type: text/event-stream" in answer
    assert b"id: 2\ndata: {" in answer
    assert b'"data":{"text":"1"}' in answer
    assert b"id: 1\n" not in answer


async def test_a_listener_that_leaves_is_forgotten(api: Served) -> None:
    await running(api)

    async with api.streams.open_stream("services", "greeter", "events"):
        assert len(api.counter.listeners) == 1

    await api.counter.listeners.wait_for(0)


async def test_logs_end_unless_followed(api: Served) -> None:
    await running(api)

    answer = await api.client.get("/v1/services/greeter/logs?tail=1")

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.json() == {"stream": "stderr", "dependency": "service", "text": "careful"}


async def test_a_stream_that_cannot_begin_is_a_problem(api: Served) -> None:
    answer = await api.client.get("/v1/services/nobody/events")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "not_found",
        "title": "not found",
        "status": 404,
        "detail": "there is no service 'nobody'",
        "where": "",
        "hint": "see them: mesg service list",
        "retryable": False,
        "cause": "",
    }


async def test_the_market_from_publication_to_a_pass(api: Served) -> None:
    await running(api)
    terms = {"kind": "pass", "price": "2 MESG", "durationSeconds": 60, "referrerBps": 1000}

    await post(api, "/v1/market/services/greeter/publish")
    await post(api, "/v1/market/services/greeter/offers", terms)
    dear = await post(api, "/v1/market/services/greeter/passes", {"maxPrice": "1 MESG"})
    bought = await post(
        api, "/v1/market/services/greeter/passes", {"maxPrice": {"amount": str(2 * 10**18)}}
    )
    shown = (await api.client.get("/v1/market/services/greeter")).json()
    found = (await api.client.get("/v1/market/services?text=greet")).json()

    assert (dear.status_code, dear.json()["type"]) == (402, "price_above_max")
    assert bought.json()["facts"]["price"] == "2 MESG"
    assert shown["offers"][0]["price"]["amount"] == "2000000000000000000"
    assert shown["passExpiresAt"] == "2026-09-21T14:14:20Z"
    assert [one["service"] for one in found["items"]] == ["greeter"]


async def test_channels_open_claim_and_close(api: Served) -> None:
    opened = (await post(api, "/v1/channels", {"service": "greeter", "amount": "5"})).json()
    claimed = (await post(api, "/v1/channels/claim")).json()
    closed = await post(api, f"/v1/channels/{opened['facts']['channel']}/close")
    listed = (await api.client.get("/v1/channels")).json()

    assert claimed["facts"] == {"claimed": "3 MESG"}
    assert closed.status_code == 200
    assert [one["phase"] for one in listed["items"]] == ["closed"]


async def test_the_wallet_is_unlocked_with_the_right_password(api: Served) -> None:
    wrong = await post(api, "/v1/wallet/unlock", {"password": "x"})
    right = await post(api, "/v1/wallet/unlock", {"password": PASSWORD})
    balances = (await api.client.get("/v1/wallet/balances")).json()
    collected = await post(api, "/v1/wallet/collect")

    assert (wrong.status_code, right.status_code, collected.status_code) == (423, 200, 200)
    assert balances["tokens"]["amount"] == str(100 * 10**18)


async def test_the_node_is_told_to_stop(api: Served) -> None:
    answer = await post(api, "/v1/node/stop")

    assert answer.status_code == 202
    assert api.counter.stopped.is_set()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"service": 1, "task": "t"}', "/service"),
        ('{"service": "s"}', "/task"),
        ('{"service": "s", "task": "t", "inputs": []}', "/inputs"),
        ('{"service": "s", "task": "t", "timeoutSeconds": -1}', "/timeoutSeconds"),
        ('{"service": "s", "task": "t", "timeoutSeconds": 3601}', "/timeoutSeconds"),
        ('{"service": "s", "task": "t", "maxPrice": 1.5}', "/maxPrice"),
        ('{"service": "s", "task": "t", "price": "1"}', "/price"),
        ('{"service": "s", "service": "s", "task": "t"}', ""),
        ('{"service": "s", "task": "t", "inputs": {"x": NaN}}', ""),
        ('{"service": "s", "task": "t", "inputs": {"x": 1e999}}', ""),
        ("[]", ""),
        ("{", "line 1 column 2"),
        ("[" * 100_000, ""),
        ('{"a":' * (JSON_DEPTH_MAX + 1) + "1" + "}" * (JSON_DEPTH_MAX + 1), ""),
    ],
)
async def test_bad_bodies_are_refused_with_their_place(api: Served, body: str, where: str) -> None:
    headers = {"content-type": "application/json"}

    answer = await api.client.post("/v1/calls", content=body, headers=headers)

    assert answer.status_code == 422
    assert (answer.json()["type"], answer.json()["where"]) == ("invalid_input", where)


async def test_a_body_has_a_limit_and_must_be_json(api: Served) -> None:
    headers = {"content-type": "application/json"}
    long = await api.client.post("/v1/calls", content=b" " * (BODY_BYTES_MAX + 1), headers=headers)
    at_the_limit = b'{"service": "s"' + b" " * (BODY_BYTES_MAX - 16) + b"}"
    full = await api.client.post("/v1/calls", content=at_the_limit, headers=headers)
    form = await api.client.post("/v1/calls", content=b"service=s")

    assert "more than" in long.json()["detail"]
    assert full.json()["where"] == "/task"
    assert form.json()["where"] == "content-type"


async def test_paths_and_methods_that_do_not_exist_are_problems(api: Served) -> None:
    missing = await api.client.get("/v1/nothing")
    wrong = await api.client.put("/v1/node")

    assert (missing.status_code, missing.json()["type"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "refused")


async def test_tcp_takes_only_programs_with_the_token(api: Served) -> None:
    good = {"authorization": f"Bearer {TOKEN}"}
    trials: dict[str, tuple[dict[str, str], int]] = {
        "token": (good, 200),
        "own origin": ({**good, "origin": api.tcp}, 200),
        "no token": ({}, 401),
        "wrong token": ({"authorization": "Bearer x"}, 401),
        "basic": ({"authorization": f"Basic {TOKEN}"}, 401),
        "foreign page": ({**good, "origin": "https://evil.example"}, 403),
        "rebound name": ({**good, "host": "evil.example"}, 421),
    }

    async with httpx2.AsyncClient() as client:
        seen = {
            name: (await client.get(f"{api.tcp}/v1/node", headers=headers)).status_code
            for name, (headers, _) in trials.items()
        }
        answer = await client.get(f"{api.tcp}/v1/node", headers=good)

    assert seen == {name: status for name, (_, status) in trials.items()}
    assert "access-control-allow-origin" not in answer.headers


async def test_the_socket_is_its_owners_only_and_taken_once(api: Served) -> None:
    assert api.socket.stat().st_mode & 0o777 == 0o600
    assert api.socket.parent.stat().st_mode & 0o777 == 0o700

    with pytest.raises(Refused, match="already running"):
        async with open_http_api(MemoryCounter(), socket_path=api.socket, token=TOKEN):
            pass


async def test_a_dead_nodes_socket_is_replaced_and_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run" / "node.sock"
    async with served(tmp_path):
        path.rename(path.with_suffix(".old"))
    path.with_suffix(".old").rename(path)

    async with served(tmp_path) as again:
        assert (await again.client.get("/v1/node")).status_code == 200
    assert not path.exists()


async def test_a_bug_is_answered_without_its_insides(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        api.counter.handlers["greet"] = lambda inputs: inputs["no such key"]
        await running(api)

        answer = await post(api, "/v1/calls", {"service": "greeter", "task": "greet"})

    assert answer.status_code == 500
    assert answer.json()["type"] == "bug"
    assert "no such key" not in answer.text
