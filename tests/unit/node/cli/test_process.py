"""The command as a real process: what it imports, what a signal does, how a node is detached."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from tests.unit.node.cli.typed import Shell, shell_with_node

from mesg.node.cli.ending import watching_process_behind
from mesg.node.config.home import Home

HEAVY = ("pydantic", "web3", "libp2p", "eth_account", "grpc", "starlette", "hypercorn", "rich")


def process(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "mesg.node", "--home", str(home), *words]


def test_the_version_is_said_without_importing_anything_slow(tmp_path: Path) -> None:
    code = "import sys, mesg.node.cli.main; print([m for m in ('trio', 'cyclopts') if m in sys.modules])"

    light = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    version = subprocess.run(
        [sys.executable, "-m", "mesg.node", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert light.stdout == "[]\n"
    assert version.stdout.startswith("mesg 0.")


def test_commands_that_ask_the_node_import_little() -> None:
    code = (
        "import sys, mesg.node.cli.run, mesg.node.cli.node, mesg.node.cli.service,"
        " mesg.node.cli.calling, mesg.node.cli.listening, mesg.node.cli.market;"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "[]\n"


async def test_ctrl_c_ends_listening_without_a_traceback(tmp_path: Path) -> None:
    async with shell_with_node(tmp_path) as (mesg, node):
        await mesg("service", "deploy", "greeter", "--start")
        listening = await trio.lowlevel.open_process(
            process(tmp_path, "listen", "greeter"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        await node.listeners.wait_for(1)

        listening.send_signal(signal.SIGINT)
        code = await listening.wait()
        assert listening.stderr is not None
        said = b"".join([part async for part in listening.stderr])

    assert code == 130
    assert b"Traceback" not in said
    for pipe in (listening.stdout, listening.stderr):
        assert pipe is not None
        await pipe.aclose()


async def test_an_already_running_node_is_not_started_again(tmp_path: Path) -> None:
    async with shell_with_node(tmp_path) as (mesg, _):
        answer = await mesg("start", "--detach", "-q")

    assert (answer.code, answer.err) == (0, "The node is already running\n")
    assert answer.out.startswith("12D3KooW")


async def test_stop_waits_until_the_node_has_ended(tmp_path: Path) -> None:
    async with trio.open_nursery() as nursery, shell_with_node(tmp_path) as (mesg, node):
        answers = []

        async def stop() -> None:
            answers.append(await mesg("stop"))

        nursery.start_soon(stop)
        await node.stopped.wait()

    assert (answers[0].code, answers[0].err) == (0, "The node has stopped\n")


async def test_the_end_of_a_process_behind_a_socket_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    code = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen();"
        "print('up', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(  # noqa: ASYNC220 (its pipes are read and closed at once)
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process, trio.fail_after(20):
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()

        async with watching_process_behind(path) as has_ended:
            with trio.move_on_after(0.05) as too_early:
                await has_ended()
            process.stdin.close()
            await has_ended()

    assert too_early.cancelled_caught


@pytest.mark.e2e
async def test_a_detached_node_that_cannot_start_tells_why(tmp_path: Path) -> None:
    home = Home(tmp_path)
    mesg = Shell(tmp_path)
    environ = {"PATH": os.environ["PATH"]}
    zero = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    settings = [
        f"chain.{name}={value}"
        for name, value in {
            "rpc_urls": "http://127.0.0.1:1",
            "token": zero,
            "registry": zero,
            "pay": zero,
        }.items()
    ]
    words = [word for setting in settings for word in ("--set", setting)]
    await mesg(
        "init",
        "--listen",
        "/ip4/127.0.0.1/tcp/0",
        "--grpc",
        "127.0.0.1:0",
        MESG_KEYSTORE_PASSWORD="x",
    )

    ended = await mesg("start", "--detach", *words, MESG_KEYSTORE_PASSWORD="x", **environ)

    assert ended.code == 11
    assert "the node ended before it was ready (exit code 11)" in ended.err
    assert "error[chain_unavailable]" in ended.err
    assert (home.logs / "node.log").stat().st_mode & 0o777 == 0o600
