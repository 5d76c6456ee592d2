"""The page of an overview: behind an unguessable link, for a while, printed on one or two sheets."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from bot.conversation.message import Card, Source
from bot.conversation.service import Conversations
from bot.overview.store import find
from bot.storage.columns import utcnow
from channels.web.pages import render

_BELGIUM = ZoneInfo("Europe/Brussels")
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


def router(conversations: Conversations, started: Any) -> APIRouter:
    """The route /overzicht/…, open to whoever has the link."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(started)])

    @routes.get("/overzicht/{token}")
    async def show(token: str) -> HTMLResponse:
        found = await conversations.read(lambda connection: find(connection, token, utcnow()))
        if found is None:
            return HTMLResponse(render("overview_gone.html", root="../"), status_code=404, headers=_HEADERS)
        overview, expires = found
        made = overview.made_at.astimezone(_BELGIUM).date()
        page = render(
            "overview.html",
            root="../",
            overview=overview,
            courses=[_card(card) for card in overview.courses],
            contacts=[_card(card) for card in overview.contacts],
            rights=[{**right.model_dump(), "url": safe(right.url), "sources": _sources(right.sources)}
                    for right in overview.rights],
            sources=_sources(overview.sources),
            made=_day(made),
            until=_day(expires.astimezone(_BELGIUM).date()),
        )  # fmt: skip
        return HTMLResponse(page, headers=_HEADERS)

    return routes


def safe(url: str | None) -> str | None:
    """An address when it is http or https, else none: nothing else becomes a link."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None


def _card(card: Card) -> dict[str, Any]:
    return {
        "title": card.title,
        "subtitle": card.subtitle,
        "notice": card.notice,
        "url": safe(card.url),
        "facts": [fact for fact in card.facts if fact.value],
    }


def _sources(sources: tuple[Source, ...]) -> list[dict[str, Any]]:
    return [{"title": one.title, "url": safe(one.url), "checked": _checked(one.checked)} for one in sources]


def _checked(text: str) -> str:
    try:
        return _day(date.fromisoformat(text))
    except ValueError:
        return text


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM y", locale="nl_BE"))
