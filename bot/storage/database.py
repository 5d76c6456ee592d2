"""One door to the database: an engine, and transactions that never block the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")


def make_engine(url: str) -> sa.engine.Engine:
    """An engine for a URL, SQLite or PostgreSQL.

    SQLite runs in write-ahead mode, so that readers and the one writer do not wait for each other, and every
    transaction begins as a writer: a reader that becomes a writer halfway could otherwise fail with "database is locked".
    Errors hide their parameters: these hold what citizens wrote.
    """
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, future=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # SQLAlchemy 1.4 would open and close the file for each transaction, and each close of the last connection writes
    # the log back: 8 ms a message instead of 2.
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        poolclass=sa.pool.QueuePool,
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = "DEFERRED" if connection.get_execution_options().get("readonly") else "IMMEDIATE"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


class Database:
    """Transactions on one engine, from synchronous code (`begin`, `read`) and from the event loop (`run`)."""

    def __init__(self, url: str, threads: int = 4) -> None:
        self.engine = make_engine(url)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")

    @property
    def is_sqlite(self) -> bool:
        return bool(self.engine.dialect.name == "sqlite")

    @contextmanager
    def begin(self) -> Iterator[sa.engine.Connection]:
        """A transaction that may write: committed at the end, rolled back on an exception."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.engine.Connection]:
        """A transaction that only reads, and waits for no writer."""
        with self.engine.connect().execution_options(readonly=True) as connection:
            yield connection

    async def run(self, work: Callable[[sa.engine.Connection], T], *, readonly: bool = False) -> T:
        """Runs `work` in a transaction on a thread of its own and gives its result."""

        def transaction() -> T:
            with self.read() if readonly else self.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._pool, transaction)

    def close(self) -> None:
        """Ends the threads and the connections."""
        self._pool.shutdown(wait=True)
        self.engine.dispose()
