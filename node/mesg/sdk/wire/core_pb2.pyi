from mesg.sdk.wire import definition_pb2 as _definition_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ServiceInfo(_message.Message):
    __slots__ = ("status", "definition")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNKNOWN: _ClassVar[ServiceInfo.Status]
        STOPPED: _ClassVar[ServiceInfo.Status]
        STARTING: _ClassVar[ServiceInfo.Status]
        PARTIAL: _ClassVar[ServiceInfo.Status]
        RUNNING: _ClassVar[ServiceInfo.Status]
    UNKNOWN: ServiceInfo.Status
    STOPPED: ServiceInfo.Status
    STARTING: ServiceInfo.Status
    PARTIAL: ServiceInfo.Status
    RUNNING: ServiceInfo.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    status: ServiceInfo.Status
    definition: _definition_pb2.Service
    def __init__(self, status: _Optional[_Union[ServiceInfo.Status, str]] = ..., definition: _Optional[_Union[_definition_pb2.Service, _Mapping]] = ...) -> None: ...

class ListenEventRequest(_message.Message):
    __slots__ = ("serviceID", "eventFilter")
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    EVENTFILTER_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    eventFilter: str
    def __init__(self, serviceID: _Optional[str] = ..., eventFilter: _Optional[str] = ...) -> None: ...

class EventData(_message.Message):
    __slots__ = ("eventKey", "eventData")
    EVENTKEY_FIELD_NUMBER: _ClassVar[int]
    EVENTDATA_FIELD_NUMBER: _ClassVar[int]
    eventKey: str
    eventData: str
    def __init__(self, eventKey: _Optional[str] = ..., eventData: _Optional[str] = ...) -> None: ...

class ListenResultRequest(_message.Message):
    __slots__ = ("serviceID", "taskFilter", "outputFilter", "tagFilters")
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    TASKFILTER_FIELD_NUMBER: _ClassVar[int]
    OUTPUTFILTER_FIELD_NUMBER: _ClassVar[int]
    TAGFILTERS_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    taskFilter: str
    outputFilter: str
    tagFilters: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, serviceID: _Optional[str] = ..., taskFilter: _Optional[str] = ..., outputFilter: _Optional[str] = ..., tagFilters: _Optional[_Iterable[str]] = ...) -> None: ...

class ResultData(_message.Message):
    __slots__ = ("executionID", "taskKey", "outputKey", "outputData", "executionTags", "error")
    EXECUTIONID_FIELD_NUMBER: _ClassVar[int]
    TASKKEY_FIELD_NUMBER: _ClassVar[int]
    OUTPUTKEY_FIELD_NUMBER: _ClassVar[int]
    OUTPUTDATA_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONTAGS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    executionID: str
    taskKey: str
    outputKey: str
    outputData: str
    executionTags: _containers.RepeatedScalarFieldContainer[str]
    error: str
    def __init__(self, executionID: _Optional[str] = ..., taskKey: _Optional[str] = ..., outputKey: _Optional[str] = ..., outputData: _Optional[str] = ..., executionTags: _Optional[_Iterable[str]] = ..., error: _Optional[str] = ...) -> None: ...

class ExecuteTaskRequest(_message.Message):
    __slots__ = ("serviceID", "taskKey", "inputData", "executionTags")
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    TASKKEY_FIELD_NUMBER: _ClassVar[int]
    INPUTDATA_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONTAGS_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    taskKey: str
    inputData: str
    executionTags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, serviceID: _Optional[str] = ..., taskKey: _Optional[str] = ..., inputData: _Optional[str] = ..., executionTags: _Optional[_Iterable[str]] = ...) -> None: ...

class ExecuteTaskReply(_message.Message):
    __slots__ = ("executionID",)
    EXECUTIONID_FIELD_NUMBER: _ClassVar[int]
    executionID: str
    def __init__(self, executionID: _Optional[str] = ...) -> None: ...

class StartServiceRequest(_message.Message):
    __slots__ = ("serviceID",)
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    def __init__(self, serviceID: _Optional[str] = ...) -> None: ...

class StartServiceReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StopServiceRequest(_message.Message):
    __slots__ = ("serviceID",)
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    def __init__(self, serviceID: _Optional[str] = ...) -> None: ...

class StopServiceReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeployServiceRequest(_message.Message):
    __slots__ = ("url", "chunk", "env")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    URL_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    url: str
    chunk: bytes
    env: _containers.ScalarMap[str, str]
    def __init__(self, url: _Optional[str] = ..., chunk: _Optional[bytes] = ..., env: _Optional[_Mapping[str, str]] = ...) -> None: ...

class DeployServiceReply(_message.Message):
    __slots__ = ("status", "validationError", "service")
    class Status(_message.Message):
        __slots__ = ("message", "type")
        class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            RUNNING: _ClassVar[DeployServiceReply.Status.Type]
            DONE_POSITIVE: _ClassVar[DeployServiceReply.Status.Type]
            DONE_NEGATIVE: _ClassVar[DeployServiceReply.Status.Type]
        RUNNING: DeployServiceReply.Status.Type
        DONE_POSITIVE: DeployServiceReply.Status.Type
        DONE_NEGATIVE: DeployServiceReply.Status.Type
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        message: str
        type: DeployServiceReply.Status.Type
        def __init__(self, message: _Optional[str] = ..., type: _Optional[_Union[DeployServiceReply.Status.Type, str]] = ...) -> None: ...
    class Service(_message.Message):
        __slots__ = ("sid", "hash")
        SID_FIELD_NUMBER: _ClassVar[int]
        HASH_FIELD_NUMBER: _ClassVar[int]
        sid: str
        hash: str
        def __init__(self, sid: _Optional[str] = ..., hash: _Optional[str] = ...) -> None: ...
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VALIDATIONERROR_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    status: DeployServiceReply.Status
    validationError: str
    service: DeployServiceReply.Service
    def __init__(self, status: _Optional[_Union[DeployServiceReply.Status, _Mapping]] = ..., validationError: _Optional[str] = ..., service: _Optional[_Union[DeployServiceReply.Service, _Mapping]] = ...) -> None: ...

class DeleteServiceRequest(_message.Message):
    __slots__ = ("serviceID", "deleteData")
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    DELETEDATA_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    deleteData: bool
    def __init__(self, serviceID: _Optional[str] = ..., deleteData: _Optional[bool] = ...) -> None: ...

class DeleteServiceReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListServicesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListServicesReply(_message.Message):
    __slots__ = ("services",)
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[ServiceInfo]
    def __init__(self, services: _Optional[_Iterable[_Union[ServiceInfo, _Mapping]]] = ...) -> None: ...

class GetServiceRequest(_message.Message):
    __slots__ = ("serviceID",)
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    def __init__(self, serviceID: _Optional[str] = ...) -> None: ...

class GetServiceReply(_message.Message):
    __slots__ = ("service",)
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    service: ServiceInfo
    def __init__(self, service: _Optional[_Union[ServiceInfo, _Mapping]] = ...) -> None: ...

class ServiceLogsRequest(_message.Message):
    __slots__ = ("serviceID", "dependencies")
    SERVICEID_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    serviceID: str
    dependencies: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, serviceID: _Optional[str] = ..., dependencies: _Optional[_Iterable[str]] = ...) -> None: ...

class LogData(_message.Message):
    __slots__ = ("dependency", "type", "data")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        Standard: _ClassVar[LogData.Type]
        Error: _ClassVar[LogData.Type]
    Standard: LogData.Type
    Error: LogData.Type
    DEPENDENCY_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    dependency: str
    type: LogData.Type
    data: bytes
    def __init__(self, dependency: _Optional[str] = ..., type: _Optional[_Union[LogData.Type, str]] = ..., data: _Optional[bytes] = ...) -> None: ...

class InfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class InfoReply(_message.Message):
    __slots__ = ("services", "address", "image", "version")
    class CoreService(_message.Message):
        __slots__ = ("sid", "hash", "url", "key")
        SID_FIELD_NUMBER: _ClassVar[int]
        HASH_FIELD_NUMBER: _ClassVar[int]
        URL_FIELD_NUMBER: _ClassVar[int]
        KEY_FIELD_NUMBER: _ClassVar[int]
        sid: str
        hash: str
        url: str
        key: str
        def __init__(self, sid: _Optional[str] = ..., hash: _Optional[str] = ..., url: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[InfoReply.CoreService]
    address: str
    image: str
    version: str
    def __init__(self, services: _Optional[_Iterable[_Union[InfoReply.CoreService, _Mapping]]] = ..., address: _Optional[str] = ..., image: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...
