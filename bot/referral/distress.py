"""Acute need in what somebody writes while they wait for a counsellor, when nobody may be reading yet.

The assistant reads the text as it would for an answer, and says nothing; only the helplines are given, as a notice.
"""

from __future__ import annotations

import asyncio
from typing import Final

import sqlalchemy as sa
import structlog

from bot.assistant.interface import AssistantUnavailable
from bot.conversation.change import Change
from bot.conversation.faults import fault
from bot.conversation.message import Author, Reply
from bot.conversation.model import UnknownConversation
from bot.conversation.service import Conversations
from bot.referral import referrals
from bot.referral.directory import Helplines
from bot.referral.life import State

log = structlog.get_logger(__name__)

DISTRESS: Final = "distress"
"""The intent of `bot.assistant.nlu.distress`."""
_PAUSES: Final = (1.0, 3.0, 10.0, 30.0)
"""Seconds before the assistant is asked again, when it cannot read now."""


class DistressWatch:
    """Gives the helplines to who needs them while waiting."""

    def __init__(self, conversations: Conversations, helplines: Helplines) -> None:
        self._conversations = conversations
        self._reply = Reply(text=helplines.text(), cards=helplines.cards(), sources=helplines.sources())
        self._reading: set[asyncio.Task[None]] = set()

    def hear(self, conversation_id: str, text: str) -> None:
        """Has a text read, beside whatever else goes on."""
        reading = asyncio.create_task(self._hear(conversation_id, text))
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)

    async def stop(self) -> None:
        """Abandons what is being read."""
        for reading in self._reading:
            reading.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def _hear(self, conversation_id: str, text: str) -> None:
        try:
            if await self._intent(text) == DISTRESS:
                await self._conversations.change(conversation_id, self._help)
        except UnknownConversation:  # erased meanwhile
            return
        except Exception as error:
            log.error("distress.not_read", conversation=conversation_id, **fault(error))

    async def _intent(self, text: str) -> str | None:
        for pause in _PAUSES:
            try:
                return await self._conversations.understand(text)
            except AssistantUnavailable:
                await asyncio.sleep(pause)
        return await self._conversations.understand(text)

    def _help(self, change: Change) -> None:
        """The helplines, unless a counsellor reads along by now. The assistant never answers what was written meanwhile, also
        when it has the floor again."""
        if not _in_talk(change.connection, change.conversation.id):
            change.say(Author.SYSTEM, self._reply, key=f"need:{change.now:%Y%m%d%H}")  # not again at every word


def _in_talk(connection: sa.engine.Connection, conversation_id: str) -> bool:
    """Whether a counsellor talks with the person."""
    every = referrals.find_by_conversation(connection, conversation_id)
    return any(one.status is State.LIVE for one in every)
