"""`/beheer/nakijken`: every figure, article and organisation with the day on which it must be checked again, soonest first."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Depends, FastAPI, Query
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from bot.knowledge.articles import load_library
from bot.knowledge.figures import load_figures
from bot.knowledge.upkeep import Due, Kind, due
from bot.places import Gazetteer
from bot.referral.directory import load_directory, load_helplines
from bot.settings import Settings
from bot.storage.database import Database
from channels.upkeep.guard import operators_only
from channels.web.pages import HERE as WEB

SOON: Final = 60
"""Days ahead that count as soon."""
_TEMPLATES: Final = Environment(
    loader=ChoiceLoader([FileSystemLoader(Path(__file__).parent / "templates"), FileSystemLoader(WEB / "templates")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def install(app: FastAPI, settings: Settings, database: Database) -> None:
    """Adds the pages to an application."""
    app.include_router(_router(settings), dependencies=[Depends(operators_only(settings, database))])


def _router(settings: Settings) -> APIRouter:
    routes = APIRouter(prefix="/beheer", include_in_schema=False)

    @routes.get("/nakijken")
    def to_check(
        kind: Annotated[Kind | None, Query(alias="soort")] = None,
        within: Annotated[int | None, Query(alias="dagen", ge=0, le=3650)] = None,
    ) -> HTMLResponse:
        """What must be checked again. Read from the files each time: editors see what they just changed."""
        today = datetime.now(ZoneInfo("Europe/Brussels")).date()
        return HTMLResponse(page(listed(settings), today, kind, within), headers={"Cache-Control": "no-store"})

    return routes


def listed(settings: Settings) -> list[Due]:
    """Everything with a check date, as the data files have it now. Raises `DataError` when one is wrong."""
    data = settings.data_dir
    figures = load_figures(data / "knowledge")
    library = load_library(data / "knowledge" / "articles", figures)
    directory = load_directory(data / "referral", Gazetteer.load(data / "places"))
    return due(figures, library, directory, load_helplines(data / "referral"))


def page(everything: list[Due], today: date, kind: Kind | None = None, within: int | None = None) -> str:
    """The page: of one kind, or due within so many days, or all."""
    chosen = [
        one
        for one in everything
        if (kind is None or one.kind is kind) and (within is None or one.days(today) <= within)
    ]
    return _TEMPLATES.get_template("nakijken.html").render(
        root="../",
        rows=[(one, format_date(one.check_again, "d MMMM yyyy", locale="nl_BE"), one.days(today)) for one in chosen],
        late=sum(one.late(today) for one in everything),
        soon=sum(0 <= one.days(today) <= SOON for one in everything),
        total=len(everything),
        kinds=list(Kind),
        kind=kind,
        within=within,
        soon_days=SOON,
        today=format_date(today, "d MMMM yyyy", locale="nl_BE"),
    )
