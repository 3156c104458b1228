"""Domain values to and from database rows; amounts are decimal text, since they outgrow 64 bits."""

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.identity import AccountAddress, Digest, PeerId, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.ports import ChannelKept, ChannelRole
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Execution, ExecutionState, Failure
from mesg.node.domain.instance import Deployment, Origin
from mesg.node.domain.manifest_file import manifest_from_canonical

Row = tuple[Any, ...]


def put(connection: sqlite3.Connection, table: str, *values: object) -> None:
    """Insert or replace one row; tables and their widths are ours, never a caller's text."""
    marks = ",".join("?" * len(values))
    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", values)  # noqa: S608


def execution_row(execution: Execution) -> Row:
    """Return the row of an execution."""
    return (
        execution.id,
        execution.service.sid,
        execution.version,
        execution.task,
        json.dumps(execution.inputs),
        json.dumps(execution.tags),
        execution.state,
        execution.peer,
        execution.output_key,
        json.dumps(execution.outputs),
        json.dumps(asdict(execution.failure)) if execution.failure else None,
        str(execution.charged.units),
        execution.created_at_unix_ns,
        execution.finished_at_unix_ns,
    )


def execution_from(row: Row) -> Execution:
    """Return the execution of a row."""
    return Execution(
        id=Digest(row[0]),
        service=ServiceId(row[1]),
        version=Digest(row[2]),
        task=row[3],
        inputs=json.loads(row[4]),
        tags=tuple(json.loads(row[5])),
        state=ExecutionState(row[6]),
        peer=PeerId(row[7]) if row[7] else None,
        output_key=row[8],
        outputs=json.loads(row[9]),
        failure=Failure(**json.loads(row[10])) if row[10] else None,
        charged=TokenAmount(int(row[11])),
        created_at_unix_ns=row[12],
        finished_at_unix_ns=row[13],
    )


def receipt_row(receipt: Receipt) -> Row:
    """Return the row of a receipt."""
    return (
        receipt.execution,
        receipt.version,
        receipt.inputs,
        receipt.outputs,
        int(receipt.status),
        receipt.channel,
        receipt.lane,
        str(receipt.charged.units),
        str(receipt.cumulative.units),
        receipt.signature,
    )


def receipt_from(row: Row) -> Receipt:
    """Return the receipt of a row."""
    return Receipt(
        execution=Digest(row[0]),
        version=Digest(row[1]),
        inputs=Digest(row[2]),
        outputs=Digest(row[3]),
        status=ReceiptStatus(row[4]),
        channel=Digest(row[5]),
        lane=row[6],
        charged=TokenAmount(int(row[7])),
        cumulative=TokenAmount(int(row[8])),
        signature=row[9],
    )


def channel_row(kept: ChannelKept) -> Row:
    """Return the row of a channel."""
    config = kept.config
    return (
        kept.channel,
        kept.role,
        config.payer.raw,
        config.signer.raw,
        config.operator.raw,
        config.service.sid,
        config.offer_index,
        config.offer_digest,
        config.author_bps,
        config.treasury_bps,
        config.referrer_bps,
        config.close_delay_s,
        config.salt,
        config.referrer.raw,
        int(kept.is_closing),
    )


def channel_from(row: Row) -> ChannelKept:
    """Return the channel of a row."""
    config = ChannelConfig(
        payer=AccountAddress(row[2]),
        signer=AccountAddress(row[3]),
        operator=AccountAddress(row[4]),
        service=ServiceId(row[5]),
        offer_index=row[6],
        offer_digest=Digest(row[7]),
        author_bps=row[8],
        treasury_bps=row[9],
        referrer_bps=row[10],
        close_delay_s=row[11],
        salt=Digest(row[12]),
        referrer=AccountAddress(row[13]),
    )
    return ChannelKept(Digest(row[0]), ChannelRole(row[1]), config, bool(row[14]))


def deployment_row(deployment: Deployment) -> Row:
    """Return the row of a deployment."""
    return (
        deployment.service.sid,
        deployment.manifest.canonical(),
        deployment.package,
        json.dumps(dict(deployment.environment)),
        deployment.deployed_at_unix_ns,
        deployment.origin,
        int(deployment.is_wanted),
    )


def deployment_from(row: Row) -> Deployment:
    """Return the deployment of a row."""
    return Deployment(
        manifest=manifest_from_canonical(row[1]),
        package=Digest(row[2]),
        environment=json.loads(row[3]),
        deployed_at_unix_ns=row[4],
        origin=Origin(row[5]),
        is_wanted=bool(row[6]),
    )


def event_row(event: ServiceEvent) -> Row:
    """Return the row of an event."""
    return (
        event.service.sid,
        event.sequence,
        event.key,
        json.dumps(event.data),
        event.emitted_at_unix_ns,
        event.peer,
    )


def event_from(row: Row) -> ServiceEvent:
    """Return the event of a row."""
    return ServiceEvent(
        service=ServiceId(row[0]),
        sequence=row[1],
        key=row[2],
        data=json.loads(row[3]),
        emitted_at_unix_ns=row[4],
        peer=PeerId(row[5]),
    )
