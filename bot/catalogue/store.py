"""Offerings out of the database: candidates for a search, and whole offerings. What puts them in is loading.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from bot.catalogue.model import Offering
from bot.catalogue.ranking import NEIGHBOUR, Candidate
from bot.catalogue.schema import MATCH_POSTGRESQL, MATCH_SQLITE
from bot.storage.tables import offering_subjects, offerings

MOST = 3000
"""Candidates looked at in one search: beyond that only those that start first."""
MOST_SOON = 300
"""The same for a search without a subject, which asks for what starts soonest anyway."""


def get(connection: sa.engine.Connection, offering_id: str) -> Offering | None:
    """One offering by its id, if it is there."""
    body = connection.execute(sa.select(offerings.c.body).where(offerings.c.id == offering_id)).scalar()
    return Offering.model_validate_json(body) if body else None


def bodies(connection: sa.engine.Connection, numbers: Sequence[int]) -> dict[int, Offering]:
    """Whole offerings by their number in the database."""
    rows = connection.execute(sa.select(offerings.c.number, offerings.c.body).where(offerings.c.number.in_(numbers)))
    return {number: Offering.model_validate_json(body) for number, body in rows}


def of_subjects(
    connection: sa.engine.Connection, subject_ids: Sequence[str], since: int, *, neighbours: bool = False
) -> list[Candidate]:
    """Candidates about any of the subjects that start on day `since` or later.

    Courses mainly about one of them rank first; of neighbouring subjects, those about the first of them.
    """
    position = sa.case(
        {subject: index for index, subject in enumerate(subject_ids)}, value=offering_subjects.c.subject_id, else_=0
    )
    best = sa.func.min(position if neighbours else offering_subjects.c.rank)
    chosen = (
        sa.select(offering_subjects.c.offering_number, best.label("rank"))
        .where(offering_subjects.c.subject_id.in_(subject_ids))
        .group_by(offering_subjects.c.offering_number)
        .subquery()
    )
    query = _candidates(chosen.c.rank, since).select_from(
        offerings.join(chosen, chosen.c.offering_number == offerings.c.number)
    )
    extra = NEIGHBOUR if neighbours else 0
    return [_candidate(row, row[-1] + extra) for row in connection.execute(query)]


def of_words(connection: sa.engine.Connection, words: Sequence[str], since: int) -> list[Candidate]:
    """Candidates that hold all of the words, or else any of them, in title or text; a word also finds longer ones."""
    for together in (True, False):
        if found := _full_text(connection, words, together, since):
            return found
    return []


def soonest(connection: sa.engine.Connection, since: int, municipalities: Iterable[str] = ()) -> list[Candidate]:
    """Candidates that start first, in municipalities (REFNIS numbers) or anywhere."""
    query = sa.select(*_COLUMNS, sa.literal(0)).limit(MOST_SOON)
    if inside := sorted(municipalities):
        query = query.where(offerings.c.municipality_id.in_(inside))
    at_any_time = query.where(offerings.c.start_day.is_(None)).order_by(offerings.c.number)
    later = query.where(offerings.c.start_day >= since).order_by(offerings.c.start_day, offerings.c.number)
    return [Candidate._make(row) for part in (at_any_time, later) for row in connection.execute(part)]


_COLUMNS = tuple(offerings.c[name] for name in Candidate._fields[:-1])


def _candidates(rank: Any, since: int) -> Any:
    soon = sa.or_(offerings.c.start_day.is_(None), offerings.c.start_day >= since)
    first = sa.func.coalesce(offerings.c.start_day, 0)  # the two databases order what is missing differently
    return sa.select(*_COLUMNS, rank).where(soon).order_by(first, offerings.c.number).limit(MOST)


def _full_text(connection: sa.engine.Connection, words: Sequence[str], together: bool, since: int) -> list[Candidate]:
    plain = [word for word in words if word.isalnum()]
    if not plain:
        return []
    if connection.dialect.name == "sqlite":
        statement = MATCH_SQLITE
        expression = (" AND " if together else " OR ").join(f'"{word}"*' for word in plain)
    else:
        statement = MATCH_POSTGRESQL
        expression = (" & " if together else " | ").join(f"{word}:*" for word in plain)
    matching = (
        sa.text(statement)
        .bindparams(words=expression)
        .columns(sa.column("number", sa.Integer), sa.column("rank", sa.Float))
        .subquery("matching")
    )
    joined = offerings.join(matching, matching.c.number == offerings.c.number)
    rows = connection.execute(_candidates(matching.c.rank, since).select_from(joined)).all()
    if not rows:
        return []
    best = min(row[-1] for row in rows)
    # Both databases rank below zero, better being lower; only the order counts, and ranks from 0 up to 1 keep it.
    return [_candidate(row, round(1 - row[-1] / best, 1) if best else 0.0) for row in rows]


def _candidate(row: Any, rank: float) -> Candidate:
    return Candidate._make((*row[:-1], rank))
