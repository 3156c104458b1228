"""The HTTP API: every `Counter` method as JSON, for scripts, applications and the command line."""

from mesg.node.api.http.server import open_http_api

__all__ = ["open_http_api"]
