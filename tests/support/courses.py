"""The pages and the API of courses alone, on a database with courses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from bot.catalogue.loading import load_example
from bot.catalogue.price import load_reductions
from bot.catalogue.search import Catalogue
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.database import Database
from channels import errors
from channels.courses import pages
from channels.courses.map import OutlineMap
from channels.courses.shelf import Shelf
from channels.middleware import AccessLog, LastResort, SecurityHeaders

TODAY = date(2026, 11, 23)
PUBLIC = "https://leerwijzer.example"
DATA = ROOT / "data"


def with_example(database: Database) -> Database:
    """A migrated database, the example catalogue of TODAY put in."""
    with database.begin() as connection:
        load_example(connection, TODAY)
    return database


class _Shelf(Shelf):
    def today(self) -> date:
        return TODAY


def courses_app(database: Database) -> FastAPI:
    """The application on a day of the example."""
    gazetteer, figures = Gazetteer.load(DATA / "places"), load_figures(DATA / "knowledge")
    shelf = _Shelf(
        database=database,
        catalogue=Catalogue(database, DATA / "catalogue", gazetteer, figures, clock=lambda: TODAY),
        gazetteer=gazetteer,
        figures=figures,
        reductions=load_reductions(DATA / "catalogue"),
        map=OutlineMap(DATA / "places", gazetteer),
        public_url=PUBLIC,
    )
    app = FastAPI()
    errors.install(app)
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AccessLog)
    pages.install(app, shelf)
    app.mount("/static", StaticFiles(directory=Path(pages.HERE).parent / "web" / "static"))
    return app
