"""A change in a conversation that is more than one line: lines, the floor and rows elsewhere, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.conversation import floor, inbox, outbox, records
from bot.conversation.message import Author, Reply
from bot.conversation.model import Conversation, Floor, UnknownConversation
from bot.conversation.rewind import leave_forms
from bot.conversation.transactions import announce


@dataclass(slots=True)
class Change:
    """A locked conversation. What is done through it is committed together, or not at all."""

    connection: sa.engine.Connection
    conversation: Conversation
    now: datetime
    _pushes: Callable[[str], bool]

    def say(self, author: Author, reply: Reply, key: str | None = None) -> int:
        """Adds a line and gives its number; said before under the same key, it gives that number and adds nothing."""
        if key is not None:
            earlier = outbox.number_of(self.connection, self.conversation.id, key)
            if earlier is not None:
                return earlier
        push = self._pushes(self.conversation.channel)
        return outbox.queue(self.connection, self.conversation.id, author, [reply], push=push, now=self.now, key=key)[0]

    def give_floor(self, to: Floor) -> None:
        """Gives the floor, if it is not there yet. What waits for the assistant is left to a counsellor who takes it,
        and the assistant that gets it back listens: no form of before goes on."""
        if self.conversation.floor is to:
            return
        floor.give_floor(self.connection, self.conversation.id, to, self.conversation.floor_version)
        if to is Floor.COUNSELLOR:
            inbox.hold_all(self.connection, self.conversation, self.now)
        else:
            leave_forms(self.connection, self.conversation.id, self.now)
        self.conversation = self._again()

    def announce(self, topic: str) -> None:
        """Has who waits for `topic` woken once all this is committed."""
        announce(self.connection, topic)

    def _again(self) -> Conversation:
        found = records.get(self.connection, self.conversation.id)
        if found is None:
            raise UnknownConversation(self.conversation.id)
        return found


def begin(
    connection: sa.engine.Connection, conversation_id: str, now: datetime, pushes: Callable[[str], bool]
) -> Change:
    """Locks a conversation for a change. Raises `UnknownConversation`."""
    conversation = records.lock(connection, conversation_id)
    if conversation is None:
        raise UnknownConversation(conversation_id)
    return Change(connection, conversation, now, pushes)
