"""JSON-RPC against nodes that are away, slow to speak, hostile or merely different."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio

from mesg.marketplace.chain import rpc as rpc_module
from mesg.marketplace.chain.rpc import RpcError, open_rpc
from mesg.marketplace.domain.errors import ChainUnavailable

NOBODY_THERE = "http://127.0.0.1:9"


@asynccontextmanager
async def open_node(answer: Callable[[list[dict[str, object]]], bytes]) -> AsyncGenerator[str]:
    """Serve HTTP on a free port; `answer` makes the body out of the requests."""

    async def serve(stream: trio.SocketStream) -> None:
        head, _, body = (await stream.receive_some(65_536)).partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += await stream.receive_some(65_536)
        reply = answer(json.loads(body))
        status = b"HTTP/1.1 200 OK" if reply else b"HTTP/1.1 503 Busy"
        headers = b"%s\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (status, len(reply))
        try:
            await stream.send_all(headers + reply)
        except trio.BrokenResourceError:
            return
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        start: Callable[..., Awaitable[object]] = partial(trio.serve_tcp, serve, 0)
        listeners = await nursery.start(partial(start, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        nursery.cancel_scope.cancel()


def results(requests: list[dict[str, object]]) -> bytes:
    answers = [{"id": each["id"], "result": each["method"]} for each in reversed(requests)]
    return json.dumps(answers).encode()


async def test_answers_come_back_in_the_order_of_the_questions() -> None:
    async with open_node(results) as url, open_rpc(url) as rpc:
        assert await rpc.batch([("a", []), ("b", []), ("c", [])]) == ["a", "b", "c"]


async def test_the_next_url_is_asked_when_one_is_away() -> None:
    async with open_node(results) as url, open_rpc(NOBODY_THERE, url) as rpc:
        assert await rpc.call("a") == "a"


async def test_nobody_answering_is_unavailable() -> None:
    async with open_rpc(NOBODY_THERE) as rpc:
        with pytest.raises(ChainUnavailable, match="no Ethereum node answers"):
            await rpc.call("a")


async def test_a_busy_node_is_asked_again() -> None:
    busy = [b"", b""]

    def answer(requests: list[dict[str, object]]) -> bytes:
        return busy.pop() if busy else results(requests)

    async with open_node(answer) as url, open_rpc(url) as rpc:
        assert await rpc.call("a") == "a"


async def test_what_is_not_repeatable_is_not_repeated() -> None:
    asked: list[int] = []

    def answer(requests: list[dict[str, object]]) -> bytes:
        asked.append(len(requests))
        return b""

    async with open_node(answer) as url, open_rpc(url) as rpc:
        with pytest.raises(ChainUnavailable):
            await rpc.call("evm_mine")

    assert asked == [1]


async def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "ANSWER_BYTES_MAX", 1_000)

    async with open_node(lambda _: b" " * 1_001) as url, open_rpc(url) as rpc:
        with pytest.raises(ChainUnavailable, match="longer than 1000 bytes"):
            await rpc.call("a")


@pytest.mark.parametrize(
    "garbage", [b"<html>", b"[]", b"[1]", b'{"id": 7}', b"[" * 2_000, b'[{"id": 0}]']
)
async def test_garbage_is_unavailable(garbage: bytes) -> None:
    async with open_node(lambda _: garbage) as url, open_rpc(url) as rpc:
        with pytest.raises(ChainUnavailable, match="not JSON-RPC"):
            await rpc.call("a")


@pytest.mark.parametrize("data", ["0x1234", "Reverted 0x1234", {"data": "0x1234"}])
async def test_revert_data_is_found_wherever_nodes_put_it(data: object) -> None:
    def answer(requests: list[dict[str, object]]) -> bytes:
        error = {"code": 3, "message": "execution reverted", "data": data}
        return json.dumps([{"id": requests[0]["id"], "error": error}]).encode()

    async with open_node(answer) as url, open_rpc(url) as rpc:
        with pytest.raises(RpcError) as caught:
            await rpc.call("eth_call")

    assert caught.value.data == b"\x12\x34"
