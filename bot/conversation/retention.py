"""Erasure: what a person asks to be gone is gone, in our tables and in Rasa's; and so is what is too old, each night.

A referral that nobody of an organisation read goes whole. Of one that was read what is personal goes, and it is withdrawn
if it was open: what the organisation noted itself cannot be called back from here. Its bare row stays, and so does that
of its conversation, which then says nothing about the person: its sender is replaced, its way in emptied, and no function
of this package finds it any more. The same person who writes again begins a new conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation import records
from bot.conversation.model import UnknownConversation
from bot.conversation.rewind import EVENTS, forget
from bot.conversation.transactions import announce
from bot.referral import life
from bot.referral.referrals import find_by_conversation, wipe
from bot.storage.columns import utcnow
from bot.storage.counsellor_tables import desk_audit
from bot.storage.referral_tables import mails, referral_reads, referrals
from bot.storage.tables import conversations, metadata

RECEIPT = "receipt"
"""The way in of a conversation that holds the receipt of an erasure and nothing else."""
RECEIPT_STAYS = timedelta(hours=1)
MAIL_STAYS = timedelta(days=30)
BATCH = 50
_ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long what is kept."""

    conversation: timedelta
    referral: timedelta
    audit: timedelta


def erase(connection: sa.engine.Connection, conversation_id: str, now: datetime | None = None) -> dict[str, int]:
    """Erases a conversation and gives the rows erased by table. Raises `UnknownConversation`."""
    _overwrite(connection)
    if records.lock(connection, conversation_id) is None:
        raise UnknownConversation(conversation_id)
    moment = now or utcnow()
    counts = {referrals.name: _erase_referrals(connection, conversation_id, moment)}
    # Whatever belongs to a conversation, of whatever part of the program, names it in a column of this name.
    for table in reversed(metadata.sorted_tables):
        if "conversation_id" in table.columns and table is not referrals:
            where = table.c.conversation_id == conversation_id
            counts[table.name] = int(connection.execute(sa.delete(table).where(where)).rowcount)
    row = conversations.c.id == conversation_id
    of_this = referrals.c.conversation_id == conversation_id
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
    announce(connection, _ERASED + conversation_id)
    return {name: count for name, count in counts.items() if count}


def erased(topic: str) -> str | None:
    """The conversation of which a topic says that it was erased; None for any other topic."""
    return topic.removeprefix(_ERASED) if topic.startswith(_ERASED) else None


def _erase_referrals(connection: sa.engine.Connection, conversation_id: str, now: datetime) -> int:
    gone = 0
    for one in find_by_conversation(connection, conversation_id):
        if not was_read(connection, one.id):
            gone += int(connection.execute(sa.delete(referrals).where(referrals.c.id == one.id)).rowcount)
            continue
        if one.status in life.OPEN:
            life.move(
                connection, one.id, life.What.CANCELLED, life.State.CANCELLED, life.CITIZEN, now,
                key="cancelled", values={"closed_at": now, "handover_to": None},
            )  # fmt: skip
        wipe(connection, one.id, now)
    return gone


def was_read(connection: sa.engine.Connection, referral_id: int) -> bool:
    """Whether somebody of an organisation took a referral up, or opened it."""
    claimed = sa.select(referrals.c.id).where(referrals.c.id == referral_id, referrals.c.claimed_at.is_not(None))
    opened = sa.select(referral_reads.c.id).where(referral_reads.c.referral_id == referral_id).limit(1)
    return any(connection.execute(query).first() for query in (claimed, opened))


def _overwrite(connection: sa.engine.Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Overwrites what is deleted with zeros, instead of only forgetting where it stands.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def expire(connection: sa.engine.Connection, now: datetime, terms: Terms) -> int:
    """Erases a batch of what is too old, and gives how much; 0 when nothing is left to erase."""
    _overwrite(connection)
    ended = sa.func.coalesce(referrals.c.closed_at, referrals.c.changed_at)
    old = sa.select(referrals.c.id).where(
        referrals.c.status.in_([state.value for state in life.ENDED]), ended < now - terms.referral
    )
    identifiers = connection.execute(old.limit(BATCH)).scalars().all()
    count = len(identifiers)
    if identifiers:
        connection.execute(sa.delete(referrals).where(referrals.c.id.in_(identifiers)))
    count += _expire_conversations(connection, now, terms)
    for table, moment, stays in (
        (mails, mails.c.created_at, MAIL_STAYS),
        (desk_audit, desk_audit.c.at, terms.audit),
    ):
        too_old = sa.select(table.c.id).where(moment < now - stays).limit(BATCH)
        found = connection.execute(too_old).scalars().all()
        if found:
            connection.execute(sa.delete(table).where(table.c.id.in_(found)))
        count += len(found)
    return count


def _expire_conversations(connection: sa.engine.Connection, now: datetime, terms: Terms) -> int:
    """Conversations without a referral that are too old, receipts that were read, and empty rows of erased ones."""
    last = sa.func.coalesce(conversations.c.last_inbound_at, conversations.c.created_at)
    has_referral = sa.exists().where(referrals.c.conversation_id == conversations.c.id)
    receipt = sa.and_(
        conversations.c.entry == RECEIPT,
        conversations.c.last_inbound_at.is_(None),
        conversations.c.created_at < now - RECEIPT_STAYS,
    )
    # A row that was erased keeps nothing to wait for.
    query = sa.select(conversations.c.id).where(
        ~has_referral, sa.or_(last < now - terms.conversation, receipt, ~records.NOT_ERASED)
    )
    identifiers = connection.execute(query.limit(BATCH)).scalars().all()
    for identifier in identifiers:
        if records.lock(connection, identifier) is None:
            connection.execute(sa.delete(conversations).where(conversations.c.id == identifier))
        else:
            erase(connection, identifier, now)
    return len(identifiers)


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
