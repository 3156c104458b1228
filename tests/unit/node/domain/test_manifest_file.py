import hashlib

import pytest

from mesg.marketplace.domain.errors import InvalidManifest
from mesg.marketplace.domain.identity import ServiceId
from mesg.node.domain.manifest import (
    Configuration,
    Dependency,
    Event,
    Manifest,
    Output,
    Parameter,
    ParameterType,
    Task,
)
from mesg.node.domain.manifest_file import (
    CANONICAL_BYTES_MAX,
    manifest_from_canonical,
    read_manifest,
)

OF_2018 = """\
name: Ethereum ERC20
sid: Ethereum-erc20
description: "Transfers: and more"
version: 0.1.0
visibility: ALL
publish: SOURCE
repository: https://example.org/erc20
tasks:
  transfer:
    name: Transfer
    verifiable: true
    payable: false
    fees: {executor: 1.5 MESG, emitters: 1 MESG}
    secrets: {key: {type: String}}
    inputs: &inputs
      to:
        type: String
      amount: {type: Number, optional: yes}
    outputs:
      success:
        description: sent
        data:
          hash: {type: String}
          logs:
            type: Object
            repeated: true
            object:
              <<: *inputs
              raw: {type: Any}
      error:
        data: {message: {type: String}}
  balance:
    inputs:
    outputs:
      value: {type: Number}
      ok: {type: Boolean}
  nothing:
    outputs: {}
events:
  moved:
    data: *inputs
    fees: {emitters: 1 MESG}
configuration:
  env: [KEY, "URL=http://x?a=b", EMPTY=]
  command: node
  args: [index.js, 1.0, no]
  ports: [22:22, 80]
  volumes: [/data]
  volumesfrom: [geth]
dependencies:
  geth:
    image: ethereum/client-go:v1.8
    volumes:
      - /root/.ethereum
    volumesFrom: [service]
    ports:
      - "30303"
    env: [MODE=light]
permissions: {network: true}
"""
_TO = Parameter("to", ParameterType.STRING)
_AMOUNT = Parameter("amount", ParameterType.NUMBER, optional=True)


def test_a_manifest_of_2018_is_read_whole() -> None:
    logs = Parameter(
        "logs",
        ParameterType.OBJECT,
        repeated=True,
        object=(Parameter("raw", ParameterType.ANY), _TO, _AMOUNT),
    )

    assert read_manifest(OF_2018) == Manifest(
        service=ServiceId("ethereum-erc20"),
        name="Ethereum ERC20",
        description="Transfers: and more",
        repository="https://example.org/erc20",
        tasks=(
            Task(
                "transfer",
                inputs=(_TO, _AMOUNT),
                outputs=(
                    Output("success", (Parameter("hash", ParameterType.STRING), logs), "", "sent"),
                    Output("error", (Parameter("message", ParameterType.STRING),)),
                ),
                name="Transfer",
            ),
            Task(
                "balance",
                inputs=(),
                outputs=(
                    Output(
                        "",
                        (
                            Parameter("value", ParameterType.NUMBER),
                            Parameter("ok", ParameterType.BOOLEAN),
                        ),
                    ),
                ),
            ),
            Task("nothing", inputs=(), outputs=(Output("", ()),)),
        ),
        events=(Event("moved", (_TO, _AMOUNT)),),
        configuration=Configuration(
            command="node",
            args=("index.js", "1.0", "no"),
            env=("KEY", "URL=http://x?a=b", "EMPTY="),
            ports=("22:22", "80"),
            volumes=("/data",),
            volumes_from=("geth",),
            network=True,
        ),
        dependencies=(
            Dependency(
                "geth",
                "ethereum/client-go:v1.8",
                volumes=("/root/.ethereum",),
                volumes_from=("service",),
                ports=("30303",),
                env=("MODE=light",),
            ),
        ),
    )


