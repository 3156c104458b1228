"""The methods of a .proto service bound to our own, under the names by which 2018 clients call them.

The messages are compiled under private packages; reflection shows them under the original ones.
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.reflection_pb2 import DESCRIPTOR as _REFLECTION

from mesg.node.api.grpc.status import abort, expected_error
from mesg.sdk.wire import core_pb2, definition_pb2, service_pb2

CORE = "api.Core"
SERVICE = "api.Service"

Admit = Callable[[Any], AbstractContextManager[None]]
_Method = Callable[[Any, Any], Awaitable[Any]]

_ORIGINAL_PACKAGES = (
    ("mesg.sdk.wire.definition", "definition"),
    ("mesg.sdk.wire.core", "api"),
    ("mesg.sdk.wire.service", "api"),
)
_FILES = (definition_pb2.DESCRIPTOR, core_pb2.DESCRIPTOR, service_pb2.DESCRIPTOR)


def core_handler(methods: object, *, admit: Admit) -> grpc.GenericRpcHandler:
    """Bind the Core API to an object with its methods in snake case."""
    return _bind(CORE, core_pb2.DESCRIPTOR, methods, admit)


def service_handler(methods: object) -> grpc.GenericRpcHandler:
    """Bind the Service API; its tokens are checked by the desk."""
    return _bind(SERVICE, service_pb2.DESCRIPTOR, methods, admit_all)


def reflection_handlers(names: tuple[str, ...]) -> tuple[grpc.GenericRpcHandler, ...]:
    """Answer server reflection, version 1 and its alpha, for the named services."""
    servicer = reflection.aio.ReflectionServicer(names, pool=_original_pool())
    method = _REFLECTION.services_by_name["ServerReflection"].methods[0]
    handler = grpc.stream_stream_rpc_method_handler(servicer.ServerReflectionInfo, *_codec(method))
    return tuple(
        grpc.method_handlers_generic_handler(
            f"grpc.reflection.{version}.ServerReflection", {method.name: handler}
        )
        for version in ("v1", "v1alpha")
    )


def admit_all(_context: Any) -> AbstractContextManager[None]:  # noqa: ANN401
    """Let everybody in: something else (a token, a file's permissions) keeps strangers out."""
    return nullcontext()


def _bind(
    path: str, file: FileDescriptor, methods: object, admit: Admit
) -> grpc.GenericRpcHandler:
    described = file.services_by_name[path.rpartition(".")[2]].methods
    bound: grpc.GenericRpcHandler = grpc.method_handlers_generic_handler(
        path, {method.name: _handler(method, methods, admit) for method in described}
    )
    return bound


def _handler(method: MethodDescriptor, methods: object, admit: Admit) -> grpc.RpcMethodHandler:
    bound = _guarded(getattr(methods, _snake(method.name)), admit)
    make: Any = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[method.client_streaming, method.server_streaming]
    handler: grpc.RpcMethodHandler = make(bound, *_codec(method))
    return handler


def _guarded(method: _Method, admit: Admit) -> _Method:
    """Admit the caller, and answer our refusals with their status; a bug goes on to grpc's log."""

    async def answer(request: Any, context: Any) -> Any:  # noqa: ANN401
        try:
            with admit(context):
                return await method(request, context)
        except Exception as failure:
            error = expected_error(failure)
            if error is None:
                raise
            await abort(context, error)

    return answer


def _codec(method: MethodDescriptor) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
    request, reply = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    return request.FromString, reply.SerializeToString


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def original_files() -> tuple[FileDescriptorProto, ...]:
    """Return the three files with their packages called as in 2018."""
    return tuple(_renamed(file) for file in _FILES)


def _original_pool() -> DescriptorPool:
    pool = DescriptorPool()
    for file in original_files():
        pool.Add(file)
    return pool


def _renamed(file: FileDescriptor) -> FileDescriptorProto:
    """Return the file with its own and its imports' packages called as in 2018."""
    text = FileDescriptorProto()
    file.CopyToProto(text)
    _rename_types(text.message_type)
    for service in text.service:
        for method in service.method:
            method.input_type = _original(method.input_type)
            method.output_type = _original(method.output_type)
    text.package = _original("." + text.package)[1:]
    return text


def _rename_types(messages: Any) -> None:  # noqa: ANN401
    for message in messages:
        for field in message.field:
            if field.type_name:
                field.type_name = _original(field.type_name)
        _rename_types(message.nested_type)


def _original(name: str) -> str:
    for private, original in _ORIGINAL_PACKAGES:
        if name == f".{private}" or name.startswith(f".{private}."):
            return f".{original}{name[len(private) + 1 :]}"
    return name
