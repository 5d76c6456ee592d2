"""A lock between processes of one machine, beside a SQLite database.

It is itself an exclusive transaction on an empty SQLite file: the operating system lets go of it when the process ends,
however it ends, and it works the same on every system that SQLite runs on.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


class LockHeld(Exception):
    """Another process, or another part of this one, has the lock."""


class FileLock:
    """An exclusive lock on `path`, which is made when absent and stays when the lock is released."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def acquire(self, timeout: float = 0.0) -> None:
        """Takes the lock, waiting at most `timeout` seconds. Raises `LockHeld`."""
        if self._connection is not None:
            raise LockHeld(str(self.path))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if "locked" not in str(error):
                raise
            raise LockHeld(str(self.path)) from error
        self._connection = connection

    def release(self) -> None:
        """Lets go of the lock; does nothing when it is not held."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
