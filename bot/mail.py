"""E-mail to organisations: queued in the table `mails`, delivered with retries. Best effort: the desk is the truth.

No mail holds anything of a citizen: a reference and a link to the desk, which asks who reads. What one says is encrypted
while it waits, as an invitation opens an account, and goes once it was sent or given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.dispatcher import Dispatcher
from bot.conversation.faults import fault, kind_of
from bot.conversation.transactions import Transactions
from bot.smtp import Server
from bot.storage.columns import utcnow
from bot.storage.referral_tables import mails

log = structlog.get_logger(__name__)

PENDING, SENT, DEAD = "pending", "sent", "dead"
GIVE_UP = timedelta(days=2)
_TIMEOUT = 30.0
_PAUSES = (10, 60, 300, 900, 3600)
"""Seconds after each attempt; the last one is repeated."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail."""

    key: str
    """The same told twice is sent once."""
    recipient: str
    subject: str
    body: str
    calendar: str | None = None
    """An appointment (ICS) to attach."""


def queue(connection: sa.engine.Connection, mail: Mail, now: datetime) -> None:
    """Queues a mail, once for its key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(mails)
        .values(
            key=mail.key,
            recipient=mail.recipient,
            subject=mail.subject,
            body=mail.body,
            calendar=mail.calendar,
            created_at=now,
            status=PENDING,
            attempts=0,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )


def take_back(connection: sa.engine.Connection, key: str) -> None:
    """Drops what waits under keys that begin with `key`."""
    connection.execute(sa.delete(mails).where(mails.c.status == PENDING, mails.c.key.startswith(key, autoescape=True)))


class Mailer:
    """Delivers what is queued, one mail at a time."""

    def __init__(self, transactions: Transactions, server: Server, sender: str, *, sweep: float = 5.0) -> None:
        self._transactions = transactions
        self._server = server
        self._sender = sender
        self._dispatcher = Dispatcher("mails", self._work, self._due, 1, sweep)

    def start(self) -> None:
        """Begins to deliver."""
        self._dispatcher.start()

    async def stop(self) -> None:
        """Lets a mail that is being sent go."""
        await self._dispatcher.stop(5.0)

    async def _due(self) -> list[str]:
        now = utcnow()
        due = sa.or_(mails.c.next_attempt_at.is_(None), mails.c.next_attempt_at <= now)
        query = sa.select(mails.c.id).where(mails.c.status == PENDING, due).order_by(mails.c.id).limit(100)
        rows = await self._transactions.read(lambda connection: connection.execute(query).scalars().all())
        return [str(identifier) for identifier in rows]

    async def _work(self, key: str) -> float | None:
        identifier, now = int(key), utcnow()
        row = await self._transactions.write(lambda connection: _claim(connection, identifier, now))
        if row is None:
            return None
        ids = {"mail": identifier, "attempt": row.attempts + 1}
        try:
            await self._send(row)
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refused.code >= 500 for refused in error.recipients):
                await self._close(identifier, DEAD, error)
                log.warning("mail.refused", **ids, **fault(error))
                return None
            return await self._put_off(row, error)
        except Exception as error:
            log.warning("mail.put_off", **ids, **fault(error))
            return await self._put_off(row, error)
        await self._close(identifier, SENT, None)
        log.info("mail.sent", **ids)
        return None

    async def _send(self, row: sa.engine.Row) -> None:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = row.recipient
        message["Subject"] = row.subject
        message["Date"] = format_datetime(row.created_at)
        # The same at every attempt: a server that took it before our connection broke can tell.
        message["Message-ID"] = f"<leerwijzer.{row.id}.{int(row.created_at.timestamp())}@{_domain(self._sender)}>"
        message.set_content(row.body)
        if row.calendar:
            message.add_attachment(row.calendar.encode(), maintype="text", subtype="calendar", filename="afspraak.ics")
        await aiosmtplib.send(
            message,
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.tls,
            start_tls=None if self._server.tls else self._server.starttls,
            username=self._server.user,
            password=self._server.password,
            timeout=_TIMEOUT,
        )

    async def _put_off(self, row: sa.engine.Row, error: Exception) -> float | None:
        now = utcnow()
        if now - row.created_at > GIVE_UP:
            await self._close(row.id, DEAD, error)
            return None
        pause = _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
        values = {"next_attempt_at": now + timedelta(seconds=pause), "error": kind_of(error)}
        await self._update(row.id, values)
        return float(pause)

    async def _close(self, identifier: int, status: str, error: Exception | None) -> None:
        values = {"status": status, "next_attempt_at": None, "error": kind_of(error) if error else None, "body": ""}
        await self._update(identifier, values | ({"sent_at": utcnow()} if status == SENT else {}))

    async def _update(self, identifier: int, values: dict[str, object]) -> None:
        await self._transactions.write(
            lambda connection: connection.execute(sa.update(mails).where(mails.c.id == identifier).values(**values))
        )


def _claim(connection: sa.engine.Connection, identifier: int, now: datetime) -> sa.engine.Row | None:
    """The mail, for this process alone while it tries."""
    row = connection.execute(sa.select(mails).where(mails.c.id == identifier, mails.c.status == PENDING)).first()
    if row is None:
        return None
    claimed = connection.execute(
        sa.update(mails)
        .where(mails.c.id == identifier, mails.c.status == PENDING, mails.c.attempts == row.attempts)
        .values(attempts=row.attempts + 1, next_attempt_at=now + timedelta(seconds=2 * _TIMEOUT))
    ).rowcount
    return row if claimed else None


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip("<> ") or "localhost"
