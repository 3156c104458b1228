"""One HTTP POST with a deadline and a bounded answer; follows no redirects."""

import http.client
import json
import urllib.error
import urllib.request
from typing import IO
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
"""Between two sends or receives; a Service that hangs would hold its task for ever."""
ANSWER_BYTES_MAX = 64 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to whoever called: it could lead a POST anywhere, as a GET."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def post(url: str, data: object, headers: dict[str, object]) -> tuple[int, str]:
    """Return status and body; raise OSError if nobody answers, ValueError for a bad request."""
    if urlsplit(url).scheme not in ("http", "https"):  # urllib would open file: too
        raise ValueError(f"{url[:200]!r} is not an http or https URL")
    request = urllib.request.Request(url, json.dumps(data).encode(), method="POST")  # noqa: S310
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name, str(value))
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return answer.status, _text(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _text(error)
    except http.client.HTTPException as error:
        raise OSError(f"the answer is not HTTP: {error!r}") from error


def _text(answer: IO[bytes]) -> str:
    return answer.read(ANSWER_BYTES_MAX).decode("utf-8", "replace")
