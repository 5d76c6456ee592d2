"""Canned replies: what the counsellors of an organisation say often, to begin a line with."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bot.conversation.message import MAX_TEXT
from bot.conversation.text import clean, one_line
from bot.counsellors.model import AccountError
from bot.storage.counsellor_tables import canned_replies

_TITLE = 60
MOST = 100
"""Replies of one organisation."""


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A text under a short title."""

    id: int
    title: str
    text: str


def of_organisation(connection: sa.engine.Connection, organisation: str) -> list[CannedReply]:
    """The replies of an organisation, by title."""
    query = sa.select(canned_replies).where(canned_replies.c.organisation == organisation)
    rows = connection.execute(query.order_by(canned_replies.c.title))
    return [CannedReply(row.id, row.title, row.text) for row in rows]


def put(connection: sa.engine.Connection, organisation: str, title: str, text: str) -> None:
    """Adds a reply, or replaces the one with that title. Raises `AccountError` for what is empty or too long."""
    name, said = one_line(title, _TITLE), clean(text)
    if not name or not said:
        raise AccountError("Vul een titel en een tekst in.")
    if len(said) > MAX_TEXT:
        raise AccountError(f"De tekst is te lang: hoogstens {MAX_TEXT} tekens.")
    where = sa.and_(canned_replies.c.organisation == organisation, canned_replies.c.title == name)
    if connection.execute(sa.update(canned_replies).where(where).values(text=said)).rowcount:
        return
    count = sa.select(sa.func.count()).where(canned_replies.c.organisation == organisation)
    if int(connection.execute(count).scalar_one()) >= MOST:
        raise AccountError(f"Een organisatie heeft hoogstens {MOST} standaardantwoorden.")
    connection.execute(sa.insert(canned_replies).values(organisation=organisation, title=name, text=said))


def remove(connection: sa.engine.Connection, organisation: str, reply_id: int) -> None:
    """Removes a reply of an organisation. Raises `AccountError` when it has none with this number."""
    where = sa.and_(canned_replies.c.organisation == organisation, canned_replies.c.id == reply_id)
    if connection.execute(sa.delete(canned_replies).where(where)).rowcount != 1:
        raise AccountError("Dat standaardantwoord is er niet meer.")
