"""The lists of data/catalogue, and the example catalogue of one month in a database of each kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.catalogue.example import generate
from bot.catalogue.example_lists import load_data
from bot.catalogue.loading import load_example
from bot.catalogue.model import Offering
from bot.catalogue.search import Catalogue
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import Figures, load_figures
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.database import Database

TODAY = date(2026, 11, 23)
LISTS = ROOT / "data" / "catalogue"


@pytest.fixture(scope="session")
def subjects() -> Subjects:
    return Subjects.load(LISTS)


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places")


@pytest.fixture(scope="session")
def figures() -> Figures:
    return load_figures(ROOT / "data" / "knowledge")


@pytest.fixture(scope="session")
def example(subjects: Subjects, gazetteer: Gazetteer) -> tuple[Offering, ...]:
    """The example offerings as they stand on TODAY."""
    return tuple(generate(load_data(LISTS, subjects, gazetteer), subjects, TODAY))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database with the example catalogue of TODAY; tests only read it."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("catalogue") / "loaded.db"
        shutil.copy(Path(request.getfixturevalue("migrated_sqlite")), path)
        yield from _with_example(f"sqlite:///{path}")
        return
    template = request.getfixturevalue("migrated_postgres")
    server: sa.engine.Engine = request.getfixturevalue("postgres_server")
    name = f"{template}_loaded"
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield from _with_example(server.url.set(database=name).render_as_string(hide_password=False))
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def _with_example(url: str) -> Iterator[Database]:
    database = Database(url)
    with database.begin() as connection:
        assert load_example(connection, TODAY)
    yield database
    database.close()


@pytest.fixture(scope="session")
def catalogue(loaded: Database, gazetteer: Gazetteer, figures: Figures) -> Catalogue:
    """The catalogue on a day of the example."""
    return Catalogue(loaded, LISTS, gazetteer, figures, clock=lambda: TODAY)
