"""Delivers the outbox on push channels: in order within a conversation, again when a provider falters, once otherwise.

A reply is doubled only when the process dies between the provider's acceptance and our commit; it is never lost.
"""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from bot.conversation import outbox, progress, undelivered
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.faults import fault, kind_of
from bot.conversation.gate import Gate
from bot.conversation.model import (
    Conversation,
    OutsideWindow,
    ProviderDown,
    RetryLater,
    Sender,
    SettingsRefused,
    Undeliverable,
)
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
        self._gates: dict[str, Gate] = {}
        self._dispatcher = Dispatcher("deliveries", self._work, self._due, workers, timing.sweep)

    def register(self, channel: str, sender: Sender) -> None:
        """Makes `channel` a push channel."""
        self._senders[channel] = sender
        self._gates[channel] = Gate(sender.pace)

    def pushes(self, channel: str) -> bool:
        """Whether `channel` is a push channel."""
        return channel in self._senders

    def closed(self) -> dict[str, float]:
        """The push channels, and for how many seconds nothing is sent on each because its provider is down."""
        return {channel: gate.closed_for for channel, gate in self._gates.items()}

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
        channels = [channel for channel, gate in self._gates.items() if not gate.closed_for]
        return await self._transactions.read(
            lambda connection: outbox.conversations_due(connection, channels, utcnow())
        )

    async def _work(self, conversation_id: str) -> float | None:
        while True:
            claimed = await self._transactions.write(
                lambda connection: outbox.claim(
                    connection, conversation_id, utcnow(), self._timing.in_flight, self._wait_for
                )
            )
            if not isinstance(claimed, Delivery):
                return claimed
            again = await self._deliver(claimed)
            if again is not None:
                return again

    def _wait_for(self, conversation: Conversation) -> float:
        gate = self._gates.get(conversation.channel)
        # Pending since a time when the channel had a sender; the doctor tells the operator.
        return self._timing.in_flight if gate is None else gate.take(conversation.sender)

    async def _deliver(self, delivery: Delivery) -> float | None:
        """Sends the replies of one turn; a number is in how many seconds to try again."""
        channel = delivery.conversation.channel
        ids = {"conversation": delivery.conversation.id, "reply": delivery.ids[0], "attempt": delivery.attempts}
        try:
            await self._send(self._senders[channel], self._gates[channel], delivery)
        except Undeliverable as error:
            self._gates[channel].worked()
            log.warning("conversation.delivery.undeliverable", **ids, reason=error.reason)
            await self._set_aside(delivery, error.reason, unreachable=error.unreachable)
            return None
        except _Paused as pause:
            return await self._put_off(delivery, None, pause.seconds)
        except Exception as error:
            log.warning("conversation.delivery.put_off", **ids, **fault(error))
            return await self._try_later(delivery, error)
        log.info("conversation.delivery.sent", **ids)
        return None

    async def _send(self, sender: Sender, gate: Gate, delivery: Delivery) -> None:
        conversation = delivery.conversation
        if delivery.outside_window:
            raise OutsideWindow
        parts = sender.render(delivery.said)
        for number in range(delivery.sent, len(parts)):
            if number > delivery.sent and (wait := gate.take(conversation.sender)) > 0:
                raise _Paused(wait)
            async with asyncio.timeout(self._timing.send):
                provider_id = await sender.send(conversation, parts[number])
            gate.worked()
            taken = partial(
                outbox.part_sent,
                delivery=delivery,
                part=number,
                provider_id=provider_id,
                now=utcnow(),
                last=number == len(parts) - 1,
                in_flight=self._timing.in_flight,
            )
            if not await self._transactions.write(taken):
                return  # erased meanwhile: no more of it goes out
        if delivery.sent >= len(parts):
            await self._transactions.write(
                lambda connection: outbox.nothing_to_send(connection, delivery.ids, utcnow())
            )

    async def _try_later(self, delivery: Delivery, error: Exception) -> float | None:
        """What follows from an error that is not for ever: when to try again, and until when."""
        gate = self._gates[delivery.conversation.channel]
        timing = self._timing
        match error:
            case OutsideWindow():
                gate.worked()
                return await self._await_the_person(delivery)
            case RetryLater():
                gate.worked()
                seconds, longest = error.seconds, timing.undelivered
            case ProviderDown():
                gate.failed(error.seconds)
                seconds, longest = error.seconds, timing.undelivered
            case SettingsRefused():
                gate.failed()
                seconds, longest = timing.spread(timing.operator_retry), math.inf
            case TimeoutError():
                gate.failed()
                seconds, longest = None, timing.undelivered
            case _:  # ours: the next reply may well go out
                gate.worked()
                seconds, longest = None, timing.undelivered
                if delivery.attempts >= timing.faults:
                    await self._set_aside(delivery, undelivered.FAULT)
                    return None
        delay = timing.backoff(delivery.attempts) if seconds is None else max(0.0, seconds)
        waited = (utcnow() - delivery.queued_at).total_seconds()
        if waited + delay > longest:
            await self._set_aside(delivery, undelivered.PUT_OFF)
            return None
        return await self._put_off(delivery, kind_of(error), delay)

    async def _await_the_person(self, delivery: Delivery) -> float | None:
        """Asks a person outside the window once to write; what was to be said waits until they do."""
        conversation = delivery.conversation
        if (utcnow() - delivery.queued_at).total_seconds() > self._timing.unanswered:
            await self._set_aside(delivery, undelivered.OUTSIDE_WINDOW)
            return None
        if not delivery.invited:
            try:
                async with asyncio.timeout(self._timing.send):
                    await self._senders[conversation.channel].invite(conversation)
            except Undeliverable as error:
                await self._set_aside(delivery, error.reason, unreachable=error.unreachable)
                return None
            except OutsideWindow:  # even the invitation is refused
                await self._set_aside(delivery, undelivered.OUTSIDE_WINDOW)
                return None
            except Exception as error:
                log.warning("conversation.delivery.not_invited", conversation=conversation.id, **fault(error))
                return await self._try_later(delivery, error)
            await self._transactions.write(lambda connection: outbox.invited(connection, delivery.ids, utcnow()))
        delay, now = self._timing.window_check, utcnow()
        waits = await self._transactions.write(
            lambda connection: outbox.await_person(connection, delivery, now + timedelta(seconds=delay), now)
        )
        return delay if waits else 0.0

    async def _set_aside(self, delivery: Delivery, reason: str, *, unreachable: bool = False) -> None:
        def work(connection: sa.engine.Connection) -> None:
            outbox.set_aside(connection, delivery.ids, reason)
            if unreachable:
                progress.mark_unreachable(connection, delivery.conversation.id, reason)

        await self._transactions.write(work)

    async def _put_off(self, delivery: Delivery, error: str | None, delay: float) -> float:
        until = utcnow() + timedelta(seconds=delay)
        await self._transactions.write(lambda connection: outbox.put_off(connection, delivery.ids, error, until))
        return delay


class _Paused(Exception):
    """The pace of the channel asks for a pause between two messages of one turn."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds
