"""WhatsApp as a part of the application."""

from __future__ import annotations

from types import MappingProxyType

from fastapi import APIRouter

from bot.conversation.service import Conversations
from bot.settings import Settings
from channels.push import PushChannel
from channels.whatsapp.client import CloudApi, WhatsAppSender
from channels.whatsapp.door import Door
from channels.whatsapp.incoming import CHANNEL
from channels.whatsapp.limits import MAX_WEBHOOK_BODY
from channels.whatsapp.webhook import PATH, router


class WhatsApp(PushChannel):
    """The channel, for settings with all that it needs. Made before `conversations` are started."""

    bodies = MappingProxyType({PATH: MAX_WEBHOOK_BODY})

    def __init__(self, settings: Settings, conversations: Conversations) -> None:
        self._api = CloudApi(settings)
        self._door = Door(conversations, self._api, settings.whatsapp_phone_number_id)
        self._app_secret = settings.whatsapp_app_secret.get_secret_value()
        self._verify_token = settings.whatsapp_verify_token.get_secret_value()
        sender = WhatsAppSender(self._api, settings.whatsapp_template, settings.whatsapp_template_language)
        conversations.register(CHANNEL, sender, quiet=settings.quiet_period)

    def routes(self) -> APIRouter:
        """Its webhook."""
        return router(self._door, self._app_secret, self._verify_token)

    async def start(self) -> None:
        """Has nothing to begin: Meta comes by itself."""

    async def stop(self) -> None:
        """Lets go of the connections."""
        await self._door.close()
        await self._api.close()
