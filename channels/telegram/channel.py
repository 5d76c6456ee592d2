"""Telegram as a part of the application."""

from __future__ import annotations

from types import MappingProxyType

from fastapi import APIRouter

from bot.conversation.service import Conversations
from bot.settings import Settings
from channels.push import PushChannel
from channels.telegram.client import TelegramSender, make_bot
from channels.telegram.door import Door
from channels.telegram.incoming import CHANNEL
from channels.telegram.polling import Poller
from channels.telegram.webhook import MAX_BODY, PATH, router


class Telegram(PushChannel):
    """The channel, for settings with a token. Made before `conversations` are started."""

    bodies = MappingProxyType({PATH: MAX_BODY})

    def __init__(self, settings: Settings, conversations: Conversations) -> None:
        self._bot = make_bot(settings)
        sender = TelegramSender(self._bot)
        self._door = Door(conversations, self._bot, sender)
        self._poller = Poller(self._door, self._bot) if settings.telegram_polling else None
        self._secret = settings.telegram_secret.get_secret_value()
        conversations.register(CHANNEL, sender, quiet=settings.quiet_period)

    def routes(self) -> APIRouter:
        """Its webhook; nothing when it polls."""
        return APIRouter() if self._poller is not None else router(self._door, self._secret)

    async def start(self) -> None:
        """Begins to ask for updates, if it polls."""
        if self._poller is not None:
            self._poller.start()

    async def stop(self) -> None:
        """Stops asking, and lets go of the connections."""
        if self._poller is not None:
            await self._poller.stop()
        await self._door.close()
        await self._bot.request.shutdown()
