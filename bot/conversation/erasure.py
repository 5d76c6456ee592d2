"""A person sees what is kept of them, and has it erased: asked for in a turn, done when that turn has ended.

The receipt goes to the same person in a new conversation, whose row is erased in its turn an hour later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation import inbox, outbox, records
from bot.conversation.message import Reply
from bot.conversation.retention import was_read
from bot.conversation.rewind import count_events
from bot.referral.referrals import Referral, find_by_conversation
from bot.storage.referral_tables import erasures
from bot.storage.tables import conversations, metadata
from bot.storage.tables import inbox as inbox_rows
from bot.storage.tables import outbox as outbox_rows

PATIENCE = timedelta(minutes=1)
"""How long an erasure waits for lines that are still to be delivered."""
NO_RECEIPT = frozenset({"rest", "terminal"})
"""Channels on which nobody would read a line in a new conversation; the answer before it said what goes."""

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "inbox": ("bericht van jou", "berichten van jou"),
        "outbox": ("antwoord aan jou", "antwoorden aan jou"),
        "referrals": ("aanvraag aan een organisatie", "aanvragen aan een organisatie"),
        "events": ("stap in het geheugen van de assistent", "stappen in het geheugen van de assistent"),
    }
)
"""What a person calls the rows of a table; of the others only the sum is told."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is kept of a person in one conversation."""

    counts: Mapping[str, int]
    """Rows by table, without those that hold none."""
    since: datetime
    referrals: tuple[Referral, ...]
    read: tuple[Referral, ...]
    """Those of which an organisation read something."""


def holdings(connection: sa.engine.Connection, conversation_id: str) -> Holdings | None:
    """What is kept; None when there is no such conversation."""
    conversation = records.get(connection, conversation_id)
    if conversation is None:
        return None
    counts = {}
    for table in metadata.sorted_tables:
        if "conversation_id" in table.columns:
            rows = sa.select(sa.func.count()).select_from(table).where(table.c.conversation_id == conversation_id)
            counts[table.name] = int(connection.execute(rows).scalar_one())
    counts["events"] = count_events(connection, conversation_id)
    every = tuple(find_by_conversation(connection, conversation_id))
    return Holdings(
        counts={name: count for name, count in counts.items() if count},
        since=conversation.created_at,
        referrals=every,
        read=tuple(one for one in every if was_read(connection, one.id)),
    )


def in_words(counts: Mapping[str, int]) -> str:
    """Rows by table as a list in Dutch."""
    lines = [f"• {count} {_WORDS[name][count != 1]}" for name, count in counts.items() if name in _WORDS]
    others = sum(
        count for name, count in counts.items() if name not in _WORDS and name not in ("conversations", "erasures")
    )
    return "\n".join([*lines, *([f"• {others} andere gegevens, zoals knoppen"] if others else [])])


def ask(connection: sa.engine.Connection, conversation_id: str, message_key: str, now: datetime) -> None:
    """Has a conversation erased once the turn of this message has ended."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(erasures)
        .values(conversation_id=conversation_id, message_key=message_key, asked_at=now)
        .on_conflict_do_nothing(index_elements=["conversation_id"])
    )


def drop(connection: sa.engine.Connection, conversation_id: str) -> None:
    """Forgets that an erasure was asked for: there is nothing left to erase."""
    connection.execute(sa.delete(erasures).where(erasures.c.conversation_id == conversation_id))


def due(connection: sa.engine.Connection, now: datetime) -> list[str]:
    """Conversations to erase now: the turn that asked for it has ended, and what was said in it is delivered, or waits
    for longer than `PATIENCE`."""
    found = []
    for row in connection.execute(sa.select(erasures).order_by(erasures.c.asked_at)):
        turn = sa.exists().where(
            inbox_rows.c.conversation_id == row.conversation_id, inbox_rows.c.status == inbox.PENDING
        )
        undelivered = sa.exists().where(
            outbox_rows.c.conversation_id == row.conversation_id, outbox_rows.c.status == outbox.PENDING
        )
        waits = connection.execute(sa.select(sa.or_(turn, undelivered))).scalar()
        if not waits or row.asked_at <= now - PATIENCE:
            found.append(str(row.conversation_id))
    return found


def due_of(connection: sa.engine.Connection, channel: str, sender: str, now: datetime) -> str | None:
    """The conversation of a person on a channel when it is to be erased now."""
    asked = sa.select(erasures.c.conversation_id).join(conversations, conversations.c.id == erasures.c.conversation_id)
    found = connection.execute(
        asked.where(conversations.c.channel == channel, conversations.c.sender == sender)
    ).scalar()
    return str(found) if found is not None and found in due(connection, now) else None


def receipt(counts: Mapping[str, int], organisations: list[str], at: str) -> Reply:
    """What was erased, by store, and who had read something; `at` is when, in Dutch."""
    text = f"Je gegevens zijn gewist, {at}. Dit was het:\n{in_words(counts)}"
    if organisations:
        names = " en ".join(organisations)
        text += f"\n{names} las je aanvraag al. Vraag daar zelf om te wissen wat ze noteerden."
    return Reply(text=f"{text}\nDit bewijs verdwijnt vanzelf na een uur. Heb je een nieuwe vraag, typ ze dan gewoon.")
