"""What goes on by itself, in every process: promises kept, mail sent, erasures done, and each night what is too old erased.

All of it is read from the tables, so a process that dies, or a second one beside it, changes nothing but when.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.conversation.dispatcher import Dispatcher
from bot.conversation.model import UnknownConversation
from bot.conversation.service import Conversations
from bot.mail import Mailer
from bot.referral import promises
from bot.referral.promises import Promises
from bot.settings import Settings
from bot.smtp import Server
from bot.storage.columns import utcnow

SWEEP = 2.0
"""Seconds between two looks at what is due."""


class Keeper:
    """Starts with the conversations and stops before them."""

    def __init__(
        self,
        conversations: Conversations,
        kept: Promises,
        settings: Settings,
        *,
        changed: Callable[[str], None],
        sweep: float = SWEEP,
    ) -> None:
        """`changed` is told of an organisation of which a referral changed."""
        self._conversations = conversations
        self._kept = kept
        self._settings = settings
        self._changed = changed
        self._conversation_of: dict[str, str] = {}
        self._promises = Dispatcher("promises", self._keep, self._due, 2, sweep)
        url = settings.smtp_url.get_secret_value()
        self._mailer = (
            Mailer(conversations.transactions, Server.parse(url), settings.mail_from, sweep=sweep) if url else None
        )

    def start(self) -> None:
        """Begins to look."""
        self._promises.start()
        if self._mailer is not None:
            self._mailer.start()

    async def stop(self) -> None:
        """Ends what is going on."""
        await self._promises.stop(5.0)
        if self._mailer is not None:
            await self._mailer.stop()

    async def _due(self) -> list[str]:
        now = utcnow()
        found = await self._conversations.read(lambda connection: promises.due(connection, now, self._settings))
        self._conversation_of = {str(identifier): conversation for identifier, conversation in found}
        return list(self._conversation_of)

    async def _keep(self, key: str) -> float | None:
        conversation = self._conversation_of.get(key)
        if conversation is None:
            return None
        try:
            kept = await self._conversations.change(conversation, lambda change: self._kept.keep(change, int(key)))
        except UnknownConversation:  # erased meanwhile
            return None
        self._changed(kept.organisation)
        return None
