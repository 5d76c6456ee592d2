"""What a person thinks of an answer: a thumb up or down, with a reason. For the editors; goes with the conversation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation import records
from bot.conversation.message import Author
from bot.storage.tables import outbox, votes

MAX_COMMENT = 500
"""Characters of a comment."""


class Value(StrEnum):
    """The thumb."""

    UP = "up"
    DOWN = "down"


class Reason(StrEnum):
    """Why."""

    CLEAR = "clear"
    USEFUL = "useful"
    FAST = "fast"
    WRONG = "wrong"
    HARD = "hard"
    """Too hard to understand."""
    OFF_TOPIC = "off_topic"
    """Not what was asked."""
    INCOMPLETE = "incomplete"


def vote(
    connection: sa.engine.Connection,
    conversation_id: str,
    seq: int,
    value: Value,
    now: datetime,
    *,
    reason: Reason | None = None,
    comment: str | None = None,
) -> bool:
    """Keeps the vote on one line of the assistant, in place of an earlier one; False when there is no such line."""
    if records.lock(connection, conversation_id) is None:
        return False
    line = sa.select(outbox.c.id).where(
        outbox.c.conversation_id == conversation_id, outbox.c.seq == seq, outbox.c.author == Author.ASSISTANT.value
    )
    if connection.execute(line).first() is None:
        return False
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {
        "value": value.value,
        "reason": reason.value if reason else None,
        "comment": comment[:MAX_COMMENT] if comment else None,
        "voted_at": now,
    }
    statement = insert(votes).values(conversation_id=conversation_id, seq=seq, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["conversation_id", "seq"], set_=values))
    return True


def votes_in(connection: sa.engine.Connection, conversation_id: str) -> dict[int, Value]:
    """The thumbs of a conversation, by line."""
    rows = connection.execute(sa.select(votes.c.seq, votes.c.value).where(votes.c.conversation_id == conversation_id))
    return {row.seq: Value(row.value) for row in rows}
