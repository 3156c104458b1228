"""Write a Service, or an Application that uses Services, in Python.

    service = Service()                          app = App()

    @service.task("convert")                     app.call("converter", "convert", {"amount": 3})
    def convert(inputs): ...                     for event in app.listen("converter", "rate"): ...

    service.run()

It needs grpcio and nothing else of MESG; both speak to a node on this machine.
"""

from mesg.sdk.app import App, Event, RunningService, Stream
from mesg.sdk.errors import NodeUnavailable, Refused, SdkError, TaskError, TaskFailed
from mesg.sdk.mailbox import Result
from mesg.sdk.service import Service

__all__ = [
    "App",
    "Event",
    "NodeUnavailable",
    "Refused",
    "Result",
    "RunningService",
    "SdkError",
    "Service",
    "Stream",
    "TaskError",
    "TaskFailed",
]
