"""Undoes in Rasa what the handling of a message left there.

Rasa keeps a conversation as rows of a table `events`, in our database, which its tracker store makes when it starts: it
may not be there yet. A message that is handled twice, or whose answer was never given, must leave no trace of the
earlier handling.
"""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from bot.storage.cipher import Encrypted

EVENTS = "events"
_events = sa.table(
    EVENTS,
    *(sa.column(name) for name in ("id", "sender_id", "type_name", "timestamp", "action_name")),
    sa.column("data", Encrypted()),
)


def has_events(connection: sa.engine.Connection) -> bool:
    """Whether Rasa has made its table."""
    return bool(sa.inspect(connection).has_table(EVENTS))


def rewind(connection: sa.engine.Connection, conversation_id: str, message_key: str) -> int:
    """Deletes the events of a conversation from the message with this key on, and gives how many."""
    if not has_events(connection):
        return 0
    of_user = sa.select(_events.c.id, _events.c.data).where(
        _events.c.sender_id == conversation_id,
        _events.c.type_name == "user",
    )
    for row in connection.execute(of_user.order_by(_events.c.id)):
        # Most are not it: only those that name it are parsed.
        if message_key in row.data and json.loads(row.data).get("message_id") == message_key:
            gone = connection.execute(
                sa.delete(_events).where(_events.c.sender_id == conversation_id, _events.c.id >= row.id)
            )
            return int(gone.rowcount)
    return 0


def leave_forms(connection: sa.engine.Connection, conversation_id: str, now: datetime) -> None:
    """Has Rasa leave any form of a conversation, so that it listens to whatever comes next."""
    if not has_events(connection):
        return
    begun = sa.select(_events.c.id).where(_events.c.sender_id == conversation_id).limit(1)
    if connection.execute(begun).first() is None:
        return
    at = now.timestamp()
    for kind, event in (
        ("active_loop", {"event": "active_loop", "timestamp": at, "name": None}),
        ("slot", {"event": "slot", "timestamp": at, "name": "requested_slot", "value": None}),
        ("action", {"event": "action", "timestamp": at, "name": "action_listen"}),
    ):
        connection.execute(
            sa.insert(_events).values(
                sender_id=conversation_id,
                type_name=kind,
                timestamp=at,
                action_name=event["name"] if kind == "action" else None,
                data=json.dumps(event),
            )
        )


def count_events(connection: sa.engine.Connection, conversation_id: str) -> int:
    """How many events of a conversation there are."""
    if not has_events(connection):
        return 0
    query = sa.select(sa.func.count()).select_from(_events).where(_events.c.sender_id == conversation_id)
    return int(connection.execute(query).scalar_one())


def forget(connection: sa.engine.Connection, conversation_id: str) -> int:
    """Deletes all events of a conversation, and gives how many."""
    if not has_events(connection):
        return 0
    return int(connection.execute(sa.delete(_events).where(_events.c.sender_id == conversation_id)).rowcount)


def copy_events(connection: sa.engine.Connection, there: str, here: str) -> int:
    """Has Rasa know in one conversation what it knows in another, instead of what it knew; gives how many events."""
    if not has_events(connection):
        return 0
    forget(connection, here)
    # As they stand, encrypted: what is copied is not read.
    copied = connection.execute(
        sa.text(
            "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)"
            " SELECT :here, type_name, timestamp, intent_name, action_name, data FROM events"
            " WHERE sender_id = :there ORDER BY id"
        ),
        {"here": here, "there": there},
    )
    return int(copied.rowcount)
