"""One course by the address of its page: offered now or no longer, with what else is a run of the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.catalogue.model import Offering
from bot.storage.tables import catalogue_loads, offerings, retired_offerings

_EAST = 0.63
"""A degree of longitude in degrees of latitude, in Flanders."""
MOST_RUNS = 12
"""Other runs that are shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """A course and what is known beside it."""

    offering: Offering
    last_seen: datetime | None
    """When its source last held it."""
    retired: bool = False
    """It is offered no longer."""
    runs: tuple[Offering, ...] = ()
    """Other runs of the same course that still have to start, nearest first."""


def key_of(slug: str) -> str:
    """The part of an address that finds the course: what comes after the last hyphen."""
    return slug.rpartition("-")[2]


def by_page_key(connection: sa.engine.Connection, key: str, today: date) -> Found | None:
    """The course whose page ends on a key. None when there never was one."""
    row = connection.execute(
        sa.select(offerings.c.body, catalogue_loads.c.loaded_at)
        .select_from(offerings.outerjoin(catalogue_loads, catalogue_loads.c.source == offerings.c.source))
        .where(offerings.c.page_key == key)
    ).first()
    if row is not None:
        offering = Offering.model_validate_json(row.body)
        return Found(offering, row.loaded_at, runs=_runs(connection, offering, today))
    row = connection.execute(
        sa.select(retired_offerings.c.body, retired_offerings.c.last_seen).where(retired_offerings.c.page_key == key)
    ).first()
    if row is None:
        return None
    offering = Offering.model_validate_json(row.body)
    return Found(offering, row.last_seen, retired=True, runs=_runs(connection, offering, today))


def _runs(connection: sa.engine.Connection, offering: Offering, today: date) -> tuple[Offering, ...]:
    if offering.course is None:
        return ()
    soon = sa.or_(offerings.c.start_day.is_(None), offerings.c.start_day >= today.toordinal())
    bodies = connection.execute(
        sa.select(offerings.c.body)
        .where(offerings.c.course_id == offering.course.id, offerings.c.id != offering.id, soon)
        .order_by(*_nearest(offering), sa.func.coalesce(offerings.c.start_day, 0), offerings.c.number)
        .limit(MOST_RUNS)
    ).scalars()
    return tuple(Offering.model_validate_json(body) for body in bodies)


def _nearest(offering: Offering) -> tuple[Any, ...]:
    """What orders by distance from a course, those online last; flat, which is good enough for an order."""
    if offering.location is None:
        return ()
    north = offerings.c.latitude - offering.location.latitude
    east = (offerings.c.longitude - offering.location.longitude) * _EAST
    return (offerings.c.latitude.is_(None), sa.func.round(sa.cast((north * north + east * east) * 1000, sa.Numeric)))
