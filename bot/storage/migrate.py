"""Brings a database to the shape of `tables.py`, from code: no alembic.ini, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.storage.database import make_engine
from bot.storage.lock import FileLock, LockHeld
from bot.trouble import Trouble

PATIENCE = 120.0
"""Seconds a process waits for another one that is migrating the same database."""

_ADVISORY_LOCK = 5_403_872_116
"""Names our migration among the advisory locks of a PostgreSQL database; any number that nothing else uses."""


class MigrationError(Trouble):
    """The database cannot be brought to the newest version; the text says why and what to do."""


def migrate(database_url: str) -> str:
    """Brings an empty or older database to the newest version and gives that version.

    All or nothing: one transaction. Safe to run from several processes at once, the first one does the work. Raises
    `MigrationError` when the database is newer than this program or another process does not finish.
    """
    with _connected(database_url) as connection:
        found = _version(connection)
        if found is not None and found not in _versions():
            raise MigrationError(
                f"The database has version {found}, which this program does not know (its newest is {head()}). "
                "Use the program that made it, or a copy of the database from before."
            )
        if found != head():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _check_references(connection)
    return head()


def current(database_url: str) -> str | None:
    """The version of a database; None when it is empty or absent. Changes and makes nothing."""
    url = sa.engine.make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    engine = make_engine(database_url)
    try:
        with engine.connect().execution_options(readonly=True) as connection:
            return _version(connection)
    finally:
        engine.dispose()


def head() -> str:
    """The newest version that this program knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise MigrationError("The program holds no migrations: it was not installed whole.")
    return str(newest)


def _config() -> Config:
    config = Config()
    # A % would be read as an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _versions() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _version(connection: sa.engine.Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    return None if found is None else str(found)


@contextmanager
def _connected(database_url: str) -> Iterator[sa.engine.Connection]:
    """A connection in a transaction, while no other process migrates the same database."""
    url = sa.engine.make_url(database_url)
    if url.get_backend_name() != "sqlite":
        engine = make_engine(database_url)
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{int(PATIENCE)}s'"))
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
                yield connection
        finally:
            engine.dispose()
        return
    lock = FileLock(Path(f"{url.database}.migrating"))
    try:
        lock.acquire(PATIENCE)
    except LockHeld as error:
        raise MigrationError(
            f"Another process has been migrating {url.database} for {PATIENCE:.0f} seconds. "
            "Wait for it, or stop it and start again."
        ) from error
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            # A table that is made anew is dropped for a moment, which must not delete the rows that refer to it. Said
            # to the driver itself, because inside a transaction SQLite ignores it.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                yield connection
    finally:
        engine.dispose()
        lock.release()


def _check_references(connection: sa.engine.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise MigrationError(
            f"After migrating, table {broken[0]} would refer to rows that are not there; nothing changed."
        )
