"""The columns of the catalogue as it stands now, made anew when it changed."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

import sqlalchemy as sa

from bot.catalogue import store
from bot.catalogue.columns import Columns
from bot.storage.database import Database

PATIENCE = 0.5
"""Seconds that a search waits for new columns before it goes on with the old ones: a small catalogue is always new."""


class Index:
    """The columns, shared by all searches of a process. The first search makes them; later ones see what changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalogue")
        self._made: tuple[tuple[Any, ...], Columns] | None = None
        self._coming: Future[Columns] | None = None

    def current(self, connection: sa.engine.Connection) -> Columns:
        """The columns of what the connection sees; for a large catalogue that just changed, of what was there before."""
        state = store.state(connection)
        with self._lock:
            if self._made is not None and self._made[0] == state:
                return self._made[1]
            if self._coming is None or self._coming.done():
                self._coming = self._pool.submit(self._make)
            coming, old = self._coming, self._made
        try:
            return coming.result(timeout=None if old is None else PATIENCE)
        except NotYet:
            if old is None:
                raise
            return old[1]

    def renewed(self) -> Columns:
        """The columns of what stands in the database now, however long that takes."""
        return self._pool.submit(self._make).result()

    def close(self) -> None:
        """Ends the thread that makes columns."""
        self._pool.shutdown(wait=True)

    def _make(self) -> Columns:
        with self._database.read() as connection:
            state = store.state(connection)
            if self._made is not None and self._made[0] == state:
                return self._made[1]
            columns = Columns.load(connection)
        self._made = (state, columns)
        return columns
