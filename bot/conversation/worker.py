"""The worker: takes the messages of a conversation in order, asks the assistant, and puts its replies in the outbox."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable
from functools import partial

import structlog

from bot.assistant.interface import Answer, Assistant, AssistantUnavailable
from bot.conversation import handover, inbox, lease, turns
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.faults import fault, kind_of
from bot.conversation.handover import Handover
from bot.conversation.timing import Timing
from bot.conversation.transactions import Transactions
from bot.conversation.turns import Begun, Failure, Next, Outcome, Owner
from bot.storage.tables import utcnow

log = structlog.get_logger(__name__)

_MOMENT = 2.0  # seconds


class Worker:
    """Has the assistant answer what waits in the inbox, `workers` conversations at a time.

    `pushes` says whether a channel needs its replies delivered, `quiet` how long people on it must be silent before
    short texts in a row are read as one; `committed` is told of each conversation in which something was committed;
    `answered` is called in the transaction that queues an answer.
    """

    def __init__(
        self,
        transactions: Transactions,
        assistant: Assistant,
        *,
        workers: int,
        reply_timeout: float,
        timing: Timing,
        pushes: Callable[[str], bool],
        quiet: Callable[[str], float],
        committed: Callable[[str], None],
        answered: turns.Answered | None = None,
    ) -> None:
        self._transactions = transactions
        self._assistant = assistant
        self._reply_timeout = reply_timeout
        self._timing = timing
        self._pushes = pushes
        self._committed = committed
        self._answered = answered
        name = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(8)}"
        self._owner = Owner(name, timing.lease, quiet)
        self._dispatcher = Dispatcher("turns", self._work, self._due, workers, timing.sweep)
        self._renewing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to work, first on what the tables hold."""
        self._dispatcher.start()
        self._renewing = asyncio.create_task(self._renew_forever())

    async def stop(self) -> None:
        """Lets turns end for a moment, abandons the rest and lets go of every lease."""
        await self._dispatcher.stop(self._timing.grace)
        if self._renewing is not None:
            self._renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._renewing
            self._renewing = None
        await self._transactions.write(lambda connection: lease.release(connection, self._owner.name))

    def wake(self, conversation_id: str) -> None:
        """A message waits in this conversation."""
        self._dispatcher.wake(conversation_id)

    async def _due(self) -> list[str]:
        return await self._transactions.read(lambda connection: inbox.conversations_due(connection, utcnow()))

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(self._timing.renew)
            active = self._dispatcher.active
            if not active:
                continue
            try:
                await self._transactions.write(
                    partial(
                        lease.renew,
                        conversation_ids=active,
                        owner=self._owner.name,
                        now=utcnow(),
                        seconds=self._owner.lease,
                    )
                )
            except Exception as error:
                log.error("conversation.renew.failed", **fault(error))

    async def _work(self, conversation_id: str) -> float | None:
        """Handles one message after another, until none is due or other conversations wait for their turn."""
        try:
            upcoming = await self._transactions.write(
                lambda connection: turns.begin(connection, conversation_id, self._owner, utcnow())
            )
            while upcoming.begun is not None:
                upcoming = await self._handle(upcoming.begun)
        except Exception:
            # The database failed us. The lease must not keep others, or our next attempt, from this conversation.
            with contextlib.suppress(Exception):
                await self._transactions.write(
                    lambda connection: lease.release(connection, self._owner.name, conversation_id)
                )
            raise
        if upcoming.held:
            self._committed(conversation_id)
        return upcoming.again

    async def _handle(self, begun: Begun) -> Next:
        push = self._pushes(begun.conversation.channel)
        failure: Failure | None = None
        answer: Answer | Handover = Answer()
        try:
            answer = handover.of(begun.message, self._pushes) or await self._ask(begun, push)
        except Exception as error:
            failure = await self._failure(begun, error)
        if failure is None:
            try:
                outcome, upcoming = await self._transactions.write(
                    lambda connection: turns.finish(
                        connection,
                        begun,
                        self._owner,
                        answer,
                        utcnow(),
                        push=push,
                        go_on=not self._dispatcher.crowded,
                        answered=self._answered,
                    )
                )
            except Exception as error:
                # An answer that cannot be stored: the next one may be, and if not, the person is told in the end.
                failure = await self._failure(begun, error)
        if failure is not None:
            wrong = failure
            outcome, upcoming = await self._transactions.write(
                lambda connection: turns.fail(
                    connection,
                    begun,
                    self._owner,
                    wrong,
                    utcnow(),
                    push=push,
                    most=self._timing.failures,
                    late=self._timing.late,
                )
            )
        log.info(
            "conversation.turn",
            conversation=begun.conversation.id,
            message=begun.message.inbox_id,
            attempt=begun.attempt,
            outcome=outcome.value,
        )
        if outcome is not Outcome.LOST:
            self._committed(begun.conversation.id)
        if isinstance(answer, Handover):
            for conversation_id in answer.touched:
                self._committed(conversation_id)
        return upcoming

    async def _ask(self, begun: Begun, push: bool) -> Answer:
        """The assistant's answer. When it takes long, the person is told meanwhile."""
        asked = asyncio.ensure_future(self._assistant.answer(begun.turn()))
        late = self._timing.late
        if begun.attempt > 1:  # then the trouble began before; yet an answer that comes at once needs no announcement
            waited = (utcnow() - begun.message.received_at).total_seconds()
            late = max(min(late, _MOMENT), late - waited)
        try:
            async with asyncio.timeout(self._reply_timeout):
                if not begun.told_late and late < self._reply_timeout:
                    done, _ = await asyncio.wait({asked}, timeout=late)
                    if not done:
                        await self._tell_late(begun, push)
                return await asked
        finally:
            asked.cancel()

    async def _tell_late(self, begun: Begun, push: bool) -> None:
        told = await self._transactions.write(
            lambda connection: turns.tell_late(connection, begun, self._owner, utcnow(), push=push)
        )
        if told:
            self._committed(begun.conversation.id)

    async def _failure(self, begun: Begun, error: Exception) -> Failure:
        """What an error means. That of an assistant which says it is ready counts, whatever the error calls itself."""
        log.warning(
            "conversation.turn.error",
            conversation=begun.conversation.id,
            message=begun.message.inbox_id,
            attempt=begun.attempt,
            **fault(error),
        )
        counts = True
        if isinstance(error, AssistantUnavailable | TimeoutError):
            counts = await self._is_ready()
        return Failure(kind_of(error), counts, self._timing.backoff(begun.attempt))

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(self._reply_timeout):
                return await self._assistant.ready()
        except Exception:
            return False
