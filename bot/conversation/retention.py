"""Erasure: what a person asks to be gone is gone, in our tables and in Rasa's.

A referral that an organisation already received stays: it is theirs too, and what they received cannot be called back
by deleting our side of it. It refers to its conversation, so of that one row remains, which then says nothing about the
person: its sender is replaced, its way in emptied, and no function of this package finds it any more. The same person
who writes again begins a new conversation. A referral that was only asked for (status `requested`) goes with the rest.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.conversation import records
from bot.conversation.model import UnknownConversation
from bot.conversation.rewind import EVENTS, forget
from bot.storage.counsellor_tables import reviewed_examples
from bot.storage.tables import (
    buttons,
    conversations,
    inbox,
    kept_courses,
    outbox,
    overviews,
    referrals,
    votes,
)

NOT_HANDED_OVER = "requested"


def erase(connection: sa.engine.Connection, conversation_id: str) -> dict[str, int]:
    """Erases a conversation and gives the rows erased by table. Raises `UnknownConversation`."""
    if connection.dialect.name == "sqlite":
        # Overwrites what is deleted with zeros, instead of only forgetting where it stands.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    if records.lock(connection, conversation_id) is None:
        raise UnknownConversation(conversation_id)
    counts = {}
    for table in (buttons, votes, kept_courses, overviews, outbox, inbox, reviewed_examples):
        where = table.c.conversation_id == conversation_id
        counts[table.name] = int(connection.execute(sa.delete(table).where(where)).rowcount)
    of_this = referrals.c.conversation_id == conversation_id
    counts[referrals.name] = int(
        connection.execute(sa.delete(referrals).where(of_this, referrals.c.status == NOT_HANDED_OVER)).rowcount
    )
    row = conversations.c.id == conversation_id
    if connection.execute(sa.select(referrals.c.id).where(of_this).limit(1)).first() is None:
        connection.execute(sa.delete(conversations).where(row))
    else:
        connection.execute(
            sa.update(conversations)
            .where(row)
            .values(
                sender=records.ERASED + conversation_id,
                entry=None,
                last_inbound_at=None,
                lease_owner=None,
                lease_until=None,
            )
        )
    counts[conversations.name] = 1
    counts[EVENTS] = forget(connection, conversation_id)
    return counts


def leave_no_copy(connection: sa.engine.Connection) -> None:
    """Empties SQLite's write-ahead log, which still holds the erased pages; on PostgreSQL there is nothing to do here.

    Best effort: while somebody reads, what they may still need stays until the next time. Outside a transaction only.
    """
    if connection.dialect.name != "sqlite":
        return
    cursor = connection.connection.cursor()
    patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    cursor.execute("PRAGMA busy_timeout=1000")
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cursor.execute(f"PRAGMA busy_timeout={patience}")
