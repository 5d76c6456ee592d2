"""The rules as they stand in data/entitlements."""

from __future__ import annotations

import pytest

from bot.entitlements import Rules, load_rules
from bot.settings import ROOT


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules(ROOT / "data")
