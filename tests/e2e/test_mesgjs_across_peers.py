"""The unmodified 2018 client on both ends: its Service on one node, its Application on another, paid."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import trio
from tests.e2e.town import Town
from tests.interop.mesgjs.runner import FOLDER, SERVICE_FOLDER, install, open_application

pytestmark = [pytest.mark.e2e, pytest.mark.node_js]

SID = "converter-js"


@pytest.fixture(scope="module")
def sold(town: Town, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Deploy, publish and start the mesg-js Service on the author's node; open a channel to it."""
    install()
    folder = Path(tmp_path_factory.mktemp("converter"))
    shutil.copy(SERVICE_FOLDER / "service.js", folder)
    manifest = (SERVICE_FOLDER / "mesg.yml").read_text()
    run = "configuration:\n  command: node\n  args: [service.js]\n  env: [NODE_PATH]\n"
    (folder / "mesg.yml").write_text(manifest + run)
    modules = f"--env=NODE_PATH={FOLDER / 'node_modules'}"
    for node, arguments in (
        (town.author, ("service", "deploy", str(folder), modules)),
        (town.author, ("--yes", "market", "publish", SID, "--max-fee", "5")),
        (town.author, ("market", "offer", "create", SID, "--per-call", "0.25")),
        (town.author, ("service", "start", SID)),
        (town.buyer, ("channel", "open", SID, "--amount", "2")),
    ):
        answer = town.mesg(node, *arguments)
        assert answer.code == 0, answer.err
    return SID


def test_mesg_js_calls_mesg_js_on_another_node_and_hears_its_event(town: Town, sold: str) -> None:
    said = trio.run(_call_and_listen, town.buyer.core_api)

    event = next(it["event"] for it in said if "event" in it)
    result = next(it["result"] for it in said if "result" in it)
    assert event == {"eventKey": "converted", "eventData": '{"from":21,"to":42}'}
    assert (result["outputKey"], result["outputData"]) == ("success", '{"amount":42}')
    (channel,) = [
        one
        for one in town.mesg(town.buyer, "channel", "list").json["items"]
        if one["service"] == SID
    ]
    assert channel["charged"]["amount"] == str(25 * 10**16)


async def _call_and_listen(endpoint: str) -> list[dict[str, Any]]:
    with trio.fail_after(60):
        async with open_application(endpoint=endpoint) as application:
            ready = await application.ask("listenEvent", serviceID=SID, eventFilter="converted")
            assert ready == {"status": ["ready"]}
            await application.send(
                "call", serviceID=SID, taskKey="convert", inputData='{"amount":21}'
            )
            return [await application.receive() for _ in range(2)]
