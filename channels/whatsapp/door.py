"""What happens with the body of a webhook: stored first, the courtesies of WhatsApp after that."""

from __future__ import annotations

from typing import Any

from bot.conversation.service import Accepted, Conversations
from channels.courtesies import Courtesies
from channels.whatsapp.client import CloudApi
from channels.whatsapp.incoming import CHANNEL, read


class Door:
    """Takes bodies into the inbox."""

    def __init__(self, conversations: Conversations, api: CloudApi, phone_number_id: str) -> None:
        self._conversations = conversations
        self._api = api
        self._phone_number_id = phone_number_id
        self._courtesies = Courtesies(CHANNEL)

    async def take(self, body: dict[str, Any]) -> list[int]:
        """Stores what a body holds and gives the ids in the inbox. Whoever raises here must be asked again, for all of
        it: what was stored before counts once."""
        incoming = read(body, self._phone_number_id)
        for moved in incoming.moved:
            await self._conversations.rename(CHANNEL, moved.old, moved.new)
        stored: list[Accepted] = []
        waiting: dict[str, str] = {}
        for message in incoming.messages:
            accepted = await self._conversations.accept(message)
            stored.append(accepted)
            if accepted.waits:
                waiting[message.sender] = message.message_id.removesuffix(":tekst")
        for status in incoming.statuses:
            await self._conversations.told(CHANNEL, status.provider_id, status.state, status.error)
        for message_id in waiting.values():  # the last message of each person
            self._courtesies.do(self._api.read_and_type(message_id))
        return [one.inbox_id for one in stored]

    async def close(self) -> None:
        """Abandons the courtesies that are under way."""
        await self._courtesies.close()
