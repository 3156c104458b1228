"""Our messages against the .proto files that mesg-js 2.1.0 carries: those of MESG Core 0.9."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from tests.interop.mesgjs.runner import FOLDER, install

from mesg.node.api.grpc.methods import original_files

pytestmark = pytest.mark.node_js

Shape = dict[str, object]
ADDED = {"SubmitResultRequest.error": (4, 9, 1, "")}
"""Of version 0.10; clients of 0.9 never set it."""


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install()


def of_2018(file: str, folder: Path) -> FileDescriptorSet:
    sources = FOLDER / "node_modules" / "mesg-js" / "lib"
    made = folder / "set.binpb"
    compiler = [sys.executable, "-m", "grpc_tools.protoc", f"-I{sources}", "--include_imports"]
    subprocess.run([*compiler, f"--descriptor_set_out={made}", str(sources / file)], check=True)
    return FileDescriptorSet.FromString(made.read_bytes())


def shape(file: FileDescriptorProto) -> Shape:
    """Return every field and method by name, as far as it is seen on the wire."""
    fields: Shape = {}
    for message in file.message_type:
        fields |= _fields(message, message.name)
    for service in file.service:
        for method in service.method:
            streams = method.client_streaming, method.server_streaming
            fields[f"{service.name}/{method.name}"] = streams
    return fields


def _fields(message: DescriptorProto, name: str) -> Shape:
    own: Shape = {
        f"{name}.{field.name}": (field.number, field.type, field.label, _target(field))
        for field in message.field
    }
    values = {
        f"{name}.{enum.name}.{value.name}": value.number
        for enum in message.enum_type
        for value in enum.value
    }
    nested = [_fields(inner, f"{name}.{inner.name}") for inner in message.nested_type]
    return own | values | {key: value for inner in nested for key, value in inner.items()}


def _target(field: FieldDescriptorProto) -> str:
    return field.type_name.rpartition(".")[2].replace("ServiceInfo", "Service")


def renamed(fields: Shape) -> Shape:
    """Call our ServiceInfo by its name of 2018."""
    return {key.replace("ServiceInfo.", "Service."): value for key, value in fields.items()}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("protobuf/coreapi/api.proto", "mesg/sdk/wire/core.proto"),
        ("protobuf/serviceapi/api.proto", "mesg/sdk/wire/service.proto"),
    ],
)
def test_fields_and_methods_are_those_of_2018(tmp_path: Path, theirs: str, ours: str) -> None:
    known = {file.name: file for file in of_2018(theirs, tmp_path).file}
    files = {file.name: file for file in original_files()}

    added = {key: value for key, value in ADDED.items() if ours.endswith("service.proto")}
    assert renamed(shape(files[ours])) == shape(known[theirs]) | added
    assert files[ours].package == known[theirs].package == "api"


def test_definitions_are_those_of_2018(tmp_path: Path) -> None:
    known = {file.package: file for file in of_2018("protobuf/coreapi/api.proto", tmp_path).file}
    ours = {file.package: file for file in original_files()}

    assert shape(ours["definition"]) == shape(known["definition"])
