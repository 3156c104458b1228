"""How the node, its Services and their work look in JSON, version 1.

A shape may gain keys within a version; none is renamed or dropped.
"""

from collections.abc import Iterable

from mesg.marketplace.domain.receipt import Receipt
from mesg.node.api.http.market_shapes import offer
from mesg.node.api.http.values import Shape, amount, hash_text, time_ns
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution
from mesg.node.domain.instance import LogLine
from mesg.node.domain.manifest import Parameter, Task
from mesg.node.doors import CallOutcome, NodeView, ServiceView
from mesg.node.ports import PeerConnection


def node(view: NodeView) -> Shape:
    """Return the node at a glance."""
    return {
        "version": view.version,
        "peer": view.peer,
        "account": view.account,
        "wallet": view.wallet,
        "addresses": list(view.addresses),
        "peers": view.peers,
        "chainId": view.chain_id,
        "chain": view.chain,
        "runtime": view.runtime,
        "services": view.services,
        "coreApi": view.core_api,
        "uptimeSeconds": round(view.uptime_s, 3),
        "issues": list(view.issues),
    }


def peer(connection: PeerConnection) -> Shape:
    """Return one connection."""
    return {
        "peer": connection.peer,
        "address": connection.address,
        "direction": connection.direction,
        "agent": connection.agent,
    }


def service(view: ServiceView) -> Shape:
    """Return a Service on this node; the values of its environment stay there."""
    manifest = view.deployment.manifest
    return {
        "service": str(view.deployment.service),
        "name": manifest.name,
        "description": manifest.description,
        "version": hash_text(view.deployment.version),
        "package": hash_text(view.deployment.package),
        "status": str(view.status),
        "runtime": view.runtime,
        "origin": str(view.deployment.origin),
        "deployedAt": time_ns(view.deployment.deployed_at_unix_ns),
        "environment": sorted(view.deployment.environment),
        "tasks": [_task(task) for task in manifest.tasks],
        "events": [
            {"key": event.key, "name": event.name, "data": _parameters(event.data)}
            for event in manifest.events
        ],
        "offer": None if view.offer is None else offer(view.offer),
    }


def _task(task: Task) -> Shape:
    return {
        "key": task.key,
        "name": task.name,
        "description": task.description,
        "inputs": _parameters(task.inputs),
        "outputs": [
            {"key": output.key, "data": _parameters(output.data)} for output in task.outputs
        ],
    }


def _parameters(parameters: Iterable[Parameter]) -> list[Shape]:
    return [
        {
            "key": parameter.key,
            "type": str(parameter.type),
            "optional": parameter.optional,
            "repeated": parameter.repeated,
            "description": parameter.description,
            "object": _parameters(parameter.object),
        }
        for parameter in parameters
    ]


def log_line(line: LogLine) -> Shape:
    """Return one line that an instance wrote."""
    return {"stream": line.stream, "dependency": line.dependency, "text": line.text}


def execution(value: Execution) -> Shape:
    """Return what is known of one run of a task."""
    failure = value.failure
    return {
        "execution": hash_text(value.id),
        "service": str(value.service),
        "version": hash_text(value.version),
        "task": value.task,
        "inputs": value.inputs,
        "tags": list(value.tags),
        "state": str(value.state),
        "peer": value.peer,
        "outputKey": value.output_key,
        "outputs": value.outputs,
        "error": failure
        and {
            "code": failure.code,
            "message": failure.message,
            "hint": failure.hint,
            "retryable": failure.retryable,
        },
        "charged": amount(value.charged),
        "createdAt": time_ns(value.created_at_unix_ns),
        "finishedAt": time_ns(value.finished_at_unix_ns),
    }


def outcome(value: CallOutcome) -> Shape:
    """Return an execution with its receipt."""
    receipt = None if value.receipt is None else _receipt(value.receipt)
    return {**execution(value.execution), "receipt": receipt}


def _receipt(value: Receipt) -> Shape:
    return {
        "execution": hash_text(value.execution),
        "version": hash_text(value.version),
        "inputs": hash_text(value.inputs),
        "outputs": hash_text(value.outputs),
        "status": value.status.name.lower(),
        "channel": hash_text(value.channel),
        "lane": value.lane,
        "charged": amount(value.charged),
        "cumulative": amount(value.cumulative),
        "signature": hash_text(value.signature),
    }


def event(value: ServiceEvent) -> Shape:
    """Return an event as a CloudEvent (1.0, structured JSON) with its sequence as extension."""
    return {
        "specversion": "1.0",
        "id": str(value.sequence),
        "source": f"mesg://{value.peer}/{value.service}",
        "type": f"mesg.{value.service}.{value.key}",
        "time": time_ns(value.emitted_at_unix_ns),
        "datacontenttype": "application/json",
        "sequence": str(value.sequence),
        "data": value.data,
    }
