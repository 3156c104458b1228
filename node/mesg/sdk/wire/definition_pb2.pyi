from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Service(_message.Message):
    __slots__ = ("name", "description", "tasks", "events", "dependencies", "configuration", "repository", "hash", "sid")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    SID_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    tasks: _containers.RepeatedCompositeFieldContainer[Task]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    dependencies: _containers.RepeatedCompositeFieldContainer[Dependency]
    configuration: Configuration
    repository: str
    hash: str
    sid: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., tasks: _Optional[_Iterable[_Union[Task, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., dependencies: _Optional[_Iterable[_Union[Dependency, _Mapping]]] = ..., configuration: _Optional[_Union[Configuration, _Mapping]] = ..., repository: _Optional[str] = ..., hash: _Optional[str] = ..., sid: _Optional[str] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("name", "description", "data", "key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    data: _containers.RepeatedCompositeFieldContainer[Parameter]
    key: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., data: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., key: _Optional[str] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("name", "description", "inputs", "outputs", "key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    inputs: _containers.RepeatedCompositeFieldContainer[Parameter]
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    key: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ..., key: _Optional[str] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("name", "description", "data", "key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    data: _containers.RepeatedCompositeFieldContainer[Parameter]
    key: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., data: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., key: _Optional[str] = ...) -> None: ...

class Parameter(_message.Message):
    __slots__ = ("name", "description", "type", "optional", "key", "repeated", "object")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONAL_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    type: str
    optional: bool
    key: str
    repeated: bool
    object: _containers.RepeatedCompositeFieldContainer[Parameter]
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., type: _Optional[str] = ..., optional: _Optional[bool] = ..., key: _Optional[str] = ..., repeated: _Optional[bool] = ..., object: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ...) -> None: ...

class Configuration(_message.Message):
    __slots__ = ("volumes", "volumesFrom", "ports", "args", "command")
    VOLUMES_FIELD_NUMBER: _ClassVar[int]
    VOLUMESFROM_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    volumes: _containers.RepeatedScalarFieldContainer[str]
    volumesFrom: _containers.RepeatedScalarFieldContainer[str]
    ports: _containers.RepeatedScalarFieldContainer[str]
    args: _containers.RepeatedScalarFieldContainer[str]
    command: str
    def __init__(self, volumes: _Optional[_Iterable[str]] = ..., volumesFrom: _Optional[_Iterable[str]] = ..., ports: _Optional[_Iterable[str]] = ..., args: _Optional[_Iterable[str]] = ..., command: _Optional[str] = ...) -> None: ...

class Dependency(_message.Message):
    __slots__ = ("image", "volumes", "volumesFrom", "ports", "command", "args", "key")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    VOLUMES_FIELD_NUMBER: _ClassVar[int]
    VOLUMESFROM_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    image: str
    volumes: _containers.RepeatedScalarFieldContainer[str]
    volumesFrom: _containers.RepeatedScalarFieldContainer[str]
    ports: _containers.RepeatedScalarFieldContainer[str]
    command: str
    args: _containers.RepeatedScalarFieldContainer[str]
    key: str
    def __init__(self, image: _Optional[str] = ..., volumes: _Optional[_Iterable[str]] = ..., volumesFrom: _Optional[_Iterable[str]] = ..., ports: _Optional[_Iterable[str]] = ..., command: _Optional[str] = ..., args: _Optional[_Iterable[str]] = ..., key: _Optional[str] = ...) -> None: ...
