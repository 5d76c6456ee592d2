"""When an organisation is there: opening hours in Belgian time, Belgian holidays, days on which it is closed.

Hours come from data/referral, or from what the organisation set itself. Hours that are not known stay unknown: then only
who is at the desk says whether somebody is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import sqlalchemy as sa
from babel.dates import format_date, format_time
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite

from bot.referral import presence
from bot.referral.organisations import OpeningHours, Organisation
from bot.storage.referral_tables import organisations

BELGIUM = ZoneInfo("Europe/Brussels")
LOOK_AHEAD = 60
"""Days in which a next opening is looked for."""
_OFFICE_ENDS = time(17)
"""Until when a promised day lasts where no hours are known."""

_HOURS: TypeAdapter[tuple[OpeningHours, ...]] = TypeAdapter(tuple[OpeningHours, ...])


class Availability(StrEnum):
    """Whether somebody can talk now."""

    OPEN = "open"
    """Open, and somebody is at the desk."""
    UNSTAFFED = "unstaffed"
    """Open, or not known to be closed, and nobody is at the desk."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which somebody is there; aware, UTC or Belgian."""

    begins: datetime
    ends: datetime


@lru_cache(maxsize=32)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("BE", years=year))


def is_holiday(day: date) -> bool:
    """Whether a day is a public holiday in Belgium."""
    return day in _holidays(day.year)


@dataclass(frozen=True)
class Hours:
    """The hours of an organisation; `weekly` is None when they are not known."""

    weekly: tuple[OpeningHours, ...] | None = None
    closed: frozenset[date] = field(default_factory=frozenset)

    def works_on(self, day: date) -> bool:
        """Whether it works on a day: as its hours say, or from Monday to Friday when they are not known."""
        if is_holiday(day) or day in self.closed:
            return False
        if self.weekly is None:
            return day.isoweekday() <= 5
        return any(day.isoweekday() in part.days for part in self.weekly)

    def spans(self, day: date) -> list[Span]:
        """When it is open on a day, in order; empty when the hours are not known."""
        if self.weekly is None or not self.works_on(day):
            return []
        found = [
            Span(_at(day, part.opens), _at(day, part.closes)) for part in self.weekly if day.isoweekday() in part.days
        ]
        return sorted(found, key=lambda span: span.begins)

    def open_at(self, moment: datetime) -> bool | None:
        """Whether it is open; None when that is not known."""
        day = moment.astimezone(BELGIUM).date()
        if is_holiday(day) or day in self.closed:
            return False
        if self.weekly is None:
            return None
        return any(span.begins <= moment < span.ends for span in self.spans(day))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When it opens after a moment; None when the hours are not known, or it stays closed for very long."""
        first = moment.astimezone(BELGIUM).date()
        for number in range(LOOK_AHEAD):
            for span in self.spans(first + timedelta(days=number)):
                if span.begins > moment:
                    return span.begins
        return None

    def deadline(self, moment: datetime, working_days: int) -> datetime:
        """The end of the working day that comes `working_days` after the day of a moment."""
        day = moment.astimezone(BELGIUM).date()
        left = working_days
        while left or not self.works_on(day):
            day += timedelta(days=1)
            left -= self.works_on(day) if left else 0
        spans = self.spans(day)
        return spans[-1].ends if spans else _at(day, _OFFICE_ENDS)


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, BELGIUM)


def of_organisation(connection: sa.engine.Connection, organisation: Organisation) -> Hours:
    """The hours of an organisation: those it set itself, else those of data/referral."""
    row = connection.execute(
        sa.select(organisations.c.hours, organisations.c.closed_days).where(organisations.c.id == organisation.id)
    ).first()
    if row is None:
        return Hours(organisation.hours)
    own = _HOURS.validate_json(row.hours) if row.hours else organisation.hours
    closed = frozenset(date.fromisoformat(day) for day in json.loads(row.closed_days or "[]"))
    return Hours(own, closed)


def set_hours(
    connection: sa.engine.Connection,
    organisation: str,
    weekly: Iterable[OpeningHours] | None,
    closed: Iterable[date],
    now: datetime,
) -> None:
    """Keeps the hours that an organisation set itself; None for those of data/referral."""
    values = {
        "hours": _HOURS.dump_json(tuple(weekly)).decode() if weekly is not None else None,
        "closed_days": json.dumps(sorted(day.isoformat() for day in closed)),
    }
    _set(connection, organisation, values, now)


def set_mailbox(connection: sa.engine.Connection, organisation: str, address: str | None, now: datetime) -> None:
    """Keeps the mailbox where an organisation wants to be told of referrals."""
    _set(connection, organisation, {"notify_email": address}, now)


def mailbox(connection: sa.engine.Connection, organisation: str) -> str | None:
    """The mailbox of `set_mailbox`."""
    found = sa.select(organisations.c.notify_email).where(organisations.c.id == organisation)
    return connection.execute(found).scalar()  # type: ignore[no-any-return]


def _set(connection: sa.engine.Connection, organisation: str, values: dict[str, Any], now: datetime) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(organisations)
        .values(id=organisation, active=True, changed_at=now, **values)
        .on_conflict_do_update(index_elements=["id"], set_=values | {"changed_at": now})
    )


def availability(
    connection: sa.engine.Connection, organisation: Organisation, now: datetime
) -> tuple[Availability, datetime | None]:
    """Whether somebody of an organisation can talk now, and else when it opens, if that is known."""
    its = of_organisation(connection, organisation)
    is_open = its.open_at(now)
    if is_open is False:
        return Availability.CLOSED, its.next_opening(now)
    if presence.present(connection, organisation.id, now):
        return Availability.OPEN, None
    return Availability.UNSTAFFED, None


def on_day(moment: datetime) -> str:
    """The day in Dutch: "maandag 30 november"."""
    return format_date(moment.astimezone(BELGIUM).date(), "EEEE d MMMM", locale="nl_BE")


def at_time(moment: datetime) -> str:
    """Day and hour in Dutch: "maandag 30 november om 10.30 uur"."""
    clock = format_time(moment.astimezone(BELGIUM).time(), "H.mm", locale="nl_BE").removesuffix(".00")
    return f"{on_day(moment)} om {clock} uur"


def pieces(span: Span, length: timedelta) -> Iterator[Span]:
    """A stretch of time cut in pieces of one length; what is left at its end is too short."""
    begins = span.begins
    while begins + length <= span.ends:
        yield Span(begins, begins + length)
        begins += length
