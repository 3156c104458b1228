"""The HTTP server at the story's end, where the webhooks really arrive."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

BODY_BYTES_MAX = 64 << 10


class Inbox:
    """What was posted, in the order it came."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.url = ""


@contextmanager
def open_inbox() -> Iterator[Inbox]:
    """Serve on a free port until the block is left."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length", "0")), BODY_BYTES_MAX)
            inbox.received.append(json.loads(self.rfile.read(size)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the story is told elsewhere."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.url = f"http://127.0.0.1:{server.server_port}/transfers"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
