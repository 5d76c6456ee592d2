"""What goes on by itself, in every process: promises kept, mail sent, erasures done, and each night what is too old erased.

All of it is read from the tables, so a process that dies, or a second one beside it, changes nothing but when.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import structlog

from bot.conversation import erasure, retention
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.faults import fault
from bot.conversation.model import UnknownConversation
from bot.conversation.service import Conversations
from bot.mail import Mailer
from bot.referral import hours, life, notices, promises
from bot.referral.notices import Notice
from bot.referral.promises import Promises
from bot.settings import Settings
from bot.smtp import Server
from bot.storage.columns import utcnow

log = structlog.get_logger(__name__)

NIGHT = 3
"""The hour, in Belgium, from which the night's work is due."""
_ERASE = "erase:"
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
        self._nights: set[date] = set()
        self._upkeep = Dispatcher("upkeep", self._keep_up, self._to_keep_up, 1, sweep)
        self._promises = Dispatcher("promises", self._keep, self._due, 2, sweep)
        url = settings.smtp_url.get_secret_value()
        self._mailer = (
            Mailer(conversations.transactions, Server.parse(url), settings.mail_from, sweep=sweep) if url else None
        )

    def start(self) -> None:
        """Begins to look."""
        self._promises.start()
        self._upkeep.start()
        if self._mailer is not None:
            self._mailer.start()

    async def stop(self) -> None:
        """Ends what is going on."""
        await self._promises.stop(5.0)
        await self._upkeep.stop(5.0)
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

    # -- Erasures that were asked for, and each night what is too old

    async def _to_keep_up(self) -> list[str]:
        now = utcnow()
        asked = await self._conversations.read(lambda connection: erasure.due(connection, now))
        local = now.astimezone(hours.BELGIUM)
        night = [local.date().isoformat()] if local.hour >= NIGHT and local.date() not in self._nights else []
        return [*(f"{_ERASE}{conversation}" for conversation in asked), *night]

    async def _keep_up(self, key: str) -> float | None:
        if key.startswith(_ERASE):
            await self._erase(key.removeprefix(_ERASE))
            return None
        terms = retention.Terms(
            conversation=timedelta(days=self._settings.conversation_days),
            referral=timedelta(days=self._settings.referral_days),
            audit=timedelta(days=self._settings.audit_days),
        )
        count = 0
        while batch := await self._conversations.write(
            lambda connection: retention.expire(connection, utcnow(), terms)
        ):
            count += batch
        self._nights.add(date.fromisoformat(key))
        log.info("retention.done", erased=count)
        return None

    async def erase_first(self, channel: str, sender: str) -> None:
        """Erases what a person asked to be erased, when it is due: the next message finds nothing of it.

        Raises nothing: what fails here is tried again later, and the message must not be lost over it.
        """
        now = utcnow()
        try:
            due = await self._conversations.read(lambda connection: erasure.due_of(connection, channel, sender, now))
            if due is not None:
                await self._erase(due)
        except Exception as error:
            log.error("erasure.failed", **fault(error))

    async def _erase(self, conversation_id: str) -> None:
        """Erases, and gives the person the receipt."""
        held = await self._conversations.read(lambda connection: erasure.holdings(connection, conversation_id))
        conversation = await self._conversations.get(conversation_id)
        if held is None or conversation is None:
            await self._conversations.write(lambda connection: erasure.drop(connection, conversation_id))
            return
        for one in held.read:
            if one.status in life.OPEN:
                await self._conversations.write(
                    lambda connection, one=one: notices.tell(  # type: ignore[misc]
                        connection, one, Notice.CANCELLED, self._settings, utcnow()
                    )
                )
        try:
            counts = await self._conversations.erase(conversation_id)
        except UnknownConversation:  # erased meanwhile, with its receipt
            return
        for one in held.referrals:
            self._changed(one.organisation)
        if conversation.channel not in erasure.NO_RECEIPT:
            names = sorted({self._kept.name_of(one.organisation) for one in held.read})
            reply = erasure.receipt(counts, names, hours.at_time(utcnow()))
            await self._conversations.open(conversation.channel, conversation.sender, retention.RECEIPT, reply)
        log.info("erasure.done", tables=len(counts), rows=sum(counts.values()))