def test_without_a_sid_the_text_names_the_service() -> None:
    text = "name: x\n"

    assert read_manifest(text).service == ServiceId(
        "_" + hashlib.sha256(text.encode()).hexdigest()[:12]
    )
    assert read_manifest(text, default_sid="mine").service == ServiceId("mine")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "name, line 1", "a Service needs a name"),
        ("- a", "line 1", "must be a mapping"),
        ("name: x\nname: y", "line 2", "the key 'name' appears twice"),
        ("name: x\ntaks: {}", "taks, line 2", "unknown key 'taks'"),
        ("name: x\nsid: a b", "sid, line 2", "'a b' is not a service id"),
        ("name: [x]", "name, line 1", "must be text"),
        ("name: x\ntasks: [a]", "tasks, line 2", "must be a mapping"),
        ("name: x\ntasks:\n  a:\n    inputs: {}", "tasks.a, line 3", "a task needs outputs"),
        (
            "name: x\ntasks:\n  a b: {outputs: {}}",
            "tasks, line 2",
            "'a b' is not a key",
        ),
        (
            "name: x\nevents:\n  a:\n    data:\n      b:\n        type: Strin",
            "events.a.data.b.type, line 6",
            "'Strin' is not a type",
        ),
        (
            "name: x\nevents: {a: {data: {b: {}}}}",
            "events.a.data.b.type, line 2",
            "a parameter needs a type",
        ),
        (
            "name: x\nevents: {a: {data: {b: {type: Any, optional: maybe}}}}",
            "events.a.data.b.optional, line 2",
            "must be true or false",
        ),
        (
            "name: x\nevents: {a: {data: {b: {type: String,\n object: {c: {type: Any}}}}}}",
            "events.a.data.b.object, line 3",
            "only an Object has members, not a String",
        ),
        (
            "name: x\ntasks: {a: {outputs: {b: {type: Any}, c: {data: {}}}}}",
            "tasks.a.outputs, line 2",
            "either all members are parameters with a type, or all are named outputs",
        ),
        (
            "name: x\nconfiguration:\n  ports:\n    - 80\n    - 65536",
            "configuration.ports[1], line 5",
            "'65536' makes no sense here",
        ),
        (
            "name: x\nconfiguration: {ports: [80, 80]}",
            "configuration.ports[1], line 2",
            "'80' stands here twice",
        ),
        (
            "name: x\nconfiguration: {env: [A=1, A=2]}",
            "configuration.env, line 2",
            "a variable is named twice",
        ),
        (
            "name: x\nconfiguration: {env: [1A=1]}",
            "configuration.env[0], line 2",
            "'1A=1' makes no sense here",
        ),
        (
            "name: x\nconfiguration: {volumes: [/a/../..]}",
            "configuration.volumes[0], line 2",
            "'/a/../..' makes no sense here",
        ),
        (
            "name: x\nconfiguration: {image: a}",
            "configuration.image, line 2",
            "unknown key 'image'",
        ),
        (
            "name: x\nconfiguration: {volumesFrom: [a]}",
            "configuration.volumesFrom[0], line 2",
            "'a' is no other container of this Service",
        ),
        (
            "name: x\ndependencies:\n  service: {image: a}",
            "dependencies.service, line 3",
            "'service' is the name of the Service's own container",
        ),
        (
            "name: x\ndependencies:\n  redis: {}",
            "dependencies.redis.image, line 3",
            "a dependency needs the name of an image",
        ),
        (
            "name: x\ndependencies:\n  redis: {image: a, volumesFrom: [redis]}",
            "dependencies.redis.volumesFrom[0], line 3",
            "'redis' is no other container of this Service",
        ),
        (
            "name: x\npermissions: {network: true, disk: true}",
            "permissions.disk, line 2",
            "unknown key 'disk'",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_key_and_line(
    text: str, where: str, message: str
) -> None:
    with pytest.raises(InvalidManifest) as raised:
        read_manifest(text)

    assert (raised.value.where, raised.value.message) == (where, f"{where}: {message}")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("name: x\ntaks: {}", "did you mean: tasks?"),
        ("name: x\nevents: {a: {data: {b: {type: Strin}}}}", "did you mean: String?"),
        ("name: x\nevents: {a: {data: {b: {type: number}}}}", "did you mean: Number?"),
        ("name: x\nevents: {a: {dta: {}}}", "did you mean: data?"),
    ],
)
def test_a_slip_of_the_pen_gets_a_suggestion(text: str, hint: str) -> None:
    with pytest.raises(InvalidManifest) as raised:
        read_manifest(text)

    assert raised.value.hint == hint


def test_canonical_bytes_give_the_same_manifest_back() -> None:
    manifest = read_manifest(OF_2018)

    assert manifest_from_canonical(manifest.canonical()) == manifest


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the manifest is not valid JSON: Expecting value at line 1 column 1"),
        (b"[]", "the manifest must be a JSON object, not a list"),
        (b"{}", "the bytes are not a manifest"),
        (b'{"name":"x","service":{"sid":"x"},"tasks":3}', "the bytes are not a manifest"),
        (b'{"name":"x","service":{"sid":"x"},"tasks":[3]}', "the bytes are not a manifest"),
        (b'{"name":3,"service":{"sid":"x"}}', "the bytes are not a manifest"),
        (b'{"name":"x","service":"x"}', "the bytes are not a manifest"),
        (b'{"name":"x", "service":{"sid":"x"}}', "the manifest is not in its canonical form"),
        (
            b'{"name":"x","service":{"sid":"x"},"unknown":1}',
            "the manifest is not in its canonical form",
        ),
        (
            b'{"configuration":{"network":1},"name":"x","service":{"sid":"x"}}',
            "the manifest is not in its canonical form",
        ),
        (
            b'{"configuration":{"volumes":["/../etc"]},"name":"x","service":{"sid":"x"}}',
            "configuration.volumes[0]: '/../etc' makes no sense here",
        ),
        (b" " * (CANONICAL_BYTES_MAX + 1), "the manifest is larger than 524288 bytes"),
    ],
)
def test_hostile_bytes_are_no_manifest(raw: bytes, message: str) -> None:
    with pytest.raises(InvalidManifest) as raised:
        manifest_from_canonical(raw)

    assert raised.value.message == message
