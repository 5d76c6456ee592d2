"""One application for all conversations; each has a sender of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.live import Live, live_application


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The application, with the trained model and the example catalogue."""
    with live_application(tmp_path_factory.mktemp("conversations")) as live:
        yield live
