"""What a container may do: from an instance's spec to the engine's JSON. Pure; touches no engine.

By default almost nothing: no network, a read-only root, no capabilities, no way to new privileges,
an unprivileged user, and limits on memory, processor, processes, files, /tmp and logs. One folder
with one socket is its whole world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.node.domain.instance import InstanceSpec
from mesg.node.domain.manifest import Manifest
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.words import split_command

ENDPOINT_FOLDER = "/run/mesg"
"""Where the Service API's socket is inside every container."""
USER = "65532:65532"
"""Nobody: in the image no file belongs to it, on the machine no account has it."""
STOP_GRACE_S = 5
"""Between SIGTERM and SIGKILL."""
_MIB = 1024**2
_PORT_MAX = 65_535


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """What one container may use."""

    memory_bytes: int = 256 * _MIB
    """Python with gRPC takes 60 MiB; /tmp counts too. No swap."""
    processors: float = 1.0
    processes: int = 128
    """Threads count."""
    open_files: int = 1_024
    tmp_bytes: int = 64 * _MIB
    shared_memory_bytes: int = 8 * _MIB


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """Where a container belongs: its names on the engine and the labels it is found by."""

    name: str
    image: str
    labels: Mapping[str, str]
    publish_on: str
    """The address of this machine on which ports are published."""


def container_config(
    spec: InstanceSpec, endpoint: ServiceEndpoint, place: ContainerPlace, limits: ContainerLimits
) -> dict[str, Any]:
    """Return the body of `POST /containers/create`."""
    configuration = spec.manifest.configuration
    config: dict[str, Any] = {
        "Image": place.image,
        "User": USER,
        "Hostname": "service",
        "Env": [f"{name}={value}" for name, value in _environment(spec, endpoint).items()],
        "StopTimeout": STOP_GRACE_S,
        "Labels": dict(place.labels),
        "HostConfig": _host_config(endpoint, limits),
    }
    if configuration.command.strip():
        config["Entrypoint"] = split_command(configuration.command)
        config["Cmd"] = list(configuration.args)
    elif configuration.args:
        config["Cmd"] = list(configuration.args)
    if configuration.network:
        ports = _ports(spec.manifest)
        config["ExposedPorts"] = {f"{target}/tcp": {} for _, target in ports}
        config["HostConfig"] |= {
            "NetworkMode": place.name,
            "ExtraHosts": ["host.docker.internal:host-gateway"],
            "PortBindings": {
                f"{target}/tcp": [{"HostIp": place.publish_on, "HostPort": str(published)}]
                for published, target in ports
            },
        }
    return config


def _environment(spec: InstanceSpec, endpoint: ServiceEndpoint) -> dict[str, str]:
    inside = f"unix:{ENDPOINT_FOLDER}/{Path(endpoint.socket).name}"
    return {
        **spec.environment,
        "MESG_TOKEN": spec.token,
        "MESG_ENDPOINT": inside,
        # No TCP leads to the node from here, but every gRPC client takes either.
        "MESG_ENDPOINT_TCP": inside,
    }


def _host_config(endpoint: ServiceEndpoint, limits: ContainerLimits) -> dict[str, Any]:
    folder = str(Path(endpoint.socket).parent)
    return {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "Privileged": False,
        "Memory": limits.memory_bytes,
        "MemorySwap": limits.memory_bytes,
        "NanoCpus": int(limits.processors * 1e9),
        "PidsLimit": limits.processes,
        "OomScoreAdj": 500,
        "Tmpfs": {"/tmp": f"rw,noexec,nosuid,nodev,size={limits.tmp_bytes},mode=1777"},  # noqa: S108
        "ShmSize": limits.shared_memory_bytes,
        "IpcMode": "private",
        "Init": True,
        "Ulimits": [
            {"Name": "nofile", "Soft": limits.open_files, "Hard": limits.open_files},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
        "RestartPolicy": {"Name": "no"},
        "Mounts": [
            {"Type": "bind", "Source": folder, "Target": ENDPOINT_FOLDER, "ReadOnly": True}
        ],
    }


def _ports(manifest: Manifest) -> list[tuple[int, int]]:
    """Return (published, target) of `80` and `8080:80`."""
    return [
        (_port(entry.partition(":")[0], entry), _port(entry.rpartition(":")[2], entry))
        for entry in manifest.configuration.ports
    ]


def _port(text: str, entry: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= _PORT_MAX:
        raise InvalidManifest(
            f"{entry!r} is not a port",
            where="configuration.ports",
            hint="write TARGET or PUBLISHED:TARGET, such as 8080:80",
        )
    return int(text)
