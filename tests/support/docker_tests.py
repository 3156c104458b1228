"""Whether the tests that need a Docker engine run; without an engine they fail, they do not hide.

A developer who has none may set MESG_TEST_NO_DOCKER=1: they are then deselected, and it is said so.
A folder with such tests imports these hooks in its conftest.
"""

import os

import pytest

NO_DOCKER = os.environ.get("MESG_TEST_NO_DOCKER") == "1"
_deselected: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is marked `docker`, if the developer said so."""
    left_out = [item for item in items if NO_DOCKER and item.get_closest_marker("docker")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
        _deselected.extend(item.nodeid for item in left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if _deselected:
        terminalreporter.write_line(
            f"MESG_TEST_NO_DOCKER=1: {len(_deselected)} tests with Docker were NOT run"
        )
        _deselected.clear()
