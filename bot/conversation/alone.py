"""One process at a time on a SQLite database."""

from __future__ import annotations

from pathlib import Path

from bot.storage.database import Database
from bot.storage.lock import FileLock, LockHeld
from bot.trouble import Trouble


class DatabaseInUse(Trouble):
    """Another process works on the same SQLite database."""

    advice = (
        "Stop het eerst, of geef dit een eigen map met LEERWIJZER_VAR_DIR. "
        "Met PostgreSQL (LEERWIJZER_DATABASE_URL) kunnen er verscheidene naast elkaar."
    )

    def __init__(self, path: str) -> None:
        super().__init__(f"Een ander proces gebruikt de databank {path}.")


class Alone:
    """That this process is the only one on its database; on PostgreSQL there may be several, and nothing is held."""

    def __init__(self, database: Database) -> None:
        self._path = str(database.engine.url.database)
        self._lock = FileLock(Path(f"{self._path}.running")) if database.is_sqlite else None

    @property
    def needed(self) -> bool:
        """Whether the database takes one process only."""
        return self._lock is not None

    def begin(self, patience: float = 0.0) -> None:
        """Raises `DatabaseInUse` when another process is there, and does not end within `patience` seconds."""
        if self._lock is not None:
            try:
                self._lock.acquire(patience)
            except LockHeld as error:
                raise DatabaseInUse(self._path) from error

    def end(self) -> None:
        """Lets another process have it."""
        if self._lock is not None:
            self._lock.release()
