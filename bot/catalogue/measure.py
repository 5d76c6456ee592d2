"""The search over the example catalogue against the plain index, on the judged queries of tests/search."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from bot.catalogue.loading import load_example
from bot.catalogue.meaning import open_vectors, prepare
from bot.catalogue.model import Offering
from bot.catalogue.relevance import LOOKED_AT, Compared, Judge, compare, load_judged, plain_search
from bot.catalogue.search import Catalogue
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import offerings

JUDGED = ROOT / "tests" / "search"


@dataclass(frozen=True, slots=True)
class SearchReport:
    """The queries of one file, each searched both ways."""

    name: str
    given: int
    """How many queries the file holds; those without any answer in the catalogue are not in `compared`."""
    compared: tuple[Compared, ...]


def measure(data: Path, today: date, vectors: Path | None = None, folder: Path = JUDGED) -> tuple[SearchReport, ...]:
    """A report for each file of judged queries, over the example catalogue of a day in a database of its own.

    `data` is like data/; `vectors` as `Catalogue` takes them, filled here when given. Raises `CatalogueDataError` naming
    file, entry and field.
    """
    places, figures = Gazetteer.load(data / "places"), load_figures(data / "knowledge")
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'search.db'}"
        migrate(url)
        database = Database(url)
        try:
            with database.begin() as connection:
                load_example(connection, today, data)
            catalogue = Catalogue(database, data / "catalogue", places, figures, clock=lambda: today, vectors=vectors)
            if vectors is not None:
                prepare(open_vectors(vectors), catalogue.subjects)
            judge = Judge(catalogue.subjects, places, figures, today)
            with database.read() as connection:
                everything = {
                    id_: Offering.model_validate_json(body)
                    for id_, body in connection.execute(sa.select(offerings.c.id, offerings.c.body))
                }

                def ours(text: str) -> list[str]:
                    found = catalogue.search_in(connection, catalogue.read(text), limit=LOOKED_AT)
                    return [hit.offering.id for hit in found.hits]

                def plain(text: str) -> list[str]:
                    return plain_search(connection, text)

                files = {
                    path.stem: load_judged(path, catalogue.subjects, places) for path in sorted(folder.glob("*.yml"))
                }
                return tuple(
                    SearchReport(name, len(judged), compare(judged, judge, everything, ours, plain))
                    for name, judged in files.items()
                )
        finally:
            database.close()
