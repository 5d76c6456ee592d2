"""The channels of providers that we push replies to: which of them the settings turn on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from fastapi import APIRouter

from bot.conversation.service import Conversations
from bot.settings import Settings


class PushChannel(Protocol):
    """A part of the application that brings messages of one provider in, and registers the sender of the replies."""

    bodies: Mapping[str, int] = MappingProxyType({})
    """Paths of its webhooks whose bodies may be larger than others, with the limit in bytes."""

    def routes(self) -> APIRouter:
        """Its webhooks."""

    async def start(self) -> None:
        """Begins what it does by itself."""

    async def stop(self) -> None:
        """Ends it, and lets go of connections."""


def push_channels(settings: Settings, conversations: Conversations) -> list[PushChannel]:
    """The channels that are on, registered with `conversations`, which must not be started yet.

    Only who uses a channel loads its client: that of Telegram takes a second.
    """
    channels: list[PushChannel] = []
    if settings.telegram_token.get_secret_value():
        from channels.telegram.channel import Telegram

        channels.append(Telegram(settings, conversations))
    if settings.whatsapp_phone_number_id:
        from channels.whatsapp.channel import WhatsApp

        channels.append(WhatsApp(settings, conversations))
    return channels
