"""Logs are structured, include libraries' warnings, and never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from mesg.node.logs import redact, set_up_logs


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_are_json_when_nobody_watches() -> None:
    out = io.StringIO()
    set_up_logs(level="info", format_="auto", stream=out)

    structlog.get_logger().info("voucher_accepted", cumulative=5, password="hunter2")
    structlog.get_logger().debug("unseen")
    logging.getLogger("some.library").warning("careful")
    logging.getLogger("libp2p.host").warning("chatter")

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["voucher_accepted", "careful"]
    assert lines[0]["cumulative"] == 5
    assert lines[0]["password"] == "[redacted]"
    assert lines[0]["level"] == "info"


def test_secrets_are_redacted_at_any_depth() -> None:
    event = {
        "rpc": "https://user:key@example.org/x",
        "request": {"headers": [{"Authorization": "Bearer x"}], "tokens": "12 MESG"},
    }

    assert redact(None, "info", event) == {
        "rpc": "https://[redacted]@example.org/x",
        "request": {"headers": [{"Authorization": "[redacted]"}], "tokens": "12 MESG"},
    }


def test_the_console_form_is_one_line_for_people() -> None:
    out = io.StringIO()
    set_up_logs(level="warning", format_="console", stream=out)

    structlog.get_logger().warning("chain_slow", seconds=3)

    assert "chain_slow" in out.getvalue()
    assert "seconds=3" in out.getvalue()
