"""Who may come in over TCP: programs of this machine that know the token, never a web page."""

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mesg.node.api.http.problems import problem_answer
from mesg.node.errors import Problem

_NAMES = ("127.0.0.1", "localhost", "[::1]")


class TcpGuard:
    """Checks Host (DNS rebinding), Origin (foreign pages) and the bearer token, in that order.

    There is no CORS: a page of another origin never reads an answer.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str) -> None:
        self._app = app
        self._hosts = frozenset(f"{name}:{port}" for name in _NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that passes, refuse others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, message = refusal
        answer = problem_answer(Problem("not_authorised", message), status)
        if status == 401:
            answer.headers["www-authenticate"] = "Bearer"
        await answer(scope, receive, send)

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        if headers.get("host", "").lower() not in self._hosts:
            return 421, "the Host header must name this machine's loopback address and port"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._origins:
            return 403, "pages of other origins may not ask"
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), self._token):
            return 401, "send the application token: Authorization: Bearer <token>"
        return None
