"""Shows the figures of tests that made some, after the run, also when the tests ran in other processes."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as `figures`."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, figures in getattr(report, "user_properties", []):
                if name == "figures":
                    terminalreporter.section(report.nodeid)
                    terminalreporter.line(figures)
