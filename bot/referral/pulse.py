"""Tells the open pages of an organisation that its list changed: looked at once, however many pages watch it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.conversation.faults import fault
from bot.conversation.service import Conversations
from bot.referral import overview

log = structlog.get_logger(__name__)

LOOK_AGAIN: Final = 2.0
"""Seconds after which a list is looked at again, whatever woke nobody: another process may have changed it."""
PAUSE: Final = 1.0
"""Seconds between two changes that are told: a list that moves all the time is fetched once a second, not at each line."""


def topic(organisation: str) -> str:
    """What is announced when something in the list of an organisation changed."""
    return f"organisation:{organisation}"


@dataclass(slots=True)
class _Watched:
    """An organisation with somebody watching."""

    number: int = 0
    """Rises at every change that is told."""
    next: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the next change."""
    readers: int = 0
    task: asyncio.Task[None] | None = None


class Pulses:
    """Watches the lists that somebody looks at. Lines of a hundred talks cost one small query a second, not one each for
    every page."""

    def __init__(self, conversations: Conversations, *, pause: float = PAUSE) -> None:
        self._conversations = conversations
        self._pause = pause
        self._watched: dict[str, _Watched] = {}

    async def changes(self, organisation: str) -> AsyncGenerator[None, None]:
        """Yields at once, as the list may have changed since the page was made, and then at each change."""
        watched = self._watched.setdefault(organisation, _Watched())
        watched.readers += 1
        if watched.task is None:
            watched.task = asyncio.create_task(self._watch(organisation, watched))
        try:
            while True:
                known = watched.number
                yield
                while watched.number == known:
                    await watched.next.wait()
        finally:
            watched.readers -= 1
            if not watched.readers and watched.task is not None:
                watched.task.cancel()
                del self._watched[organisation]

    async def _watch(self, organisation: str, watched: _Watched) -> None:
        known: tuple[int, ...] | None = None

        async def look() -> tuple[int, ...] | None:
            now_is = await self._conversations.read(lambda connection: overview.pulse(connection, organisation))
            return None if now_is == known else now_is

        while True:
            try:
                found = await self._conversations.until(topic(organisation), look, LOOK_AGAIN)
            except Exception as error:  # the database failed us: the pages go on watching
                log.warning("desk.pulse.failed", **fault(error))
                await asyncio.sleep(LOOK_AGAIN)
                continue
            if found is None:
                continue
            first, known = known is None, found
            if first:
                continue
            watched.number += 1
            watched.next.set()
            watched.next = asyncio.Event()
            await asyncio.sleep(self._pause)
