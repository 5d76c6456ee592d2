"""Replies that were set aside: what operators see of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.conversation import undelivered
from bot.storage.tables import conversations, outbox

MOST = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A reply that was set aside. Without its text: that is for the person and their counsellor alone."""

    id: int
    conversation_id: str
    channel: str
    author: str
    created_at: datetime
    attempts: int
    reason: str
    """A code of `undelivered`."""

    @property
    def explained(self) -> str:
        """The reason in Dutch."""
        return undelivered.explained(self.reason)


def letters(connection: sa.engine.Connection) -> list[DeadLetter]:
    """The replies that were set aside, the newest first, at most `MOST`."""
    rows = connection.execute(
        sa.select(*(column for column in outbox.c if column.name != "body"), conversations.c.channel)
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .where(outbox.c.status == "dead")
        .order_by(outbox.c.id.desc())
        .limit(MOST)
    )
    return [
        DeadLetter(
            id=row.id,
            conversation_id=row.conversation_id,
            channel=row.channel,
            author=row.author,
            created_at=row.created_at,
            attempts=row.attempts,
            reason=row.error or undelivered.REFUSED,
        )
        for row in rows
    ]
