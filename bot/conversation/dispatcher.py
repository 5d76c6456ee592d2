"""Works on many conversations at once, on each of them one thing at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from bot.conversation.faults import fault

log = structlog.get_logger(__name__)

_AFTER_ERROR = 1.0  # seconds until work that raised is tried again


class Dispatcher:
    """Calls `work` with each key it is woken for, at most `concurrency` at a time, and never twice at once with one
    key.

    `work` gives the seconds after which it wants to be called again, or None. `search` gives keys that need work and of
    which nobody told; it is asked at the start and every `sweep` seconds.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[str], Awaitable[float | None]],
        search: Callable[[], Awaitable[list[str]]],
        concurrency: int,
        sweep: float,
    ) -> None:
        self._name = name
        self._work = work
        self._search = search
        self._concurrency = concurrency
        self._sweep = sweep
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._active: set[str] = set()
        self._woken_again: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._idle = asyncio.Event()
        self._running = False

    @property
    def active(self) -> frozenset[str]:
        """The keys being worked on."""
        return frozenset(self._active)

    @property
    def crowded(self) -> bool:
        """Whether keys wait for their turn."""
        return bool(self._queued)

    def start(self) -> None:
        """Begins to work."""
        self._running = True
        self._tasks = [asyncio.create_task(self._run()) for _ in range(self._concurrency)]
        self._tasks.append(asyncio.create_task(self._sweep_forever()))

    async def stop(self, grace: float) -> None:
        """Takes up nothing new, lets what is going on end within `grace` seconds, and cancels the rest."""
        self._running = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._tasks[-1].cancel()
        if self._active:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), grace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def wake(self, key: str) -> None:
        """There is work for `key`."""
        if not self._running or key in self._queued:
            return
        if key in self._active:
            self._woken_again.add(key)
            return
        if timer := self._timers.pop(key, None):
            timer.cancel()
        self._queued.add(key)
        self._queue.put_nowait(key)

    def _wake_in(self, key: str, seconds: float) -> None:
        if self._running:
            if timer := self._timers.pop(key, None):
                timer.cancel()
            self._timers[key] = asyncio.get_running_loop().call_later(seconds, self.wake, key)

    async def _run(self) -> None:
        while True:
            key = await self._queue.get()
            self._queued.discard(key)
            if not self._running:
                continue
            self._active.add(key)
            again: float | None = None
            try:
                again = await self._work(key)
            except Exception as error:
                log.error("conversation.work.failed", work=self._name, conversation=key, **fault(error))
                again = _AFTER_ERROR
            finally:
                self._active.discard(key)
                if not self._active:
                    self._idle.set()
            if key in self._woken_again:
                self._woken_again.discard(key)
                self.wake(key)
            elif again is not None:
                self._wake_in(key, again)

    async def _sweep_forever(self) -> None:
        while True:
            try:
                for key in await self._search():
                    self.wake(key)
            except Exception as error:
                log.error("conversation.sweep.failed", work=self._name, **fault(error))
            await asyncio.sleep(self._sweep)
