"""Sessions of the desk, kept by the server: the cookie is a random token, of which the table holds the hash.

A session ends after an hour without use and after twelve hours in any case (OWASP, session management), when its
account is switched off or gets another password, and when its owner signs out. It gets a new token when the second factor
is given, so that a token from before it is worth nothing afterwards.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.counsellors import accounts
from bot.counsellors.model import Counsellor
from bot.counsellors.tokens import digest, new_token
from bot.storage.counsellor_tables import counsellor_sessions, counsellors
from bot.storage.tables import utcnow

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
FIRST_STEP = timedelta(minutes=10)
"""How long one may take for the second factor."""
_NOTED = timedelta(seconds=30)
"""Use is written down at most this often: not every request is a write."""


_FIND = (
    sa.select(
        counsellors,
        counsellor_sessions.c.csrf,
        counsellor_sessions.c.complete,
        counsellor_sessions.c.created_at.label("begun_at"),
        counsellor_sessions.c.used_at,
    )
    .join(counsellors, counsellors.c.id == counsellor_sessions.c.counsellor_id)
    .where(counsellor_sessions.c.token_hash == sa.bindparam("hash"), counsellors.c.active.is_(True))
)
# Built once: every request of the desk asks.


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A valid session. `complete` is False between the first and the second factor: then nothing else is allowed."""

    counsellor: Counsellor
    csrf: str
    complete: bool
    ends_at: datetime
    """When it ends in any case; sooner without use."""


def begin(
    connection: sa.engine.Connection, counsellor: Counsellor, *, complete: bool, now: datetime | None = None
) -> str:
    """The token of a new session."""
    moment, token = now or utcnow(), new_token()
    connection.execute(sa.delete(counsellor_sessions).where(counsellor_sessions.c.created_at < moment - LONGEST))
    connection.execute(
        sa.insert(counsellor_sessions).values(
            token_hash=digest(token),
            counsellor_id=counsellor.id,
            csrf=secrets.token_urlsafe(32),
            complete=complete,
            created_at=moment,
            used_at=moment,
        )
    )
    return token


def find(connection: sa.engine.Connection, token: str, now: datetime | None = None) -> tuple[DeskSession, bool] | None:
    """The session of a token, with whether its use is to be written down (`touch`); None when it is not valid."""
    moment = now or utcnow()
    row = connection.execute(_FIND, {"hash": digest(token)}).first()
    if row is None:
        return None
    ends_at = row.begun_at + (LONGEST if row.complete else FIRST_STEP)
    if moment >= ends_at or moment >= row.used_at + IDLE:
        return None
    session = DeskSession(accounts.counsellor_of(row), row.csrf, row.complete, ends_at)
    return session, moment - row.used_at >= _NOTED


def touch(connection: sa.engine.Connection, token: str, now: datetime | None = None) -> None:
    """Writes down that a session was used."""
    where = counsellor_sessions.c.token_hash == digest(token)
    connection.execute(sa.update(counsellor_sessions).where(where).values(used_at=now or utcnow()))


def end(connection: sa.engine.Connection, token: str) -> None:
    """Ends one session; nothing happens when there is none."""
    connection.execute(sa.delete(counsellor_sessions).where(counsellor_sessions.c.token_hash == digest(token)))


def end_all(connection: sa.engine.Connection, counsellor_id: int) -> None:
    """Ends every session of an account."""
    connection.execute(sa.delete(counsellor_sessions).where(counsellor_sessions.c.counsellor_id == counsellor_id))
