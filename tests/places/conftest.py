"""The gazetteer as it stands in data/places."""

from __future__ import annotations

import pytest

from bot.places import Gazetteer
from bot.settings import ROOT


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places")
