"""Posts JSON to URLs, and emits an event for each HTTP request it receives."""

import os
import threading
from typing import Any

from caller import post
from receiver import RequestServer

from mesg.sdk import Service

service = Service()


@service.task("call")
def call(inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """POST the data; any HTTP answer is a success, no answer is an error."""
    try:
        status, body = post(inputs["url"], inputs["data"], inputs.get("headers") or {})
    except (OSError, ValueError) as error:
        return "error", {"message": str(error) or type(error).__name__}
    return "success", {"statusCode": status, "body": body}


def main() -> None:
    """Serve tasks, and requests if a port is given."""
    port = int(os.environ.get("WEBHOOK_PORT") or 0)
    if port:
        default = os.environ.get("WEBHOOK_HOST_DEFAULT") or "127.0.0.1"
        host = os.environ.get("WEBHOOK_HOST") or default
        server = RequestServer(host, port, lambda request: service.emit("request", request))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"requests are received on {host}:{port}")
    service.run()


if __name__ == "__main__":
    main()
