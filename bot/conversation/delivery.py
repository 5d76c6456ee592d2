"""Delivers the outbox on push channels: in order within a conversation, again when a provider falters, once otherwise.

A reply is doubled only when the process dies between the provider's acceptance and our commit; it is never lost.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from bot.conversation import outbox
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.faults import fault, kind_of
from bot.conversation.model import RetryLater, Sender, Undeliverable
from bot.conversation.outbox import Delivery
from bot.conversation.timing import Timing
from bot.conversation.transactions import Transactions
from bot.storage.tables import utcnow

log = structlog.get_logger(__name__)


class Deliveries:
    """Hands queued replies to the senders of their channels, `workers` conversations at a time."""

    def __init__(self, transactions: Transactions, *, workers: int, timing: Timing) -> None:
        self._transactions = transactions
        self._timing = timing
        self._senders: dict[str, Sender] = {}
        self._dispatcher = Dispatcher("deliveries", self._work, self._due, workers, timing.sweep)

    def register(self, channel: str, sender: Sender) -> None:
        """Makes `channel` a push channel."""
        self._senders[channel] = sender

    def pushes(self, channel: str) -> bool:
        """Whether `channel` is a push channel."""
        return channel in self._senders

    def start(self) -> None:
        """Begins to deliver, first what the tables hold."""
        if self._senders:
            self._dispatcher.start()

    async def stop(self) -> None:
        """Lets what is being sent arrive for a moment and abandons the rest."""
        if self._senders:
            await self._dispatcher.stop(self._timing.grace)

    def wake(self, conversation_id: str) -> None:
        """Replies may wait in this conversation."""
        self._dispatcher.wake(conversation_id)

    async def _due(self) -> list[str]:
        channels = tuple(self._senders)
        return await self._transactions.read(
            lambda connection: outbox.conversations_due(connection, channels, utcnow())
        )

    async def _work(self, conversation_id: str) -> float | None:
        while True:
            claimed = await self._transactions.write(
                lambda connection: outbox.claim(connection, conversation_id, utcnow(), self._timing.in_flight)
            )
            if not isinstance(claimed, Delivery):
                return claimed
            again = await self._deliver(claimed)
            if again is not None:
                return again

    async def _deliver(self, delivery: Delivery) -> float | None:
        """Sends one reply; a number is in how many seconds to try again."""
        sender = self._senders.get(delivery.conversation.channel)
        if sender is None:  # pending since a time when the channel had one; the operator sees it in the doctor
            return self._timing.in_flight
        ids = {"conversation": delivery.conversation.id, "reply": delivery.outbox_id, "attempt": delivery.attempts}
        try:
            async with asyncio.timeout(self._timing.send):
                provider_id = await sender.send(delivery.conversation, delivery.reply)
        except Undeliverable as error:
            reason = error.reason
            log.warning("conversation.delivery.undeliverable", **ids, reason=reason)
            await self._transactions.write(lambda connection: outbox.set_aside(connection, delivery.outbox_id, reason))
            return None
        except Exception as error:
            log.warning("conversation.delivery.put_off", **ids, **fault(error))
            return await self._put_off(delivery, error)
        await self._transactions.write(
            lambda connection: outbox.delivered(connection, delivery.outbox_id, provider_id, utcnow())
        )
        log.info("conversation.delivery.sent", **ids)
        return None

    async def _put_off(self, delivery: Delivery, error: Exception) -> float | None:
        delay = self._timing.backoff(delivery.attempts)
        if isinstance(error, RetryLater) and error.seconds is not None:
            delay = max(0.0, error.seconds)
        until = utcnow() + timedelta(seconds=delay)
        if (until - delivery.created_at).total_seconds() > self._timing.undelivered:
            await self._transactions.write(
                lambda connection: outbox.set_aside(connection, delivery.outbox_id, "put off for too long")
            )
            return None
        await self._transactions.write(
            lambda connection: outbox.put_off(connection, delivery.outbox_id, kind_of(error), until)
        )
        return delay
