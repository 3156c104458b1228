from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class EmitEventRequest(_message.Message):
    __slots__ = ("token", "eventKey", "eventData")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EVENTKEY_FIELD_NUMBER: _ClassVar[int]
    EVENTDATA_FIELD_NUMBER: _ClassVar[int]
    token: str
    eventKey: str
    eventData: str
    def __init__(self, token: _Optional[str] = ..., eventKey: _Optional[str] = ..., eventData: _Optional[str] = ...) -> None: ...

class EmitEventReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListenTaskRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class TaskData(_message.Message):
    __slots__ = ("executionID", "taskKey", "inputData")
    EXECUTIONID_FIELD_NUMBER: _ClassVar[int]
    TASKKEY_FIELD_NUMBER: _ClassVar[int]
    INPUTDATA_FIELD_NUMBER: _ClassVar[int]
    executionID: str
    taskKey: str
    inputData: str
    def __init__(self, executionID: _Optional[str] = ..., taskKey: _Optional[str] = ..., inputData: _Optional[str] = ...) -> None: ...

class SubmitResultRequest(_message.Message):
    __slots__ = ("executionID", "outputKey", "outputData", "error")
    EXECUTIONID_FIELD_NUMBER: _ClassVar[int]
    OUTPUTKEY_FIELD_NUMBER: _ClassVar[int]
    OUTPUTDATA_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    executionID: str
    outputKey: str
    outputData: str
    error: str
    def __init__(self, executionID: _Optional[str] = ..., outputKey: _Optional[str] = ..., outputData: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class SubmitResultReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
