"""Internal notes beside a referral: for the colleagues of one organisation, sealed at rest, never shown to a citizen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.conversation.message import MAX_TEXT
from bot.conversation.text import clean
from bot.counsellors.model import AccountError, Counsellor
from bot.storage.counsellor_tables import counsellors, referral_notes
from bot.storage.tables import utcnow


@dataclass(frozen=True, slots=True)
class Note:
    """One note."""

    at: datetime
    by: str
    text: str


def add(
    connection: sa.engine.Connection, referral_id: int, by: Counsellor, text: str,
    now: datetime | None = None,
) -> None:  # fmt: skip
    """Adds a note. Raises `AccountError` for an empty or too long one."""
    said = clean(text)
    if not said or len(said) > MAX_TEXT:
        raise AccountError(f"Een notitie heeft 1 tot {MAX_TEXT} tekens.")
    connection.execute(
        sa.insert(referral_notes).values(
            referral_id=referral_id,
            organisation=by.organisation,
            counsellor_id=by.id,
            at=now or utcnow(),
            text=said,
        )
    )


def of_referral(connection: sa.engine.Connection, referral_id: int, organisation: str) -> list[Note]:
    """The notes of an organisation beside a referral, oldest first."""
    rows = connection.execute(
        sa.select(referral_notes.c.at, referral_notes.c.text, counsellors.c.name)
        .join(counsellors, counsellors.c.id == referral_notes.c.counsellor_id)
        .where(referral_notes.c.referral_id == referral_id, referral_notes.c.organisation == organisation)
        .order_by(referral_notes.c.id)
    )
    return [Note(row.at, row.name, row.text) for row in rows]
