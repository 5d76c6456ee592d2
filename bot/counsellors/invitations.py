"""Invitations: a link that works once, within a week, with which somebody chooses a password.

The same link serves who lost everything: `accounts.forget_credentials` first. A new link ends the ones before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot import mail
from bot.counsellors import accounts
from bot.counsellors.model import AccountError, Counsellor
from bot.counsellors.tokens import digest, new_token
from bot.settings import Settings
from bot.storage.counsellor_tables import counsellor_links
from bot.storage.tables import utcnow

VALID = timedelta(days=7)
PATH = "/desk/uitnodiging/"
"""Where the page stands that takes an invitation up; the token comes behind it."""

_GONE = "Deze link werkt niet meer. Vraag je beheerder een nieuwe."


def make_link(connection: sa.engine.Connection, counsellor: Counsellor, now: datetime | None = None) -> str:
    """The token of a fresh link for an account. It is given here once and can never be read back."""
    moment, token = now or utcnow(), new_token()
    connection.execute(sa.delete(counsellor_links).where(counsellor_links.c.counsellor_id == counsellor.id))
    connection.execute(
        sa.insert(counsellor_links).values(
            token_hash=digest(token), counsellor_id=counsellor.id, created_at=moment, expires_at=moment + VALID
        )
    )
    return token


def send(
    connection: sa.engine.Connection,
    counsellor: Counsellor,
    token: str,
    settings: Settings,
    organisation: str,
    now: datetime | None = None,
) -> bool:
    """Queues a mail with a fresh link, and takes back one with an earlier link. False without a mail server.

    `organisation` is its name; empty for an operator.
    """
    key = f"invitation:{counsellor.id}:"
    mail.take_back(connection, key)
    if not settings.smtp_url.get_secret_value():
        return False
    whole = f"{settings.public_url}{PATH}{token}"
    at = f" van {organisation}" if organisation else ""
    mail.queue(
        connection,
        mail.Mail(
            key=f"{key}{digest(token)[:16]}",
            recipient=counsellor.email,
            subject="Je account aan de balie van Leerwijzer",
            body=f"Dag {counsellor.first_name},\n\nKies een wachtwoord voor je account aan de balie{at}. De link werkt één "
            f"keer, en {VALID.days} dagen lang:\n{whole}\n\nVerwachtte je dit niet? Doe dan niets en laat het je beheerder "
            "weten.\n\nLeerwijzer\n",
        ),
        now or utcnow(),
    )
    return True


def whose(connection: sa.engine.Connection, token: str, now: datetime | None = None) -> Counsellor:
    """For whom a link is, without using it. Raises `AccountError` when it is unknown, used, too old, or the account off."""
    row = connection.execute(_usable(token, now or utcnow())).first()
    found = None if row is None else accounts.get(connection, row.counsellor_id)
    if found is None or not found.active:
        raise AccountError(_GONE)
    return found


def take_up(
    connection: sa.engine.Connection, token: str, password_hash: str, now: datetime | None = None
) -> Counsellor:
    """Uses a link: the account gets its password. Of two at once, one succeeds. Raises `AccountError`."""
    moment = now or utcnow()
    counsellor = whose(connection, token, moment)
    used = connection.execute(
        sa.update(counsellor_links)
        .where(counsellor_links.c.token_hash == digest(token), counsellor_links.c.used_at.is_(None))
        .values(used_at=moment)
    ).rowcount
    if used != 1:
        raise AccountError(_GONE)
    accounts.set_password(connection, counsellor.id, password_hash)
    return accounts.unlock(connection, counsellor.id)


def _usable(token: str, now: datetime) -> sa.sql.Select:
    return sa.select(counsellor_links.c.counsellor_id).where(
        counsellor_links.c.token_hash == digest(token),
        counsellor_links.c.used_at.is_(None),
        counsellor_links.c.expires_at > now,
    )
