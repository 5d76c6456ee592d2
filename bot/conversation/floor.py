"""Who has the floor: one versioned column, changed by conditional updates alone.

Rasa's own pause is undone by a citizen who types "/restart"; this is not.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.conversation import records
from bot.conversation.model import Conversation, Floor, FloorTaken, UnknownConversation
from bot.storage.tables import conversations


def floor_of(connection: sa.engine.Connection, conversation_id: str) -> tuple[Floor, int]:
    """Who has the floor, and its version. Raises `UnknownConversation`."""
    found = records.get(connection, conversation_id)
    if found is None:
        raise UnknownConversation(conversation_id)
    return found.floor, found.floor_version


def give_floor(connection: sa.engine.Connection, conversation_id: str, to: Floor, expected_version: int) -> int:
    """Gives the floor and gives its new version. Raises `FloorTaken` or `UnknownConversation`; then nothing changed."""
    changed = connection.execute(
        sa.update(conversations)
        .where(
            conversations.c.id == conversation_id,
            conversations.c.floor_version == expected_version,
            records.NOT_ERASED,
        )
        .values(floor=to.value, floor_version=expected_version + 1)
    ).rowcount
    if changed != 1:
        raise FloorTaken(*floor_of(connection, conversation_id))
    return expected_version + 1


def take_for_counsellor(connection: sa.engine.Connection, conversation: Conversation) -> None:
    """Gives the floor of a locked conversation to the counsellors, when they do not have it yet."""
    if conversation.floor is not Floor.COUNSELLOR:
        give_floor(connection, conversation.id, Floor.COUNSELLOR, conversation.floor_version)
