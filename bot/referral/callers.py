"""Who of an organisation calls back, and when: in hours of their own, else in those of the organisation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa

from bot.referral.hours import BELGIUM, Hours, Span, is_holiday
from bot.referral.organisations import OpeningHours
from bot.storage.counsellor_tables import counsellors
from bot.storage.referral_tables import counsellor_hours


@dataclass(frozen=True, slots=True)
class Caller:
    """A counsellor who may be given a call; `own` is None for who calls in the hours of the organisation."""

    counsellor_id: str
    own: tuple[OpeningHours, ...] | None

    def spans(self, its: Hours, day: date) -> list[Span]:
        """When they call on a day. Nobody calls on a day on which the organisation is known not to work."""
        if self.own is None:
            return its.spans(day)
        if is_holiday(day) or day in its.closed or (its.weekly is not None and not its.works_on(day)):
            return []
        return [Span(_at(day, part.opens), _at(day, part.closes)) for part in self.own if day.isoweekday() in part.days]


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, BELGIUM)


def callers(connection: sa.engine.Connection, organisation: str) -> list[Caller]:
    """The counsellors of an organisation whose account is on."""
    rows = connection.execute(
        sa.select(counsellors.c.id, counsellor_hours.c.weekday, counsellor_hours.c.opens, counsellor_hours.c.closes)
        .select_from(
            counsellors.outerjoin(
                counsellor_hours,
                sa.and_(
                    counsellor_hours.c.counsellor_id == sa.cast(counsellors.c.id, sa.String),
                    counsellor_hours.c.organisation == counsellors.c.organisation,
                ),
            )
        )
        .where(counsellors.c.organisation == organisation, counsellors.c.active.is_(True))
        .order_by(counsellors.c.id)
    )
    found: dict[str, list[OpeningHours]] = {}
    for row in rows:
        own = found.setdefault(str(row.id), [])
        if row.weekday is not None:
            own.append(OpeningHours(days=(row.weekday,), opens=row.opens, closes=row.closes))
    return [Caller(identifier, tuple(own) or None) for identifier, own in found.items()]


def own_hours(connection: sa.engine.Connection, counsellor_id: int) -> list[OpeningHours]:
    """The hours in which a counsellor calls back; empty when those of the organisation count."""
    rows = connection.execute(
        sa.select(counsellor_hours)
        .where(counsellor_hours.c.counsellor_id == str(counsellor_id))
        .order_by(counsellor_hours.c.weekday, counsellor_hours.c.opens)
    )
    days: dict[tuple[time, time], list[int]] = defaultdict(list)
    for row in rows:
        days[row.opens, row.closes].append(row.weekday)
    return [
        OpeningHours(days=tuple(sorted(set(on))), opens=opens, closes=closes) for (opens, closes), on in days.items()
    ]


def set_own_hours(
    connection: sa.engine.Connection, counsellor_id: int, organisation: str, weekly: Iterable[OpeningHours]
) -> None:
    """Keeps the hours in which a counsellor calls back; none for those of the organisation. Agreed calls stay."""
    connection.execute(sa.delete(counsellor_hours).where(counsellor_hours.c.counsellor_id == str(counsellor_id)))
    rows = [
        {
            "counsellor_id": str(counsellor_id),
            "organisation": organisation,
            "weekday": day,
            "opens": part.opens,
            "closes": part.closes,
        }
        for part in weekly
        for day in part.days
    ]
    if rows:
        connection.execute(sa.insert(counsellor_hours), rows)
