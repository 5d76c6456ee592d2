"""What a provider took, and what it says became of that, in whatever order it says it and however often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.conversation import undelivered
from bot.conversation.model import DeliveryState
from bot.conversation.transactions import announce
from bot.storage.tables import conversations, deliveries, outbox

_RANKS = {
    DeliveryState.SENT: 1,
    # A message that failed may have been taken before; one that arrived cannot fail any more.
    DeliveryState.FAILED: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.READ: 4,
}
_UNCLAIMED = timedelta(days=1)
"""How long a provider's word of a message that we do not know of (yet) is kept."""


_PARTS = sa.select(sa.func.max(deliveries.c.part)).where(deliveries.c.outbox_id == sa.bindparam("reply"))


def parts_taken(connection: sa.engine.Connection, outbox_id: int) -> int:
    """How many messages of the replies that begin with this one the provider took."""
    last = connection.execute(_PARTS, {"reply": outbox_id}).scalar()
    return 0 if last is None else int(last) + 1


def forget(connection: sa.engine.Connection, outbox_id: int) -> None:
    """Has all messages of the replies that begin with this one go out again."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.outbox_id == outbox_id))


def taken(
    connection: sa.engine.Connection, channel: str, outbox_id: int, part: int, provider_id: str | None, now: datetime
) -> None:
    """The provider took message `part` of the replies that begin with this one. It may have told of it already."""
    provider_id = provider_id and provider_id[:255]
    ours = {"outbox_id": outbox_id, "part": part}
    if provider_id is not None:
        known = _of(channel, provider_id)
        row = connection.execute(sa.select(deliveries.c.state, deliveries.c.error).where(known)).first()
        if row is not None:
            connection.execute(sa.update(deliveries).where(known).values(**ours))
            if row.state == DeliveryState.FAILED:
                _failed(connection, outbox_id, row.error or undelivered.REFUSED, now)
            return
    connection.execute(
        sa.insert(deliveries).values(
            channel=channel, provider_id=provider_id, state=DeliveryState.SENT.value, at=now, **ours
        )
    )


def told(
    connection: sa.engine.Connection,
    channel: str,
    provider_id: str,
    state: DeliveryState,
    now: datetime,
    error: str | None = None,
) -> str | None:
    """The provider says how far a message got. Gives the conversation in which something must be sent because of it.

    A message that failed sets its replies aside, with `error` (a code of `undelivered`) as the reason; when the reason
    is that the window was closed, they wait for the person to write instead.
    """
    provider_id = provider_id[:255]
    known = _of(channel, provider_id)
    row = connection.execute(sa.select(deliveries).where(known).with_for_update()).first()
    if row is None:
        old = deliveries.c.outbox_id.is_(None) & (deliveries.c.at < now - _UNCLAIMED)
        connection.execute(sa.delete(deliveries).where(old))
        connection.execute(
            sa.insert(deliveries).values(
                channel=channel, provider_id=provider_id, state=state.value, error=error and error[:64], at=now
            )
        )
        return None
    if _RANKS[state] <= _RANKS[DeliveryState(row.state)]:
        return None
    connection.execute(sa.update(deliveries).where(known).values(state=state.value, error=error and error[:64], at=now))
    if row.outbox_id is None:
        return None
    of = connection.execute(sa.select(outbox.c.conversation_id).where(outbox.c.id == row.outbox_id)).scalar()
    announce(connection, str(of))  # a counsellor sees how far it got
    if state is not DeliveryState.FAILED:
        return None
    return _failed(connection, row.outbox_id, error or undelivered.REFUSED, now)


def states(connection: sa.engine.Connection, rows: Sequence[Any]) -> dict[int, DeliveryState]:
    """How far each of these rows of the outbox got, by id. The replies of one turn go together."""
    first: dict[Any, int] = {}
    heads = {row.id: first.setdefault((row.inbox_id, row.author) if row.inbox_id else row.id, row.id) for row in rows}
    told: dict[int, list[DeliveryState]] = {}
    pushed = [row.id for row in rows if row.attempts]  # on a pull channel the provider is the person's own side
    if pushed:
        query = sa.select(deliveries.c.outbox_id, deliveries.c.state).where(deliveries.c.outbox_id.in_(pushed))
        for one in connection.execute(query):
            told.setdefault(one.outbox_id, []).append(DeliveryState(one.state))
    found = {}
    for row in rows:
        if row.status == "dead":
            found[row.id] = DeliveryState.FAILED
        elif row.status == "pending":
            found[row.id] = DeliveryState.QUEUED
        else:
            parts = told.get(heads[row.id]) or [DeliveryState.SENT]
            found[row.id] = min(parts, key=_RANKS.__getitem__)
    return found


def _of(channel: str, provider_id: str) -> sa.sql.ColumnElement:
    return sa.and_(deliveries.c.channel == channel, deliveries.c.provider_id == provider_id)


def _failed(connection: sa.engine.Connection, outbox_id: int, reason: str, now: datetime) -> str | None:
    """Sets aside the replies of the turn that begins with this one, or has them wait for the person to write."""
    first = connection.execute(sa.select(outbox).where(outbox.c.id == outbox_id)).one()
    of_turn = outbox.c.id == outbox_id
    if first.inbox_id is not None:
        of_turn = sa.and_(outbox.c.inbox_id == first.inbox_id, outbox.c.author == first.author)
    if reason != undelivered.OUTSIDE_WINDOW:
        connection.execute(
            sa.update(outbox).where(of_turn).values(status="dead", next_attempt_at=None, error=reason[:255])
        )
        return None
    # What went out of the turn did not arrive. It all goes out once the person has written, if they did not already.
    last = connection.execute(
        sa.select(conversations.c.last_inbound_at).where(conversations.c.id == first.conversation_id)
    ).scalar()
    wrote = last is not None and first.sent_at is not None and last > first.sent_at
    forget(connection, outbox_id)
    connection.execute(
        sa.update(outbox)
        .where(of_turn)
        .values(status="pending", next_attempt_at=None, error=None if wrote else reason, queued_at=now)
    )
    return str(first.conversation_id)


def mark_unreachable(connection: sa.engine.Connection, conversation_id: str, reason: str | None) -> None:
    """Notes that nothing can be sent to the person, and why; with None that it can again."""
    changed = sa.func.coalesce(conversations.c.unreachable, "") != (reason or "")
    connection.execute(
        sa.update(conversations).where(conversations.c.id == conversation_id, changed).values(unreachable=reason)
    )
