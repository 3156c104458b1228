"""A small HTTP server that hands every request on; bounded in size, time and number."""

import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

BODY_BYTES_MAX = 64 * 1024
REQUEST_S_MAX = 10
REQUESTS_MAX = 32
"""At once; a further one is hung up on."""

Emit = Callable[[dict[str, Any]], object]


class RequestServer(ThreadingHTTPServer):
    """Bound once made; `serve_forever` serves. `emit` is called in a thread per request."""

    daemon_threads = True

    def __init__(self, host: str, port: int, emit: Emit) -> None:
        """Bind to that address."""
        super().__init__((host, port), _Handler)
        self.emit = emit
        self._free = threading.BoundedSemaphore(REQUESTS_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve it in a thread if one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Free the thread at the end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_S_MAX
    server_version = "mesg-webhook"
    sys_version = ""

    def _receive(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self._answer(413, {"error": f"at most {BODY_BYTES_MAX} bytes, with Content-Length"})
            return
        body = self.rfile.read(int(length))
        try:
            emit = cast("RequestServer", self.server).emit
            emit({"path": self.path, "method": self.command, "data": _parse(body)})
        except Exception as error:  # noqa: BLE001 - the sender must get an answer in any case
            print(f"a request was not emitted: {error}", file=sys.stderr)
            self._answer(503, {"error": "try again"})
            return
        self._answer(202, {})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _receive  # noqa: N815 - the names that http.server looks for

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _parse(body: bytes) -> Any:  # noqa: ANN401
    text = body.decode("utf-8", "replace")
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
