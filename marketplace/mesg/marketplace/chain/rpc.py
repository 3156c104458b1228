"""JSON-RPC to one or several Ethereum nodes over HTTP: deadlines, retries, size limits; knows no contract."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import httpx2
import trio

from mesg.marketplace.domain.errors import ChainUnavailable

ANSWER_S_MAX = 10.0
"""A node that takes longer is treated as away and the next URL is asked."""
ANSWER_BYTES_MAX = 16 * 1024 * 1024
"""A thousand blocks full of our logs fit; a node that sends more is broken or hostile."""
ROUNDS_MAX = 3
"""How often all URLs are tried before we give up: about a second of trouble is bridged."""
ROUND_PAUSE_S = 0.2
BATCH_MAX = 100
"""Public nodes refuse longer batches."""
_RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
_ONCE = frozenset({"evm_mine", "evm_increaseTime", "anvil_reorg", "eth_sendTransaction"})
"""Methods that do it again when asked again; a raw transaction does not."""

Request = tuple[str, Sequence[object]]


class RpcError(Exception):
    """A node's answer that is an error; `data` is what a contract answered when it reverted."""

    def __init__(self, code: int, message: str, data: bytes = b"") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


@dataclass(slots=True)
class JsonRpc:
    """Asks the first URL that answers; every method raises ChainUnavailable when none does."""

    urls: Sequence[str]
    _client: httpx2.AsyncClient = field(repr=False)
    _ids: "count[int]" = field(default_factory=count, repr=False)

    async def call(self, method: str, *parameters: object) -> object:
        """Return the result; raise RpcError if the node answers with an error."""
        (answer,) = await self._ask([(method, parameters)])
        if isinstance(answer, RpcError):
            raise answer
        return answer

    async def batch(self, requests: Sequence[Request]) -> list[object]:
        """Return the results in order; raise the first RpcError among them."""
        found = await self.try_batch(requests)
        for each in found:
            if isinstance(each, RpcError):
                raise each
        return found

    async def try_batch(self, requests: Sequence[Request]) -> list[object]:
        """Return the results in order, with an RpcError in the place of a failed one."""
        found: list[object] = []
        for start in range(0, len(requests), BATCH_MAX):
            found += await self._ask(requests[start : start + BATCH_MAX])
        return found

    async def _ask(self, requests: Sequence[Request]) -> list[object]:
        first = next(self._ids) * BATCH_MAX
        body = json.dumps(
            [
                {"jsonrpc": "2.0", "id": first + place, "method": method, "params": parameters}
                for place, (method, parameters) in enumerate(requests)
            ]
        ).encode()
        raw = await self._post(body, again=not any(method in _ONCE for method, _ in requests))
        return _in_order(raw, first=first, expected=len(requests))

    async def _post(self, body: bytes, *, again: bool) -> bytes:
        problem = "no URL is configured"
        for round_number in range(ROUNDS_MAX if again else 1):
            if round_number:
                await trio.sleep(ROUND_PAUSE_S * 2 ** (round_number - 1))
            for url in self.urls:
                try:
                    return await self._post_once(url, body)
                except _NodeAwayError as error:
                    problem = f"{url}: {error}"
        raise ChainUnavailable(f"no Ethereum node answers ({problem})", hint="check the RPC URLs")

    async def _post_once(self, url: str, body: bytes) -> bytes:
        try:
            with trio.fail_after(ANSWER_S_MAX):
                async with self._client.stream("POST", url, content=body) as response:
                    if response.status_code in _RETRIED_STATUSES:
                        raise _NodeAwayError(f"HTTP {response.status_code}")
                    return await _read(response)
        except trio.TooSlowError as error:
            raise _NodeAwayError(f"no answer in {ANSWER_S_MAX:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _NodeAwayError(str(error) or type(error).__name__) from error


class _NodeAwayError(Exception):
    """This node does not answer; another may."""


@asynccontextmanager
async def open_rpc(*urls: str) -> AsyncGenerator[JsonRpc]:
    """Open connections to nodes of one chain, the preferred one first."""
    limits = httpx2.Limits(max_connections=16)
    # Compressed answers could be a thousand times what is counted.
    headers = {"content-type": "application/json", "accept-encoding": "identity"}
    async with httpx2.AsyncClient(timeout=ANSWER_S_MAX, limits=limits, headers=headers) as client:
        yield JsonRpc(urls, client)


def quantity(value: object) -> int:
    """Read a hexadecimal number out of an answer."""
    try:
        return int(cast("str", value), 16)
    except (TypeError, ValueError) as error:
        raise ChainUnavailable(f"the node answered {value!r:.80}, not a number") from error


def binary(value: object) -> bytes:
    """Read hexadecimal bytes out of an answer."""
    try:
        return bytes.fromhex(cast("str", value).removeprefix("0x"))
    except (AttributeError, TypeError, ValueError) as error:
        raise ChainUnavailable(f"the node answered {value!r:.80}, not bytes") from error


def member(value: object, name: str) -> object:
    """Read a member of an object out of an answer."""
    if not isinstance(value, dict) or name not in value:
        raise ChainUnavailable(f"the node answered {value!r:.80}, which has no {name}")
    return value[name]


async def _read(response: httpx2.Response) -> bytes:
    chunks = bytearray()
    # Cancelled from within, the client's generators end in order; left early, they would linger.
    with trio.CancelScope() as scope:
        async for chunk in response.aiter_raw():
            chunks += chunk
            if len(chunks) > ANSWER_BYTES_MAX:
                scope.cancel()
    if len(chunks) > ANSWER_BYTES_MAX:
        raise _NodeAwayError(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
    return bytes(chunks)


def _in_order(raw: bytes, *, first: int, expected: int) -> list[object]:
    try:
        answers = json.loads(raw)
        entries = answers if isinstance(answers, list) else [answers] * expected
        places = {entry["id"]: entry for entry in entries if entry.get("id") is not None}
        if places:
            return [_outcome(places[first + place]) for place in range(expected)]
        return [_outcome(entries[place]) for place in range(expected)]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ChainUnavailable(f"the node answered {raw[:80]!r}, not JSON-RPC") from error


def _outcome(entry: dict[str, object]) -> object:
    if "error" not in entry:
        return entry["result"]
    error = cast("dict[str, object]", entry["error"])
    return RpcError(
        int(cast("int", error.get("code", 0))),
        str(error.get("message", "")),
        _revert_data(error.get("data")),
    )


def _revert_data(data: object) -> bytes:
    """Return what the contract answered; nodes wrap it differently."""
    if isinstance(data, dict):
        data = data.get("data")
    digits = data.removeprefix("Reverted ").removeprefix("0x") if isinstance(data, str) else ""
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return b""
