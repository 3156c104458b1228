"""What the engine is asked for, from an instance's spec; and how its streams are read."""

import json
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.instance import InstanceSpec, LogLine
from mesg.node.domain.manifest import Configuration, Manifest
from mesg.node.ports import ServiceEndpoint
from mesg.node.runtime.docker_image import read_context
from mesg.node.runtime.docker_policy import ContainerLimits, ContainerPlace, container_config
from mesg.node.runtime.docker_stream import BuildReader, FrameReader

ENDPOINT = ServiceEndpoint("127.0.0.1:50052", "/home/node/run/service.sock")
PLACE = ContainerPlace("mesg-1-owner", "mesg/package:1", {"mesg.managed": "1"}, "127.0.0.1")


def config(configuration: Configuration) -> dict[str, object]:
    manifest = Manifest(ServiceId("example"), "Example", configuration=configuration)
    spec = InstanceSpec("mesg-1", manifest, "/package", {"COLOR": "red"}, "secret")
    return container_config(spec, ENDPOINT, PLACE, ContainerLimits())


def test_by_default_it_may_do_almost_nothing() -> None:
    assert config(Configuration()) == {
        "Image": "mesg/package:1",
        "User": "65532:65532",
        "Hostname": "service",
        "Env": [
            "COLOR=red",
            "MESG_TOKEN=secret",
            "MESG_ENDPOINT=unix:/run/mesg/service.sock",
            "MESG_ENDPOINT_TCP=unix:/run/mesg/service.sock",
        ],
        "StopTimeout": 5,
        "Labels": {"mesg.managed": "1"},
        "HostConfig": {
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
            "Privileged": False,
            "Memory": 256 << 20,
            "MemorySwap": 256 << 20,
            "NanoCpus": 1_000_000_000,
            "PidsLimit": 128,
            "OomScoreAdj": 500,
            "Tmpfs": {"/tmp": f"rw,noexec,nosuid,nodev,size={64 << 20},mode=1777"},
            "ShmSize": 8 << 20,
            "IpcMode": "private",
            "Init": True,
            "Ulimits": [
                {"Name": "nofile", "Soft": 1024, "Hard": 1024},
                {"Name": "core", "Soft": 0, "Hard": 0},
            ],
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
            "RestartPolicy": {"Name": "no"},
            "Mounts": [
                {
                    "Type": "bind",
                    "Source": "/home/node/run",
                    "Target": "/run/mesg",
                    "ReadOnly": True,
                }
            ],
        },
    }


def test_the_manifests_command_replaces_the_images() -> None:
    asked = config(Configuration(command="node --no-warnings", args=("main.js",)))

    assert (asked["Entrypoint"], asked["Cmd"]) == (["node", "--no-warnings"], ["main.js"])


def test_ports_are_published_only_with_a_network() -> None:
    ports = ("80", "8443:443")

    assert "ExposedPorts" not in config(Configuration(ports=ports))
    asked = config(Configuration(ports=ports, network=True))

    assert asked["ExposedPorts"] == {"80/tcp": {}, "443/tcp": {}}
    host = asked["HostConfig"]
    assert isinstance(host, dict)
    assert host["NetworkMode"] == "mesg-1-owner"
    assert host["PortBindings"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}],
        "443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8443"}],
    }


@pytest.mark.parametrize(
    "port", ["", "0", "65536", "80:", ":80", "a", "80/udp", "-1", "\uff18\uff10"]
)
def test_other_ports_are_refused(port: str) -> None:
    with pytest.raises(InvalidManifest) as refusal:
        config(Configuration(ports=(port,), network=True))

    assert refusal.value.where == "configuration.ports"


def test_the_image_is_named_after_the_packages_content(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a").write_text("1")
    first = read_context(tmp_path)

    assert read_context(tmp_path) == first
    (tmp_path / "lib" / "a").write_text("2")
    assert read_context(tmp_path).tag != first.tag


@given(
    texts=st.lists(st.tuples(st.booleans(), st.text("ab\n", max_size=20)), max_size=10),
    cuts=st.lists(st.integers(1, 20)),
)
def test_frames_are_read_however_the_bytes_come(
    texts: list[tuple[bool, str]], cuts: list[int]
) -> None:
    frames = [(2 if error else 1, text.encode()) for error, text in texts]
    data = b"".join(pack(">BxxxL", number, len(text)) + text for number, text in frames)
    reader = FrameReader()
    lines: list[LogLine] = []

    for size in cuts:
        lines += reader.feed(data[:size])
        data = data[size:]
    lines += reader.feed(data) + reader.finish()

    for stream, number in (("stdout", 1), ("stderr", 2)):
        whole = b"".join(text for of, text in frames if of == number).decode()
        wanted = whole.removesuffix("\n").split("\n") if whole else []
        assert [line.text for line in lines if line.stream == stream] == wanted


def test_a_build_is_judged_by_its_error() -> None:
    reader = BuildReader()

    for told in ({"stream": "Step 1\n"}, {"stream": "\n"}, {"error": "bad"}, {"error": "worse"}):
        reader.feed(json.dumps(told))
    reader.feed("")

    assert (reader.error, reader.last_words) == ("bad", "Step 1")
