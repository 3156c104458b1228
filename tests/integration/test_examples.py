"""The example Services do the same as processes and in containers, against real HTTP and a real chain."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from tests.integration.places import Place, place, receive
from tests.support.instances import (
    EXAMPLES,
)

__all__ = ["place"]


class Answerer(BaseHTTPRequestHandler):
    """Tells what it was sent; /missing and /moved answer as they are named."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = {"sent": json.loads(body), "color": self.headers["X-Color"]}
        statuses = {"/missing": 404, "/moved": 302}
        self.send_response(statuses.get(self.path, 200))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def http_port() -> Iterator[int]:
    with ThreadingHTTPServer(("0.0.0.0", 0), Answerer) as server:  # noqa: S104 - containers come too
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


SENTENCES: list[tuple[dict[str, object], str, str]] = [
    ({"value": "1"}, "success", "A sent 0.000000000000000001 tokens to B."),
    ({"value": "0", "symbol": "MESG"}, "success", "A sent 0 MESG to B."),
    (
        {"value": str(2**256 - 1), "decimals": 0},
        "success",
        f"A sent {2**256 - 1:,} tokens to B.",
    ),
    (
        {"value": "1234500000", "decimals": 6.0, "block": 7, "transactionHash": "0x1"},
        "success",
        "A sent 1,234.5 tokens to B in block 7 (transaction 0x1).",
    ),
    ({"value": "1.5"}, "error", "value must be 1 to 78 decimal digits, not '1.5'"),
    ({"value": ""}, "error", "value must be 1 to 78 decimal digits, not ''"),
    ({"value": "1", "decimals": 78}, "error", "decimals must be at most 77, not 78"),
    ({"value": "1", "decimals": -1}, "error", "decimals must be a whole number, not -1"),
    ({"value": "1", "block": 0.5}, "error", "block must be a whole number, not 0.5"),
    ({"value": "1", "symbol": "a\nb"}, "error", "symbol must be 1 to 100 printable characters"),
]


async def test_transfer_message_says_the_exact_amount(place: Place) -> None:
    spec = await place.node.spec(EXAMPLES / "transfer-message")
    await place.node.start_and_listen(spec)

    for inputs, output, message in SENTENCES:
        ended = await place.node.call(
            "transfer-message", "compose", {"from": "A", "to": "B", **inputs}
        )
        assert (ended.output_key, ended.outputs) == (output, {"message": message})


async def test_webhook_calls(place: Place, http_port: int) -> None:
    await place.node.start_and_listen(await place.node.spec(EXAMPLES / "webhook"))
    url = f"http://{place.this_machine}:{http_port}"

    async def call(url: str) -> tuple[str, object]:
        inputs = {"url": url, "data": {"n": 1}, "headers": {"X-Color": "red"}}
        ended = await place.node.call("webhook", "call", inputs)
        return ended.output_key, ended.outputs.get("statusCode")

    inputs = {"url": url, "data": {"n": 1}, "headers": {"X-Color": "red"}}
    ended = await place.node.call("webhook", "call", inputs)
    assert ended.output_key == "success"
    assert ended.outputs["statusCode"] == 200
    assert json.loads(ended.outputs["body"]) == {"sent": {"n": 1}, "color": "red"}
    assert await call(f"{url}/missing") == ("success", 404)
    assert await call(f"{url}/moved") == ("success", 302)
    assert await call("http://127.0.0.1:1/") == ("error", None)
    assert await call("file:///etc/passwd") == ("error", None)
    assert await call("nonsense") == ("error", None)


async def test_webhook_tells_of_requests(place: Place) -> None:
    spec = await place.node.spec(EXAMPLES / "webhook", {"WEBHOOK_PORT": "8090"})
    await place.node.start_and_listen(spec)

    async with place.node.memory.events("webhook") as events, httpx2.AsyncClient() as client:
        answer = await client.post("http://127.0.0.1:8090/a?b=1", json={"n": 1})
        assert answer.status_code == 202
        assert (await client.get("http://127.0.0.1:8090/")).status_code == 202
        assert (await client.put("http://127.0.0.1:8090/", content=b"text")).status_code == 202
        large = await client.post("http://127.0.0.1:8090/", content=bytes(65_537))
        assert large.status_code == 413
        told = [(await receive(events)).data for _ in range(3)]

    assert told == [
        {"path": "/a?b=1", "method": "POST", "data": {"n": 1}},
        {"path": "/", "method": "GET", "data": None},
        {"path": "/", "method": "PUT", "data": "text"},
    ]
