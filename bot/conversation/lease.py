"""The lease on a conversation: which process works on it, and until when it may without renewing.

Times come from the clock of the process. Machines that share a database keep their clocks within some seconds (NTP);
a process whose lease ran out unnoticed commits nothing, because its last transaction asks for the lease once more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation import records
from bot.conversation.model import Conversation
from bot.storage.tables import conversations

_OF_CONVERSATION = conversations.c.id == sa.bindparam("conversation")
_OF_OWNER = conversations.c.lease_owner == sa.bindparam("owner")
_FREE = sa.or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < sa.bindparam("now"))
_NOBODY = {"lease_owner": None, "lease_until": None}
_TAKE = (
    sa.update(conversations)
    .where(_OF_CONVERSATION, _FREE, records.NOT_ERASED)
    .values(lease_owner=sa.bindparam("owner"), lease_until=sa.bindparam("until"))
)
_LOCK = records.BY_ID.with_for_update()
_RELEASE_ALL = sa.update(conversations).where(_OF_OWNER).values(_NOBODY)
_RELEASE = _RELEASE_ALL.where(_OF_CONVERSATION)


def take(connection: sa.engine.Connection, conversation_id: str, owner: str, now: datetime, seconds: float) -> bool:
    """Takes the lease when nobody has it, in one conditional update."""
    until = now + timedelta(seconds=seconds)
    values = {"conversation": conversation_id, "owner": owner, "now": now, "until": until}
    return bool(connection.execute(_TAKE, values).rowcount)


def lock_mine(connection: sa.engine.Connection, conversation_id: str, owner: str) -> Conversation | None:
    """The conversation, locked until the transaction ends, if `owner` still has the lease on it."""
    row = connection.execute(_LOCK, {"conversation": conversation_id}).first()
    return None if row is None or row.lease_owner != owner else records.conversation_of(row)


def renew(
    connection: sa.engine.Connection, conversation_ids: Collection[str], owner: str, now: datetime, seconds: float
) -> None:
    """Keeps the leases that `owner` still has for `seconds` more."""
    connection.execute(
        sa.update(conversations)
        .where(conversations.c.id.in_(conversation_ids), conversations.c.lease_owner == owner)
        .values(lease_until=now + timedelta(seconds=seconds))
    )


def release(connection: sa.engine.Connection, owner: str, conversation_id: str | None = None) -> None:
    """Lets go of one conversation, or of all that `owner` has."""
    if conversation_id is None:
        connection.execute(_RELEASE_ALL, {"owner": owner})
    else:
        connection.execute(_RELEASE, {"owner": owner, "conversation": conversation_id})


def clear_all(connection: sa.engine.Connection) -> None:
    """Ends every lease. Only where no other process can have one."""
    held = conversations.c.lease_owner.is_not(None)
    connection.execute(sa.update(conversations).where(held).values(_NOBODY))
