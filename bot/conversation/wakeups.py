"""Wakes who waits for something in a conversation, as soon as it is committed, in whatever process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import structlog

from bot.conversation.faults import fault

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Link(Protocol):
    """Carries wake-ups to other processes and back (`bot.conversation.redis_link`)."""

    def start(self, wake: Callable[[str], None], wake_all: Callable[[], None]) -> None:
        """Begins: `wake` is to be called for each conversation another process tells of, `wake_all` after a gap."""

    def tell(self, conversation_id: str) -> None:
        """Tells the other processes; does not wait for it."""

    async def stop(self) -> None:
        """Ends."""


class _Waiter:
    """Somebody who waits: woken by a sign alone, or because something was committed."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.committed = True
        """Whether the tables may hold something new: at first, and after a pause without any word."""

    def wake(self, *, committed: bool) -> None:
        self.committed = self.committed or committed
        self.woken.set()


class Wakeups:
    """Who waits for which conversation in this process.

    `link` brings the wake-ups of other processes. Without it, `last_numbers` is asked every `poll` seconds for the last
    line number of the conversations that somebody waits for (one query, whatever their number); None when there is only
    this process. With other processes everybody also looks again every `recheck` seconds, because a wake-up can get
    lost.
    """

    def __init__(
        self,
        link: Link | None = None,
        last_numbers: Callable[[list[str]], Awaitable[dict[str, int]]] | None = None,
        poll: float = 0.5,
        recheck: float = 5.0,
    ) -> None:
        self._link = link
        self._last_numbers = last_numbers
        self._poll = poll
        self._recheck = None if link is None and last_numbers is None else recheck
        self._waiting: dict[str, set[_Waiter]] = {}
        self._ears: list[Callable[[str], str | None]] = []
        self._polling: asyncio.Task[None] | None = None

    def listen(self, hear: Callable[[str], str | None]) -> None:
        """Has `hear` told of every topic, also of other processes; what it gives is woken instead of the topic."""
        self._ears.append(hear)

    def start(self) -> None:
        """Begins to listen to other processes."""
        if self._link is not None:
            self._link.start(self._wake, self._wake_all)
        elif self._last_numbers is not None:
            self._polling = asyncio.create_task(self._poll_forever(self._last_numbers))

    async def stop(self) -> None:
        """Stops listening."""
        if self._link is not None:
            await self._link.stop()
        if self._polling is not None:
            self._polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._polling
            self._polling = None

    def notify(self, conversation_id: str) -> None:
        """Something was committed in a conversation."""
        self._wake(conversation_id)
        if self._link is not None:
            self._link.tell(conversation_id)

    async def until(
        self,
        conversation_id: str,
        look: Callable[[], Awaitable[T | None]],
        timeout: float,  # noqa: ASYNC109 (a last look comes after it)
        glance: Callable[[], T | None] | None = None,
    ) -> T | None:
        """What `look` gives once it gives something; None when it gave nothing within `timeout` seconds.

        When no more than a sign woke it, `glance` is asked instead, which looks at nothing but signs.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        waiter = _Waiter()
        self._waiting.setdefault(conversation_id, set()).add(waiter)
        try:
            while True:
                # Before looking, so that what is committed meanwhile is seen at the next look.
                waiter.woken.clear()
                committed, waiter.committed = waiter.committed, False
                found = await look() if committed or glance is None else glance()
                remaining = deadline - loop.time()
                if found is not None or remaining <= 0:
                    return found
                pause = remaining if self._recheck is None else min(remaining, self._recheck)
                try:
                    await asyncio.wait_for(waiter.woken.wait(), pause)
                except TimeoutError:
                    waiter.committed = True
        finally:
            waiters = self._waiting[conversation_id]
            waiters.discard(waiter)
            if not waiters:
                del self._waiting[conversation_id]

    def _wake(self, conversation_id: str) -> None:
        sign: str | None = None
        for hear in self._ears:
            sign = hear(conversation_id) or sign
        for waiter in self._waiting.get(sign or conversation_id, ()):
            waiter.wake(committed=sign is None)

    def _wake_all(self) -> None:
        for conversation_id in list(self._waiting):
            self._wake(conversation_id)

    async def _poll_forever(self, last_numbers: Callable[[list[str]], Awaitable[dict[str, int]]]) -> None:
        known: dict[str, int] = {}
        while True:
            await asyncio.sleep(self._poll)
            if not self._waiting:
                known = {}
                continue
            try:
                found = await last_numbers(list(self._waiting))
            except Exception as error:
                log.warning("conversation.poll.failed", **fault(error))
                continue
            for conversation_id, number in found.items():
                if known.get(conversation_id) != number:
                    self._wake(conversation_id)
            known = found
