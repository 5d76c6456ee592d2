"""What the tests of the channels share: the application on a real port, before a fake Rasa server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from support.rasa_server import RasaServer
from support.script import scripted
from support.site import PARTNER, PUBLIC, Site, running

from bot.settings import Settings


@pytest.fixture(scope="module")
def scripted_rasa() -> Iterator[RasaServer]:
    """A fake Rasa server that answers by the script."""
    server = RasaServer()
    server.answer = scripted
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def site_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for a site with a public address and one partner."""
    return Settings(
        _env_file=None, public_url=PUBLIC, allowed_origins=(PARTNER,), var_dir=tmp_path_factory.mktemp("site")
    )


@pytest.fixture(scope="module")
async def site(site_settings: Settings, scripted_rasa: RasaServer) -> AsyncIterator[Site]:
    """The application, one for all tests of a module: each test is somebody else."""
    async with running(site_settings, scripted_rasa) as site:
        yield site
