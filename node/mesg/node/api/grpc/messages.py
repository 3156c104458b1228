"""Our values as the messages of 2018."""

from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import Deployment, InstanceStatus, LogLine
from mesg.node.domain.manifest import Dependency, Event, Output, Parameter, Task
from mesg.node.domain.shape import encode_json
from mesg.node.doors import ServiceView
from mesg.sdk.wire import core_pb2, definition_pb2

_STATUSES = {
    InstanceStatus.STOPPED: core_pb2.ServiceInfo.STOPPED,
    InstanceStatus.STARTING: core_pb2.ServiceInfo.STARTING,
    InstanceStatus.RUNNING: core_pb2.ServiceInfo.RUNNING,
    InstanceStatus.FAILED: core_pb2.ServiceInfo.STOPPED,
}


def event_data(event: ServiceEvent) -> core_pb2.EventData:
    """Return an event."""
    return core_pb2.EventData(eventKey=event.key, eventData=encode_json(event.data))


def result_data(execution: Execution) -> core_pb2.ResultData:
    """Return a finished execution; a failure as its `error`."""
    failure = execution.failure
    return core_pb2.ResultData(
        executionID=execution.id.hex(),
        taskKey=execution.task,
        outputKey=execution.output_key,
        outputData="" if failure else encode_json(execution.outputs),
        executionTags=execution.tags,
        error=failure.message or failure.code if failure else "",
    )


def log_data(line: LogLine) -> core_pb2.LogData:
    """Return a log line."""
    kind = core_pb2.LogData.Error if line.stream == "stderr" else core_pb2.LogData.Standard
    data = line.text.encode(errors="replace") + b"\n"
    return core_pb2.LogData(dependency=line.dependency, type=kind, data=data)


def service_info(view: ServiceView) -> core_pb2.ServiceInfo:
    """Return a Service and its status; FAILED was not a word of 2018."""
    return core_pb2.ServiceInfo(
        status=_STATUSES[view.status], definition=_definition(view.deployment)
    )


def _definition(deployment: Deployment) -> definition_pb2.Service:
    manifest = deployment.manifest
    configuration = manifest.configuration
    return definition_pb2.Service(
        sid=manifest.service.sid,
        hash=deployment.version.hex(),
        name=manifest.name,
        description=manifest.description,
        repository=manifest.repository,
        tasks=[_task(task) for task in manifest.tasks],
        events=[_event(event) for event in manifest.events],
        dependencies=[_dependency(dependency) for dependency in manifest.dependencies],
        configuration=definition_pb2.Configuration(
            volumes=configuration.volumes,
            volumesFrom=configuration.volumes_from,
            ports=configuration.ports,
            args=configuration.args,
            command=configuration.command,
        ),
    )


def _task(task: Task) -> definition_pb2.Task:
    return definition_pb2.Task(
        key=task.key,
        name=task.name,
        description=task.description,
        inputs=[_parameter(parameter) for parameter in task.inputs],
        outputs=[_output(output) for output in task.outputs],
    )


def _output(output: Output) -> definition_pb2.Output:
    return definition_pb2.Output(
        key=output.key,
        name=output.name,
        description=output.description,
        data=[_parameter(parameter) for parameter in output.data],
    )


def _event(event: Event) -> definition_pb2.Event:
    return definition_pb2.Event(
        key=event.key,
        name=event.name,
        description=event.description,
        data=[_parameter(parameter) for parameter in event.data],
    )


def _parameter(parameter: Parameter) -> definition_pb2.Parameter:
    return definition_pb2.Parameter(
        key=parameter.key,
        name=parameter.name,
        description=parameter.description,
        type=parameter.type.value,
        optional=parameter.optional,
        repeated=parameter.repeated,
        object=[_parameter(member) for member in parameter.object],
    )


def _dependency(dependency: Dependency) -> definition_pb2.Dependency:
    return definition_pb2.Dependency(
        key=dependency.key,
        image=dependency.image,
        volumes=dependency.volumes,
        volumesFrom=dependency.volumes_from,
        ports=dependency.ports,
        command=dependency.command,
        args=dependency.args,
    )
