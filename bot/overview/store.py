"""Overviews in the database: made once a message, found by an unguessable token, gone after some days.

The table holds the hash of the token alone, and the page encrypted: who reads the database opens no overview.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.overview.model import Overview
from bot.storage.tables import overviews

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
"""24 random bytes: nobody guesses one."""


def make(
    connection: sa.engine.Connection, conversation_id: str, message_key: str, overview: Overview, days: int
) -> str:
    """Keeps an overview for so many days and gives the token of its page.

    A message that is handled a second time makes it anew: the token of the first time was told to nobody.
    """
    purge(connection, overview.made_at)
    connection.execute(sa.delete(overviews).where(overviews.c.message_key == message_key))
    token = secrets.token_urlsafe(24)
    connection.execute(
        sa.insert(overviews).values(
            token_hash=_hash(token),
            conversation_id=conversation_id,
            message_key=message_key,
            body=overview.model_dump_json(),
            created_at=overview.made_at,
            expires_at=overview.made_at + timedelta(days=days),
        )
    )
    return token


def find(connection: sa.engine.Connection, token: str, now: datetime) -> tuple[Overview, datetime] | None:
    """The overview of a token and when it goes; None when there is none, or no longer."""
    if not TOKEN.fullmatch(token):
        return None
    row = connection.execute(
        sa.select(overviews.c.body, overviews.c.expires_at).where(
            overviews.c.token_hash == _hash(token), overviews.c.expires_at > now
        )
    ).first()
    return None if row is None else (Overview.model_validate_json(row.body), row.expires_at)


def latest(connection: sa.engine.Connection, conversation_id: str, before: datetime, now: datetime) -> Overview | None:
    """The last overview that a conversation made until `before` and that still exists."""
    query = sa.select(overviews.c.body).where(
        overviews.c.conversation_id == conversation_id, overviews.c.created_at <= before, overviews.c.expires_at > now
    )
    body = connection.execute(query.order_by(overviews.c.id.desc()).limit(1)).scalar()
    return None if body is None else Overview.model_validate_json(body)


def purge(connection: sa.engine.Connection, now: datetime) -> int:
    """Erases the overviews whose time is over; gives how many."""
    return int(connection.execute(sa.delete(overviews).where(overviews.c.expires_at <= now)).rowcount)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
