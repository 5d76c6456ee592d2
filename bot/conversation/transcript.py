"""The transcript of a conversation: what the person sent and what was said to them, as one list in order."""

from __future__ import annotations

import sqlalchemy as sa

from bot.conversation import progress, records
from bot.conversation.message import Author, Kind, Reply
from bot.conversation.model import DeliveryState, Line
from bot.storage.tables import conversations, inbox, outbox

_SENT = (
    sa.select(inbox.c.seq, inbox.c.received_at, inbox.c.text, inbox.c.message_id, inbox.c.kind)
    .where(inbox.c.conversation_id == sa.bindparam("conversation"), inbox.c.seq > sa.bindparam("after"))
    .order_by(inbox.c.seq)
    .limit(sa.bindparam("most"))
)
_SAID = (
    sa.select(outbox)
    .where(outbox.c.conversation_id == sa.bindparam("conversation"), outbox.c.seq > sa.bindparam("after"))
    .order_by(outbox.c.seq)
    .limit(sa.bindparam("most"))
)


def lines(connection: sa.engine.Connection, conversation_id: str, after: int, limit: int) -> list[Line]:
    """Lines with a higher number than `after`, at most `limit`, in order."""
    part = {"conversation": conversation_id, "after": after, "most": limit}
    sent = connection.execute(_SENT, part)
    said = connection.execute(_SAID, part).all()
    told = progress.states(connection, said)
    found = [
        Line(row.seq, Author.CITIZEN, row.received_at, row.text, None, row.message_id, Kind(row.kind)) for row in sent
    ]
    for row in said:
        reply = Reply.model_validate_json(row.body)
        state = told[row.id]
        found.append(
            Line(
                seq=row.seq,
                author=Author(row.author),
                at=row.created_at,
                text=reply.text,
                reply=reply,
                message_id=None,
                delivery=state,
                undelivered=row.error if state is DeliveryState.FAILED else None,
            )
        )
    return sorted(found, key=lambda line: line.seq)[:limit]


def has_lines(connection: sa.engine.Connection, conversation_id: str, after: int) -> bool:
    """Whether there is a line with a higher number than `after`."""
    part = {"conversation": conversation_id, "after": after, "most": 1}
    return any(connection.execute(query, part).first() for query in (_SAID, _SENT))


def last_numbers(connection: sa.engine.Connection, conversation_ids: list[str]) -> dict[str, int]:
    """The last line number of each of these conversations."""
    rows = connection.execute(
        sa.select(conversations.c.id, conversations.c.seq).where(
            conversations.c.id.in_(conversation_ids), records.NOT_ERASED
        )
    )
    return {row.id: row.seq for row in rows}
