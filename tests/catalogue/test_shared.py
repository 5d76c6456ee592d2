"""Conversations and course pages search one catalogue: its columns are in memory once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions import base
from bot.settings import Settings
from bot.storage.database import Database
from channels.courses.shelf import Shelf


def test_one_catalogue_for_conversations_and_pages(
    monkeypatch: pytest.MonkeyPatch, database: Database, database_url: str, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(database_url=database_url)
    monkeypatch.setattr(base, "get_settings", lambda: settings)
    services = base.services.__wrapped__()
    assert services.catalogue is Shelf.of(settings, database).catalogue
    assert services.database is services.catalogue.database
    assert Shelf.of(make_settings(database_url="sqlite:///elsewhere.db"), database).catalogue is not services.catalogue
