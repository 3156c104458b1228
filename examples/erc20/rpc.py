"""JSON-RPC 2.0 over HTTP with the standard library alone."""

import http.client
import itertools
import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_S = 20.0
ANSWER_BYTES_MAX = 16 * 1024 * 1024
"""A thousand blocks of a busy token fit; an endless answer does not."""


class RpcError(Exception):
    """The node of the chain did not answer, or answered with an error."""


class Rpc:
    """One endpoint; safe to use from several threads."""

    def __init__(self, url: str) -> None:
        """Ask that http or https URL."""
        if not url.startswith(("http://", "https://")):
            raise ValueError("ERC20_RPC_URL must be an http or https URL")
        self._url = url
        self._ids = itertools.count(1)

    def call(self, method: str, *parameters: object) -> Any:  # noqa: ANN401 - whatever JSON it is
        """Return the result; raise RpcError."""
        asked = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": parameters}
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked
            self._url, json.dumps(asked).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                told = json.loads(answer.read(ANSWER_BYTES_MAX))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise RpcError(f"{method}: {error}") from error
        if not isinstance(told, dict) or told.get("result") is None:
            raise RpcError(f"{method}: {str(told)[:500]}")
        return told["result"]
