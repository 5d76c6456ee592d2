"""Transactions of the conversation service, from the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from bot.storage.database import Database

T = TypeVar("T")

_TOPICS = "topics"


def announce(connection: sa.engine.Connection, topic: str) -> None:
    """Has who waits for `topic` woken once this transaction is committed: before that there is nothing to see."""
    connection.info.setdefault(_TOPICS, set()).add(topic)


class Transactions:
    """Reads and writes, each one transaction.

    SQLite has one writer: those of this process queue here, where the next begins as soon as the one before it ended.
    In SQLite itself they would sleep and try again, up to 100 ms at a time.
    """

    def __init__(self, database: Database, wake: Callable[[str], None] = lambda topic: None) -> None:
        """`wake` is told, on the event loop, of each topic that a committed transaction announced."""
        self._database = database
        self._wake = wake
        self._turn: contextlib.AbstractAsyncContextManager[object] = (
            asyncio.Lock() if database.is_sqlite else contextlib.nullcontext()
        )

    async def write(self, work: Callable[[sa.engine.Connection], T]) -> T:
        """The result of `work` in a transaction that may write. A caller who is cancelled does not undo it."""
        async with self._turn:
            return await asyncio.shield(self._write(work))

    async def _write(self, work: Callable[[sa.engine.Connection], T]) -> T:
        def gathered(connection: sa.engine.Connection) -> tuple[T, set[str]]:
            connection.info.pop(_TOPICS, None)  # of a transaction that was rolled back
            result = work(connection)
            return result, connection.info.pop(_TOPICS, set())

        result, topics = await self._database.run(gathered)
        for topic in topics:
            self._wake(topic)
        return result

    async def read(self, work: Callable[[sa.engine.Connection], T]) -> T:
        """The result of `work` in a transaction that only reads."""
        return await self._database.run(work, readonly=True)


class Together:
    """Small writes that may wait a moment: what comes within `pause` seconds is one transaction.

    For what comes with every line and says little (that it was read): each alone would keep SQLite's one writer busy. A
    write must not raise, since those beside it would be undone.
    """

    def __init__(self, transactions: Transactions, pause: float = 0.2) -> None:
        self._transactions = transactions
        self._pause = pause
        self._works: list[Callable[[sa.engine.Connection], object]] = []
        self._batch: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[sa.engine.Connection], object]) -> None:
        """Does `work` with what else comes, and returns when it is committed."""
        self._works.append(work)
        if self._batch is None:
            self._batch = asyncio.create_task(self._commit())
        await asyncio.shield(self._batch)

    async def end(self) -> None:
        """Waits for what is still to be written."""
        if self._batch is not None:
            await self._batch

    async def _commit(self) -> None:
        await asyncio.sleep(self._pause)
        works, self._works, self._batch = self._works, [], None
        await self._transactions.write(lambda connection: [work(connection) for work in works])
