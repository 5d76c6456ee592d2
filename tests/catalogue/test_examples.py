"""The examples are there as long as there is nothing real, and as the operator set."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from bot.catalogue import examples
from bot.catalogue.importers import Builder
from bot.catalogue.loading import load, prepare
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.tables import offerings, retired_offerings
from channels import server

TODAY = date(2026, 11, 23)
DATA = ROOT / "data"


def sources(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(sa.select(offerings.c.source).distinct()).scalars())


@pytest.fixture
def real(database: Database, subjects: Subjects, gazetteer: Gazetteer) -> None:
    """One real course."""
    course = Builder("cvo", gazetteer, subjects, ()).build(
        {"id": "1", "title": "Lassen", "provider": "CVO", "location": {"place": "Gent"}}
    )
    with database.begin() as connection:
        load(connection, "cvo", [prepare(course, subjects)])


def test_examples_go_when_there_is_something_real(database: Database, subjects: Subjects, gazetteer: Gazetteer) -> None:
    with database.begin() as connection:
        assert examples.due(connection, TODAY, "auto")
        assert examples.keep(connection, TODAY, DATA, "auto")
        assert not examples.due(connection, TODAY, "auto")
        assert examples.due(connection, date(2026, 12, 1), "auto")
    assert sources(database) == {"example"}
    assert server.notice(database) == server.EXAMPLES_NOTICE
    course = Builder("cvo", gazetteer, subjects, ()).build(
        {"id": "1", "title": "Lassen", "provider": "CVO", "location": {"place": "Gent"}}
    )
    with database.begin() as connection:
        load(connection, "cvo", [prepare(course, subjects)])
    assert server.notice(database) == server.MIXED_NOTICE
    with database.begin() as connection:
        assert examples.due(connection, TODAY, "auto")
        assert examples.keep(connection, TODAY, DATA, "auto")
        assert not examples.keep(connection, TODAY, DATA, "auto")
        assert connection.execute(sa.select(sa.func.count()).select_from(retired_offerings)).scalar_one() == 0
    assert sources(database) == {"cvo"}
    assert server.notice(database) == ""


@pytest.mark.usefixtures("real")
def test_an_operator_may_keep_them_or_have_none(database: Database) -> None:
    with database.begin() as connection:
        assert examples.keep(connection, TODAY, DATA, "always")
    assert sources(database) == {"cvo", "example"}
    with database.begin() as connection:
        assert examples.keep(connection, TODAY, DATA, "never")
        assert not examples.due(connection, TODAY, "never")
    assert sources(database) == {"cvo"}
