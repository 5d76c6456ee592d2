"""Who is at the desk of an organisation now: a heartbeat of each counsellor who has it open."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.referral.life import Counsellor
from bot.storage.referral_tables import presence

ABSENT_AFTER = timedelta(seconds=90)
"""Without a heartbeat for so long, a counsellor is not there: the page closed, or the machine sleeps."""


def beat(connection: sa.engine.Connection, who: Counsellor, now: datetime, *, available: bool | None = None) -> None:
    """The counsellor has the desk open, and may be given a talk if `available`. To be called at least twice a minute.

    None is as they last said; who never said anything may.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values: dict[str, object] = {"organisation": who.organisation, "seen_at": now}
    said = values if available is None else values | {"available": available}
    connection.execute(
        insert(presence)
        .values(counsellor_id=who.id, **{"available": True} | said)
        .on_conflict_do_update(index_elements=["counsellor_id"], set_=said)
    )


def leave(connection: sa.engine.Connection, counsellor_id: str) -> None:
    """The counsellor is gone."""
    connection.execute(sa.delete(presence).where(presence.c.counsellor_id == counsellor_id))


def present(connection: sa.engine.Connection, organisation: str, now: datetime) -> list[str]:
    """The counsellors of an organisation who are there and may be given a talk."""
    rows = connection.execute(
        sa.select(presence.c.counsellor_id)
        .where(
            presence.c.organisation == organisation,
            presence.c.available.is_(True),
            presence.c.seen_at > now - ABSENT_AFTER,
        )
        .order_by(presence.c.counsellor_id)
    )
    return [str(row.counsellor_id) for row in rows]


def says_available(connection: sa.engine.Connection, counsellor_id: str) -> bool:
    """Whether a counsellor last said that they may be given a talk; True for who never said otherwise."""
    said = connection.execute(sa.select(presence.c.available).where(presence.c.counsellor_id == counsellor_id)).scalar()
    return said is None or bool(said)
