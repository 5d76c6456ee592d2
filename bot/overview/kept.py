"""The courses that somebody keeps, in the order in which they were kept."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.tables import kept_courses

MOST = 12
"""Courses that one person keeps: what fits on two sheets."""


def keep(connection: sa.engine.Connection, conversation_id: str, offering: str, now: datetime) -> bool:
    """Keeps a course; again the same changes nothing. False when there are `MOST` already."""
    held = kept(connection, conversation_id)
    if offering in held:
        return True
    if len(held) >= MOST:
        return False
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(kept_courses)
        .values(conversation_id=conversation_id, offering=offering, kept_at=now)
        .on_conflict_do_nothing(index_elements=["conversation_id", "offering"])
    )
    return True


def drop(connection: sa.engine.Connection, conversation_id: str, offering: str) -> None:
    """Keeps a course no longer."""
    connection.execute(
        sa.delete(kept_courses).where(
            kept_courses.c.conversation_id == conversation_id, kept_courses.c.offering == offering
        )
    )


def kept(connection: sa.engine.Connection, conversation_id: str) -> list[str]:
    """The ids of the courses that are kept, the first kept first."""
    rows = connection.execute(
        sa.select(kept_courses.c.offering)
        .where(kept_courses.c.conversation_id == conversation_id)
        .order_by(kept_courses.c.kept_at, kept_courses.c.offering)
    )
    return [str(row.offering) for row in rows]
