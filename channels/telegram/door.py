"""What happens with an update, by whichever way it comes: stored first, the courtesies of Telegram after that."""

from __future__ import annotations

import time
from typing import Any, Final

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.conversation.service import Conversations
from channels.courtesies import Courtesies
from channels.telegram.client import TelegramSender
from channels.telegram.incoming import CHANNEL, Incoming, NoUpdate, read

log = structlog.get_logger(__name__)

GROUP: Final = "In een groep leest iedereen mee. Schrijf mij daarom in een gesprek met ons twee. Dan help ik je graag."
_GROUP_AGAIN: Final = 3600.0
"""Seconds before the same group is told again."""
_MOST: Final = 1000
"""Groups that are remembered."""


class Door:
    """Takes updates into the inbox."""

    def __init__(self, conversations: Conversations, bot: Bot, sender: TelegramSender) -> None:
        self._conversations = conversations
        self._bot = bot
        self._sender = sender
        self._told: dict[int, float] = {}
        self._courtesies = Courtesies(CHANNEL)

    async def take(self, update: dict[str, Any]) -> list[int]:
        """Stores what an update holds and gives the ids in the inbox. Whoever raises here must be asked again."""
        try:
            incoming = read(update, self._bot)
        except NoUpdate:
            log.warning("telegram.no_update")
            return []
        stored = [await self._conversations.accept(message) for message in incoming.messages]
        self._be_polite(incoming, answer_follows=any(one.waits for one in stored))
        return [one.inbox_id for one in stored]

    async def close(self) -> None:
        """Abandons the courtesies that are under way."""
        await self._courtesies.close()

    def _be_polite(self, incoming: Incoming, *, answer_follows: bool) -> None:
        if incoming.callback_id is not None:
            self._courtesies.do(self._bot.answer_callback_query(incoming.callback_id))
        if incoming.messages and answer_follows:
            self._courtesies.do(self._sender.type_in(incoming.messages[0].sender))
        if incoming.group is not None and self._may_tell(incoming.group):
            self._courtesies.do(self._refuse(incoming.group))

    def _may_tell(self, group: int) -> bool:
        now = time.monotonic()
        if now - self._told.get(group, -_GROUP_AGAIN) < _GROUP_AGAIN:
            return False
        if len(self._told) >= _MOST:
            self._told.clear()
        self._told[group] = now
        return True

    async def _refuse(self, group: int) -> None:
        me = await self._bot.get_me()
        button = InlineKeyboardButton("Schrijf mij", url=f"https://t.me/{me.username}?start=groep")
        await self._bot.send_message(group, GROUP, reply_markup=InlineKeyboardMarkup([[button]]))
