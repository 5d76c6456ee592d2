"""Polling: we ask Telegram for updates, for who has no public address. One process of all may do so."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import structlog
from telegram import Bot

from channels.errors import places
from channels.telegram.door import Door
from channels.telegram.incoming import UPDATES

log = structlog.get_logger(__name__)

_WAIT: Final = 25
"""Seconds Telegram holds the question open when there is nothing to tell."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


class Poller:
    """Takes updates one after another; one is confirmed to Telegram only when it and those before it are stored."""

    def __init__(self, door: Door, bot: Bot) -> None:
        self._door = door
        self._bot = bot
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to ask."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stops asking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        offset: int | None = None
        webhook_gone = False
        pause = _FIRST_PAUSE
        while True:
            try:
                if not webhook_gone:  # Telegram gives updates one way alone
                    webhook_gone = await self._bot.delete_webhook(drop_pending_updates=False)
                # Raw, because one update that the library cannot parse would keep us from all that follow. The Bot API does
                # not mind the capital, by which the library knows that the raw answer is meant.
                found = await self._bot.do_api_request(
                    "GetUpdates",
                    {"offset": offset, "timeout": _WAIT, "allowed_updates": list(UPDATES)},
                    read_timeout=_WAIT + 10,
                )
                for update in found:
                    await self._door.take(update)
                    offset = update["update_id"] + 1
                pause = _FIRST_PAUSE
            except Exception as error:  # whatever it is, who writes must be heard again later
                log.warning("telegram.polling.failed", error=type(error).__name__, at=places(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
