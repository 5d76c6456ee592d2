"""`/opleidingen`, to look around and filter, and each course's own page. Rendered here: they work without JavaScript."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import segno
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from bot.catalogue import lookup
from bot.catalogue.jsonld import as_jsonld
from bot.catalogue.model import DeliveryMode, Incentive, LanguageLevel, Offering, Part
from bot.catalogue.presenting import DAY_NAMES, INCENTIVE_NAMES, MODE_NAMES, day, start_of
from bot.catalogue.search import SearchResult
from bot.places import PlaceKind
from channels.courses import api
from channels.courses.filters import MOST_PAGES, RADII, Filters, read
from channels.courses.shelf import Shelf
from channels.middleware import CONTENT_SECURITY_POLICY

HERE: Final = Path(__file__).parent
PER_PAGE: Final = 20
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    # The filters are a form that leads to the same page.
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'"),
}

_templates = Environment(
    loader=FileSystemLoader([HERE / "templates", HERE.parent / "web" / "templates"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {"attribution": api.ATTRIBUTION}


def install(app: FastAPI, shelf: Shelf) -> None:
    """Adds the pages and the API of courses to `app`."""
    app.include_router(api.router(shelf))
    app.include_router(_router(shelf))


def _router(shelf: Shelf) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    options = {
        "municipalities": sorted(p.name for p in shelf.gazetteer if p.kind is PlaceKind.MUNICIPALITY),
        "times": [(part.value, DAY_NAMES[part.value]) for part in Part],
        "modes": [(mode.value, MODE_NAMES[mode.value]) for mode in DeliveryMode],
        "levels": [level.value for level in LanguageLevel],
        "incentives": [(incentive.value, INCENTIVE_NAMES[incentive.value]) for incentive in Incentive],
        "radii": RADII,
    }

    @routes.get("/opleidingen")
    async def listing(request: Request) -> HTMLResponse:
        filters = read(request.query_params, shelf.gazetteer, shelf.today())
        filters = replace(filters, query=shelf.catalogue.typed(filters.query))

        def find(connection: Any) -> tuple[Filters, SearchResult, dict[str, int]]:
            shown, result = filters, _searched(shelf, connection, filters)
            if filters.page > (last := max(_pages(result), 1)):  # an address that was kept, and there are fewer now
                shown = replace(filters, page=last)
                result = _searched(shelf, connection, shown)
            return shown, result, shelf.catalogue.spread_in(connection, filters.query)

        shown, result, spread = await shelf.database.run(find, readonly=True)
        content = _templates.get_template("courses.html").render(
            root="", filters=shown, options=options, **_found(shelf, shown, result, spread)
        )
        return HTMLResponse(content, headers=_HEADERS)

    @routes.get("/opleidingen/{slug}")
    async def course(request: Request, slug: str) -> Response:
        key = lookup.key_of(slug)
        found = await shelf.database.run(
            lambda connection: lookup.by_page_key(connection, key, shelf.today()), readonly=True
        )
        if found is None:
            content = _templates.get_template("no_course.html").render(root="../")
            return HTMLResponse(content, status_code=404, headers=_HEADERS)
        offering = found.offering
        if slug != offering.slug:  # the title changed since somebody kept the address
            return RedirectResponse(offering.slug, status_code=301, headers=_HEADERS)
        content = _templates.get_template("course.html").render(
            root="../",
            offering=offering,
            found=found,
            seen=day(found.last_seen.date()) if found.last_seen else "",
            started=bool(offering.start and offering.start < shelf.today()),
            mark=shelf.mark(offering),
            facts=shelf.facts(offering),
            price=shelf.price(offering),
            day=day,
            runs=[_run(offering, run) for run in found.runs],
            page=shelf.page(offering),
            jsonld=_script(as_jsonld(offering, shelf.page(offering))),
            qr=_qr(shelf.page(offering)),
            map=shelf.map,
            dot=shelf.map.at(offering.location.latitude, offering.location.longitude) if offering.location else None,
        )
        return HTMLResponse(content, status_code=410 if found.retired else 200, headers=_HEADERS)

    return routes


def _searched(shelf: Shelf, connection: Any, filters: Filters) -> SearchResult:
    offset = (filters.page - 1) * PER_PAGE
    return shelf.catalogue.search_in(connection, filters.query, limit=PER_PAGE, offset=offset)


def _total(result: SearchResult) -> int:
    return result.total if result.relaxed else result.fitting


def _pages(result: SearchResult) -> int:
    return min(-(-_total(result) // PER_PAGE), MOST_PAGES)


def _found(shelf: Shelf, filters: Filters, result: SearchResult, spread: dict[str, int]) -> dict[str, Any]:
    """What the list, its pages and its map show."""
    dots = shelf.map.dots(spread)
    place = filters.query.place
    return {
        "cards": [
            {
                "offering": hit.offering,
                "mark": shelf.mark(hit.offering),
                "facts": shelf.summary(hit.offering),
                "distance": f"op {hit.distance_km:.0f} km"
                if hit.distance_km is not None and hit.distance_km >= 1
                else "",
            }
            for hit in result.hits
            if result.relaxed or not hit.missed or set(hit.missed) <= {"online"}
        ],
        "total": _total(result),
        "relaxed": result.explanation,
        "suggestions": result.suggestions,
        "pages": _pages(result),
        "map": shelf.map,
        "dots": dots,
        "online": spread.get("", 0),
        "here": shelf.map.at(place.latitude, place.longitude) if place and not place.is_area else None,
        "examples": any(hit.offering.example for hit in result.hits),
    }


def _run(offering: Offering, run: Offering) -> dict[str, str]:
    """Another run of a course, with what tells it from this one."""
    provider = run.provider.name if run.provider.id != offering.provider.id else ""
    where = ", ".join(filter(None, (run.place_name, provider)))
    return {"slug": run.slug, "where": where, "start": start_of(run)}


def _script(document: dict[str, Any]) -> Markup:
    """JSON-LD for inside a script element, where nothing in it can end that element."""
    text = json.dumps(document, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _qr(address: str) -> Markup:
    """The address as a QR code, for on paper."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, scale=3, border=2, title="QR-code van deze pagina"
    )
    return Markup(out.getvalue().decode())  # noqa: S704
