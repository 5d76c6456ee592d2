"""Offerings out of the database: by their words, and whole. What puts them in is loading.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.catalogue.model import Offering
from bot.catalogue.schema import MATCH_POSTGRESQL, MATCH_SQLITE
from bot.storage.tables import catalogue_loads, offerings

MOST = 1000
"""Offerings that a search for words looks at: those that match best."""


def get(connection: sa.engine.Connection, offering_id: str) -> Offering | None:
    """One offering by its id, if it is there."""
    body = connection.execute(sa.select(offerings.c.body).where(offerings.c.id == offering_id)).scalar()
    return Offering.model_validate_json(body) if body else None


def bodies(connection: sa.engine.Connection, numbers: Sequence[int]) -> dict[int, Offering]:
    """Whole offerings by their number in the database."""
    rows = connection.execute(sa.select(offerings.c.number, offerings.c.body).where(offerings.c.number.in_(numbers)))
    return {number: Offering.model_validate_json(body) for number, body in rows}


def state(connection: sa.engine.Connection) -> tuple[Any, ...]:
    """What changes whenever a source is loaded or taken out: for who keeps something made of the catalogue."""
    loads = sa.select(catalogue_loads.c.source, catalogue_loads.c.version, catalogue_loads.c.loaded_at)
    return tuple(sorted(tuple(row) for row in connection.execute(loads)))


def matching(connection: sa.engine.Connection, words: Sequence[str], *, together: bool) -> list[tuple[int, float]]:
    """Numbers of offerings that hold all of the words (`together`) or any of them, in title or text, best first.

    Each with its rank: below zero, better being lower. A word also finds longer ones. At most `MOST`.
    """
    plain = [word for word in words if word.isalnum()]
    if not plain:
        return []
    if connection.dialect.name == "sqlite":
        statement = MATCH_SQLITE
        expression = (" AND " if together else " OR ").join(f'"{word}"*' for word in plain)
    else:
        statement = MATCH_POSTGRESQL
        expression = (" & " if together else " | ").join(f"{word}:*" for word in plain)
    rows = connection.execute(sa.text(f"{statement} ORDER BY rank LIMIT {MOST}"), {"words": expression})
    return [(number, rank) for number, rank in rows]
