"""How the desk words moments and states, in Dutch."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from markupsafe import Markup, escape

from bot.referral.contact import display_phone

BELGIUM = ZoneInfo("Europe/Brussels")
_LOCALE = "nl_BE"
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def moment(at: datetime, now: datetime | None = None) -> str:
    """A moment in Belgian time: "14.05 uur" today, "gisteren om 14.05 uur", "maandag 2 november om 14.05 uur"."""
    local, today = at.astimezone(BELGIUM), (now or datetime.now(UTC)).astimezone(BELGIUM).date()
    clock = format_time(local, "H.mm 'uur'", locale=_LOCALE)
    days = (local.date() - today).days
    if days == 0:
        return clock
    near = {-1: "gisteren", 1: "morgen"}.get(days)
    if near:
        return f"{near} om {clock}"
    pattern = "EEEE d MMMM" if local.year == today.year else "d MMMM y"
    return f"{format_date(local.date(), pattern, locale=_LOCALE)} om {clock}"


def iso(at: datetime) -> str:
    """A moment for machines."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def span(length: timedelta) -> str:
    """A length of time, in the largest unit: "enkele seconden", "1 minuut", "3 uur", "2 dagen"."""
    seconds = max(0, int(length.total_seconds()))
    for size, one, many in ((86_400, "dag", "dagen"), (3_600, "uur", "uur"), (60, "minuut", "minuten")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {one if number == 1 else many}"
    return "enkele seconden"


def waited(since: datetime, now: datetime | None = None) -> str:
    """How long ago something was: "3 minuten"."""
    return span((now or datetime.now(UTC)) - since)


def day(at: datetime) -> str:
    """A moment as a date and a time, always whole."""
    return format_datetime(at.astimezone(BELGIUM), "d MMMM y 'om' H.mm 'uur'", locale=_LOCALE)


def rich(text: str) -> Markup:
    """A text of the conversation as markup: escaped, with its `**bold**` and line breaks, and nothing else."""
    bold = _BOLD.sub(r"<strong>\1</strong>", str(escape(text)))
    return Markup(bold.replace("\n", "<br>"))  # noqa: S704 escaped above


def web(url: str | None) -> str:
    """An address that may become a link; empty for anything but http and https."""
    return url if url is not None and url.startswith(("https://", "http://")) else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "iso": iso,
    "span": span,
    "waited": waited,
    "day": day,
    "rich": rich,
    "web": web,
    "phone": display_phone,
}
