"""Some tests of the ports need a Docker engine."""

from tests.ports.market_world import world
from tests.support.docker_tests import pytest_collection_modifyitems, pytest_terminal_summary

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary", "world"]
