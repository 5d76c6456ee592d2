"""Reads the feeds of feeds.yml again when they are due, and moves the examples on with the month.

In a process of its own, so that no conversation waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
import structlog

from bot.catalogue import examples, feeds
from bot.catalogue.lists import CatalogueDataError
from bot.catalogue.search import today_in_belgium
from bot.settings import ROOT, Settings
from bot.storage.database import Database

log = structlog.get_logger(__name__)

EVERY: Final = 300.0
"""Seconds between two looks whether a feed is due."""
_PATIENCE: Final = 10.0
COMMAND: Final = (sys.executable, "-m", "bot.cli", "catalogue", "refresh")


class Refresher:
    """Looks every now and then which feeds are due and has them read. An import that fails is tried at its next time."""

    def __init__(
        self, settings: Settings, database: Database, *, every: float = EVERY, command: Sequence[str] = COMMAND
    ) -> None:
        self._folder = settings.data_dir / "catalogue"
        self._enabled = settings.feed_refresh
        self._examples = settings.examples
        self._environment = os.environ | {
            "LEERWIJZER_DATABASE_URL": settings.database,
            "LEERWIJZER_DATA_DIR": str(settings.data_dir),
            "LEERWIJZER_VAR_DIR": str(settings.var_dir),
            "LEERWIJZER_MODELS_DIR": str(settings.models_dir),
            "LEERWIJZER_EXAMPLES": settings.examples,
            "LEERWIJZER_FEED_HOSTS": json.dumps(settings.feed_hosts),
        }
        self._database = database
        self._every = every
        self._command = tuple(command)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look, in the background."""
        if self._enabled:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends it; an import that is going on is ended too, which changes nothing."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)  # first too: what starts the application has just made the catalogue ready
            try:
                if await self._due():
                    await self._refresh()
            except (CatalogueDataError, sa.exc.SQLAlchemyError, OSError) as error:
                log.error("catalogue.refresh_failed", error=type(error).__name__)

    async def _due(self) -> bool:
        entries = feeds.load(self._folder)

        def look(connection: sa.engine.Connection) -> bool:
            waiting = feeds.due(connection, entries)
            return bool(waiting) or examples.due(connection, today_in_belgium(), self._examples)

        return await self._database.run(look, readonly=True)

    async def _refresh(self) -> None:
        """Runs the command. What came of each feed stands in the table of imports."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _PATIENCE)
        log.info("catalogue.refreshed", exit=code)
