"""What a channel does beside the conversation, without a second try: showing that it types, answering a press."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

from channels.errors import places

log = structlog.get_logger(__name__)

_MOST: Final = 1000
"""That may be under way; more are left out, as the provider is then in trouble anyway."""


class Courtesies:
    """Runs them in the background. The conversation does not depend on any."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._under_way: set[asyncio.Task[None]] = set()

    def do(self, courtesy: Coroutine[Any, Any, Any]) -> None:
        """Begins one, and gives at once."""
        if len(self._under_way) >= _MOST:
            courtesy.close()
            return
        task = asyncio.create_task(self._best_effort(courtesy))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Abandons those that are under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _best_effort(self, courtesy: Coroutine[Any, Any, Any]) -> None:
        try:
            await courtesy
        except Exception as error:  # its text may quote a token or a person
            log.info("courtesy.failed", channel=self._channel, error=type(error).__name__, at=places(error)[-1:])
