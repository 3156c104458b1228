"""One market of real processes for all end-to-end tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from tests.e2e.town import Town, open_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Open the market once."""
    folder = Path(tmp_path_factory.mktemp("town"))
    with (
        start_blocking_portal("trio") as portal,
        portal.wrap_async_context_manager(open_town(folder)) as opened,
    ):
        yield opened
