"""Every wrong request has its documented exit code, one clear sentence with a hint, and changes nothing."""

import pytest
from tests.e2e.town import INPUTS, SID, Town

pytestmark = pytest.mark.e2e

NOBODY = "12D3KooWBRFW3HkJCLKSWb4yG6iWRBpgNjbM4FFvNsL5T5JKTqrd"


@pytest.mark.parametrize(
    ("arguments", "code", "name", "sentence", "hint"),
    [
        pytest.param(
            ("call", "no.such.service", "compose", *INPUTS),
            3,
            "not_found",
            "no service no.such.service is on the market",
            "mesg market search",
            id="a wrong sid",
        ),
        pytest.param(
            ("call", "Not A Sid", "compose"),
            9,
            "invalid_input",
            "'Not A Sid' is not a service id",
            "labels joined by dots",
            id="a sid that cannot be one",
        ),
        pytest.param(
            ("call", SID, "composse", *INPUTS),
            3,
            "not_found",
            "transfer-message has no task 'composse'",
            "compose",
            id="a wrong task",
        ),
        pytest.param(
            ("call", SID, "compose", "from:=5", "to=b", "value=1"),
            9,
            "invalid_input",
            "from",
            "",
            id="a wrong input type",
        ),
        pytest.param(
            ("call", SID, "compose", "from=a"),
            9,
            "invalid_input",
            "to",
            "",
            id="a missing input",
        ),
        pytest.param(
            ("call", SID, "compose", *INPUTS, "--max-price", "0.1"),
            5,
            "price_above_max",
            "costs 0.5 MESG, more than the 0.1 MESG you allow",
            "--max-price",
            id="a price above the cap",
        ),
        pytest.param(
            ("call", SID, "compose", *INPUTS, "--peer", NOBODY),
            6,
            "peer_unavailable",
            f"{NOBODY} does not run transfer-message, or cannot be reached",
            "",
            id="an unknown peer",
        ),
        pytest.param(
            ("call", SID, "compose", *INPUTS),
            5,
            "insufficient_funds",
            "no channel to",
            "mesg channel open",
            id="no channel",
        ),
        pytest.param(
            ("channel", "open", SID, "--amount", "100000"),
            5,
            "insufficient_funds",
            "MESG, 100000 MESG are wanted",
            "",
            id="no funds",
        ),
        pytest.param(
            ("market", "buy", SID, "--max-price", "1", "--yes"),
            3,
            "not_found",
            "transfer-message sells no such pass",
            "",
            id="nothing of that kind is sold",
        ),
        pytest.param(
            ("service", "start", "nothing"),
            3,
            "not_found",
            "service 'nothing' is not on this node",
            "mesg service deploy",
            id="a service that is not here",
        ),
        pytest.param(
            ("channel", "close", "0x123456"),
            3,
            "not_found",
            "0 channels that we pay on begin with '0x123456'",
            "mesg channel list",
            id="a channel that is not ours",
        ),
    ],
)
def test_a_wrong_request_is_refused_clearly_and_changes_nothing(
    town: Town, arguments: tuple[str, ...], code: int, name: str, sentence: str, hint: str
) -> None:
    before = town.state(town.buyer)

    answer = town.mesg(town.buyer, *arguments)

    assert (answer.code, answer.error["code"]) == (code, name), answer.err
    assert sentence in answer.error["message"] + answer.error["where"]
    assert hint in answer.error["hint"]
    assert (answer.out, "Traceback" in answer.err) == ("", False)
    assert town.state(town.buyer) == before


def test_a_stopped_service_is_said_to_be_stopped(town: Town) -> None:
    town.mesg(town.author, "service", "stop", SID)

    try:
        here = town.mesg(town.author, "call", SID, "compose", *INPUTS)
    finally:
        town.mesg(town.author, "service", "start", SID)

    assert (here.code, here.error["code"]) == (1, "service_stopped")
    assert here.error["message"] == "transfer-message is on this node but not running"
    assert here.error["hint"] == "start it with: mesg service start transfer-message"


def test_a_folder_without_a_manifest_is_no_service(town: Town) -> None:
    empty = town.folder / "empty"
    empty.mkdir()

    answer = town.mesg(town.buyer, "service", "deploy", str(empty))

    assert (answer.code, "mesg.yml" in answer.err) in ((3, True), (9, True)), answer.err


def test_a_home_without_a_node_says_so(town: Town) -> None:
    answer = town.mesg(town.buyer, "status", MESG_HOME=str(town.folder / "nobody"))
    assert answer.code == 0, "--home wins over MESG_HOME"

    town.buyer.home, home = town.folder / "nobody", town.buyer.home
    try:
        answer = town.mesg(town.buyer, "status")
    finally:
        town.buyer.home = home

    assert (answer.code, answer.error["code"]) == (6, "node_not_running")
    assert answer.error["hint"] == "start it with: mesg start --detach"
