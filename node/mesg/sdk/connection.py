"""Where the node is, and the methods it has there (the gRPC wire of MESG Core 0.9)."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message_factory import GetMessageClass

from mesg.sdk.errors import Refused
from mesg.sdk.wire import core_pb2, service_pb2

HOME_DEFAULT = "~/.local/share/mesg"
CORE_SOCKET = "run/core.sock"
"""Where a node's home has the Core API, for its own user."""
MESSAGE_BYTES_MAX = 4 << 20
_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.enable_http_proxy", 0),  # the node is on this machine
)


def open_channel(endpoint: str) -> grpc.Channel:
    """Connect to HOST:PORT or unix:PATH, lazily."""
    channel: grpc.Channel = grpc.insecure_channel(endpoint, options=_OPTIONS)
    return channel


def core_endpoint() -> str:
    """Return MESG_ENDPOINT, or the core socket in MESG_HOME."""
    given = os.environ.get("MESG_ENDPOINT", "")
    home = os.environ.get("MESG_HOME", "") or HOME_DEFAULT
    return given or f"unix:{Path(home).expanduser().absolute() / CORE_SOCKET}"


def core_methods(channel: grpc.Channel) -> Mapping[str, Callable[..., Any]]:
    """Return the methods of `api.Core` by name."""
    return _methods(channel, "api.Core", core_pb2.DESCRIPTOR)


def service_methods(channel: grpc.Channel) -> Mapping[str, Callable[..., Any]]:
    """Return the methods of `api.Service` by name."""
    return _methods(channel, "api.Service", service_pb2.DESCRIPTOR)


def encode_object(data: Mapping[str, Any], *, what: str) -> str:
    """Return a JSON object as text; raise Refused for what JSON cannot say."""
    if not isinstance(data, Mapping):
        raise Refused(f"{what} must be a dict, not {type(data).__name__}", code="invalid_input")
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise Refused(f"{what} cannot be written as JSON: {error}", code="invalid_input") from None


def _methods(
    channel: grpc.Channel, path: str, file: FileDescriptor
) -> Mapping[str, Callable[..., Any]]:
    make: Any = {False: channel.unary_unary, True: channel.unary_stream}
    return {
        method.name: make[method.server_streaming](
            f"/{path}/{method.name}",
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        for method in file.services_by_name[path.rpartition(".")[2]].methods
        if not method.client_streaming
    }
